import OSS from 'ali-oss';
import type { Credentials } from '../shared/alicloud/credentials.ts';
import type { Change } from './change.ts';
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
    if (!target.lookOnly) await client.putBucket(name, { acl: 'private' });
    return { kind, name, did: 'created' };
  }
  const { versionStatus } = await client.getBucketVersioning(name);
  if (versionStatus) {
    throw new Error(
      `versioning of bucket ${name} is "${versionStatus}": OSS then overwrites records silently; use a bucket that never had versioning`,
    );
  }
  const { acl } = await client.getBucketACL(name);
  if (acl === 'private') return { kind, name, did: 'unchanged' };
  if (!target.lookOnly) await client.putBucketACL(name, 'private');
  return { kind, name, did: 'updated', detail: `it was ${acl} and is private` };
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
  putBucket(name: string, options: object): Promise<unknown>;
  getBucketInfo(name: string): Promise<unknown>;
  getBucketACL(name: string): Promise<{ acl: string }>;
  putBucketACL(name: string, acl: string): Promise<unknown>;
  getBucketVersioning(name: string): Promise<{ versionStatus: string | undefined }>;
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
