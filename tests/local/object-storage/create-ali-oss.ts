import OSS from 'ali-oss';

/** The calls of ali-oss 6.23.0 used in the tests, some of which its type package does not know. */
export interface AliOss {
  useBucket(name: string): void;
  putBucket(name: string, options?: object): Promise<object>;
  deleteBucket(name: string): Promise<object>;
  getBucketInfo(name: string): Promise<{ bucket: Record<string, unknown> }>;
  listBuckets(query?: object): Promise<{ buckets: { name: string }[] | null; isTruncated: boolean }>;
  getBucketACL(name: string): Promise<{ acl: string }>;
  putBucketACL(name: string, acl: string): Promise<object>;
  getBucketTags(name: string): Promise<{ tag: Record<string, string> }>;
  putBucketTags(name: string, tags: Record<string, string>): Promise<{ status: number }>;
  getBucketVersioning(name: string): Promise<{ versionStatus: string | undefined }>;
  putBucketVersioning(name: string, status: string): Promise<{ status: number }>;
  getBucketEncryption(name: string): Promise<{ encryption: Record<string, string> }>;
  putBucketEncryption(name: string, options: object): Promise<{ status: number }>;
  initiateBucketWorm(name: string, days: string): Promise<{ wormId: string }>;
  completeBucketWorm(name: string, wormId: string): Promise<{ status: number }>;
  abortBucketWorm(name: string): Promise<{ status: number }>;
  getBucketWorm(name: string): Promise<{ wormId: string; state: string; days: string }>;
  put(
    key: string,
    body: Buffer,
    options?: object,
  ): Promise<{ res: { status: number; headers: Record<string, string> } }>;
  get(key: string, options?: object): Promise<{ content: Buffer; res: { headers: Record<string, string> } }>;
  head(key: string): Promise<{ status: number; res: { headers: Record<string, string> } }>;
  delete(key: string): Promise<{ res: { status: number } }>;
  listV2(query?: object): Promise<{
    objects: { name: string; size: number; etag: string; owner: { id: string } | null }[] | undefined;
    prefixes: string[] | null;
    isTruncated: boolean;
    keyCount: number;
    nextContinuationToken: string | null;
  }>;
  list(query: object): Promise<object>;
}

/** The unmodified client. `refreshSTSTokenInterval` only stops it from printing a warning. */
export function createAliOss(options: OSS.Options & { sldEnable?: boolean }): AliOss {
  const client: unknown = new OSS({ refreshSTSTokenInterval: 300_000, ...options });
  return client as AliOss;
}
