import OSS from 'ali-oss';
import type { Credentials } from '../shared/alicloud/credentials.ts';
import type { Change } from './change.ts';
import { foreignChange, hasOwnTags, ownTags } from './ownership.ts';
import { type SetupTarget, targetNames } from './target.ts';

/**
 * The two buckets of the journal: records, which are only ever created and read, and work, whose markers and leases
 * come and go. Both private. Versioning must never have been on: it makes OSS ignore create-if-absent.
 */
export async function setUpBuckets(target: SetupTarget): Promise<Change[]> {
  const { recordsBucket, workBucket } = targetNames(target);
  const client = createOssClient(target);
  const changes: Change[] = [];
  for (const bucket of [recordsBucket, workBucket]) changes.push(await setUpBucket(target, client, bucket));
  return changes;
}

async function setUpBucket(target: SetupTarget, client: BucketClient, name: string): Promise<Change> {
  const kind = 'bucket';
  if (!(await bucketExists(client, name))) {
    if (!target.lookOnly) {
      await client.putBucket(name, { acl: 'private' });
      await client.putBucketTags(name, ownTags(target));
    }
    return { kind, name, did: 'created' };
  }
  const { versionStatus } = await client.getBucketVersioning(name);
  if (versionStatus) return { kind, name, did: 'refused', detail: versioned(versionStatus) };
  const found = { acl: (await client.getBucketACL(name)).acl, tags: (await client.getBucketTags(name)).tag };
  const change: Change = { kind, name, ...(await differenceOf(target, client, name, found)) };
  if (change.did !== 'updated' || target.lookOnly) return change;
  if (found.acl !== 'private') await client.putBucketACL(name, 'private');
  await client.putBucketTags(name, { ...found.tags, ...ownTags(target) });
  return change;
}

const versioned = (status: string) =>
  `its versioning is "${status}", which cannot be undone and makes OSS overwrite records silently; delete the bucket, or give the environment another name`;

/** A bucket that was made and not yet marked when setup ended early is empty, so that nobody loses it to us. */
async function differenceOf(
  target: SetupTarget,
  client: BucketClient,
  name: string,
  { acl, tags }: { acl: string; tags: Record<string, string> },
): Promise<Pick<Change, 'did' | 'detail'>> {
  const isMarked = hasOwnTags(target, tags);
  if (!isMarked && !(await isEmpty(client, name))) return foreignChange(target, 'bucket', name);
  if (acl !== 'private') return { did: 'updated', detail: `it was ${acl} and is private` };
  return isMarked ? { did: 'unchanged' } : { did: 'updated', detail: 'its tag' };
}

async function isEmpty(client: BucketClient, name: string): Promise<boolean> {
  client.useBucket(name);
  return ((await client.listV2({ 'max-keys': '1' })).objects ?? []).length === 0;
}

export async function bucketExists(client: BucketClient, name: string): Promise<boolean> {
  try {
    await client.getBucketInfo(name);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'NoSuchBucket') return false;
    throw error;
  }
}

/** The calls of ali-oss that are used here; its type package does not know all of them. */
interface BucketClient {
  useBucket(name: string): void;
  putBucket(name: string, options: object): Promise<unknown>;
  getBucketInfo(name: string): Promise<unknown>;
  getBucketACL(name: string): Promise<{ acl: string }>;
  putBucketACL(name: string, acl: string): Promise<unknown>;
  getBucketTags(name: string): Promise<{ tag: Record<string, string> }>;
  putBucketTags(name: string, tags: Record<string, string>): Promise<unknown>;
  getBucketVersioning(name: string): Promise<{ versionStatus: string | undefined }>;
  listV2(query: object): Promise<{ objects: readonly unknown[] | undefined }>;
}

export function createOssClient({ region, credentials, endpoints }: SetupTarget): BucketClient {
  const client: unknown = new OSS({
    ...keysOf(credentials),
    region: `oss-${region}`,
    authorizationV4: true,
    ...(endpoints.oss === undefined ? {} : { endpoint: endpoints.oss }),
  });
  return client as BucketClient;
}

function keysOf({ accessKeyId, accessKeySecret, securityToken }: Credentials) {
  const keys = { accessKeyId, accessKeySecret };
  return securityToken === undefined ? keys : { ...keys, stsToken: securityToken };
}
