import { rm } from 'node:fs/promises';
import { type AliOss, createAliOss } from './create-ali-oss.ts';
import { makeFolder, ROLE, ROOT, startObjectStorage, type TestStorage } from './start-object-storage.ts';

const DAY_MS = 24 * 60 * 60_000;
const BODY = Buffer.from('{"名":"中文 🚀"}');
const FORBID = { headers: { 'x-oss-forbid-overwrite': 'true' } };

let server: TestStorage;
let client: AliOss;
beforeEach(async () => {
  server = await startObjectStorage();
  client = createAliOss({ ...ROOT, endpoint: server.origin, region: 'oss-cn-hangzhou' });
  await client.putBucket('journal');
  client.useBucket('journal');
});
afterEach(async () => {
  await server.stop();
  expect(server.entries.filter((entry) => entry.level === 'error')).toEqual([]);
});

describe('the unmodified ali-oss', () => {
  const { securityToken: stsToken, ...roleKey } = ROLE;
  test.each([
    ['a V1 signature', { ...ROOT }],
    ['a V1 signature of a temporary key', { ...roleKey, stsToken }],
    ['a V4 signature', { ...ROOT, authorizationV4: true }],
    ['a V4 signature of a temporary key', { ...roleKey, stsToken, authorizationV4: true }],
    ['a V4 signature and the region without oss-', { ...ROOT, authorizationV4: true, region: 'cn-hangzhou' }],
    ['the bucket in the path and V1', { ...ROOT, sldEnable: true }],
    ['the bucket in the path and V4', { ...ROOT, sldEnable: true, authorizationV4: true }],
  ])('stores, reads, lists and deletes with %s', async (_, options) => {
    const oss = createAliOss({ endpoint: server.origin, region: 'oss-cn-hangzhou', bucket: 'journal', ...options });
    const put = await oss.put('journal/x.json', BODY, FORBID);
    expect(put.res.headers['etag']).toMatch(/^"[0-9A-F]{32}"$/);
    await expect(oss.put('journal/x.json', BODY, FORBID)).rejects.toMatchObject({
      name: 'FileAlreadyExistsError',
      code: 'FileAlreadyExists',
      status: 409,
      ecCode: '0026-00000002',
    });
    const got = await oss.get('journal/x.json');
    expect(got.content.equals(BODY)).toBe(true);
    expect(got.res.headers['content-type']).toBe('application/json');
    const head = await oss.head('journal/x.json');
    expect(head.res.headers['content-length']).toBe(String(BODY.length));
    const listed = await oss.listV2({ prefix: 'jour' });
    expect(listed.objects?.map(({ name, size }) => [name, size])).toEqual([['journal/x.json', BODY.length]]);
    expect(listed.objects?.[0]?.etag).toBe(put.res.headers['etag']);
    expect((await oss.delete('journal/x.json')).res.status).toBe(204);
    await expect(oss.get('journal/x.json')).rejects.toMatchObject({ code: 'NoSuchKey', status: 404 });
    await expect(oss.head('journal/x.json')).rejects.toMatchObject({ code: 'NoSuchKey', status: 404 });
    expect((await oss.listBuckets({ prefix: 'j' })).buckets?.map(({ name }) => name)).toEqual(['journal']);
  });

  test('has one winner among many creates, whichever client sends them', async () => {
    const store = server.ossStore('journal');
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async (_, writer) => {
        if (writer % 2 === 0) return store.createIfAbsent('race', Buffer.from(`${writer}`));
        return client.put('race', Buffer.from(`${writer}`), FORBID).then(
          () => 'created',
          (error) => error.code,
        );
      }),
    );
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect((await store.get('race'))?.toString()).toBe(String(outcomes.indexOf('created')));
  });
});

describe('a signature', () => {
  const V4 = { region: 'oss-cn-hangzhou', bucket: 'journal', authorizationV4: true };
  const { securityToken: stsToken, ...roleKey } = ROLE;
  test.each([
    ['of an unknown key', { ...ROOT, accessKeyId: 'LTAI-nobody' }, 403, 'InvalidAccessKeyId'],
    ['with a wrong secret', { ...ROOT, accessKeySecret: 'wrong' }, 403, 'SignatureDoesNotMatch'],
    [
      'with a wrong secret and V1',
      { ...ROOT, accessKeySecret: 'wrong', authorizationV4: false },
      403,
      'SignatureDoesNotMatch',
    ],
    ['of a temporary key without its token', roleKey, 403, 'InvalidAccessKeyId'],
    ['of a temporary key with another token', { ...roleKey, stsToken: 'other' }, 403, 'InvalidSecurityToken'],
    ['of a permanent key with a token', { ...ROOT, stsToken }, 403, 'InvalidSecurityToken'],
    ['for another region', { ...ROOT, region: 'oss-cn-beijing' }, 400, 'InvalidArgument'],
  ])('%s is refused', async (_, options, status, code) => {
    const oss = createAliOss({ endpoint: server.origin, ...V4, ...options });
    await expect(oss.get('a')).rejects.toMatchObject({ status, code });
    await expect(oss.put('a', BODY)).rejects.toMatchObject({ status, code });
  });

  test.each([
    ['14 minutes late', 14 * 60_000, 404, 'NoSuchKey'],
    ['16 minutes late', 16 * 60_000, 403, 'RequestTimeTooSkewed'],
    ['14 minutes early', -14 * 60_000, 404, 'NoSuchKey'],
    ['16 minutes early', -16 * 60_000, 403, 'RequestTimeTooSkewed'],
  ])('that comes %s is judged by the clock', async (_, offset, status, code) => {
    server.advance(offset);
    for (const authorizationV4 of [true, false]) {
      const oss = createAliOss({ ...ROOT, endpoint: server.origin, ...V4, authorizationV4 });
      await expect(oss.get('a')).rejects.toMatchObject({ status, code });
    }
  });

  test.each([
    ['no authorization', {}, 403, 'AccessDenied'],
    ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }, 400, 'InvalidArgument'],
    ['half a V4 header', { authorization: 'OSS4-HMAC-SHA256 Credential=LTAI-root' }, 400, 'InvalidArgument'],
    ['V1 without a date', { authorization: `OSS LTAI-root:${'a'.repeat(27)}=` }, 403, 'AccessDenied'],
  ])('is needed: %s is refused', async (_, headers, status, code) => {
    const answer = await fetch(`${server.origin}/journal/a`, { headers });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(`<Code>${code}</Code>`);
    expect(answer.headers.get('x-oss-request-id')).toMatch(/^id-\d+$/);
  });
});

describe('PutObject', () => {
  test.each([
    ['true', 409, 'FileAlreadyExists'],
    ['TRUE', 400, 'InvalidArgument'],
    ['1', 400, 'InvalidArgument'],
  ])('with x-oss-forbid-overwrite %s answers %i on an existing key', async (value, status, code) => {
    await client.put('a', BODY);
    const options = { headers: { 'x-oss-forbid-overwrite': value } };
    await expect(client.put('a', Buffer.from('2'), options)).rejects.toMatchObject({ status, code });
    expect((await client.get('a')).content.equals(BODY)).toBe(true);
  });

  test.each([
    ['without x-oss-forbid-overwrite', {}],
    ['with x-oss-forbid-overwrite false', { headers: { 'x-oss-forbid-overwrite': 'false' } }],
  ])('%s overwrites', async (_, options) => {
    await client.put('a', BODY);
    await client.put('a', Buffer.from('2'), options);
    expect((await client.get('a')).content.toString()).toBe('2');
  });

  test.each(['Enabled', 'Suspended'])(
    'overwrites in spite of x-oss-forbid-overwrite when versioning is %s',
    async (status) => {
      expect((await client.getBucketVersioning('journal')).versionStatus).toBeUndefined();
      expect((await client.putBucketVersioning('journal', status)).status).toBe(200);
      expect((await client.getBucketVersioning('journal')).versionStatus).toBe(status);
      const store = server.ossStore('journal');
      expect(await store.createIfAbsent('a', BODY)).toBe('created');
      expect(await store.createIfAbsent('a', Buffer.from('2'))).toBe('created');
      expect((await store.get('a'))?.toString()).toBe('2');
    },
  );

  test('refuses bytes that do not fit their MD5', async () => {
    const options = { headers: { 'Content-MD5': 'XrY7u+Ae7tCTyyK7j1rNww==' } };
    await expect(client.put('a', BODY, options)).rejects.toMatchObject({ status: 400, code: 'InvalidDigest' });
    await expect(client.get('a')).rejects.toMatchObject({ code: 'NoSuchKey' });
  });

  test.each(['中文/🚀.json', 'a b', '.hidden', 'folder/', 'x'.repeat(129)])('refuses the key %j', async (key) => {
    await expect(client.put(key, BODY)).rejects.toMatchObject({ status: 400, code: 'InvalidObjectName' });
  });

  test.each([
    ['user metadata', { meta: { team: 'it' } }],
    ['a tag', { headers: { 'x-oss-tagging': 'a=b' } }],
  ])('refuses %s instead of losing it', async (_, options) => {
    await expect(client.put('a', BODY, options)).rejects.toMatchObject({ status: 501, code: 'NotImplemented' });
  });
});

describe('a bucket', () => {
  test.each(['ab', '-abc', 'abc-', `a${'b'.repeat(63)}`])('cannot be called %j', async (name) => {
    const answer = await server
      .ossStore(name)
      .get('a')
      .catch((error) => error.code);
    expect(answer).toBe('oss.NoSuchBucket');
    expect(() => server.storage.store(name)).toThrow(TypeError);
  });

  test('is described with what it was made with', async () => {
    await client.putBucket('archive', { acl: 'private', StorageClass: 'IA', dataRedundancyType: 'ZRS' });
    const { bucket } = await client.getBucketInfo('archive');
    expect(bucket).toMatchObject({
      Name: 'archive',
      Location: 'oss-cn-hangzhou',
      StorageClass: 'IA',
      DataRedundancyType: 'ZRS',
      ExtranetEndpoint: 'oss-cn-hangzhou.aliyuncs.com',
      Owner: { ID: '1234567890123456', DisplayName: '1234567890123456' },
      AccessControlList: { Grant: 'private' },
    });
    expect(bucket).not.toHaveProperty('Versioning');
  });

  test('may be made again, but not with another class', async () => {
    await client.put('a', BODY);
    await client.putBucket('journal');
    expect((await client.get('a')).content.equals(BODY)).toBe(true);
    const again = client.putBucket('journal', { StorageClass: 'IA' });
    await expect(again).rejects.toMatchObject({ status: 409, code: 'BucketAlreadyExists' });
  });

  test('that does not exist is told apart from a missing object', async () => {
    const oss = createAliOss({ ...ROOT, endpoint: server.origin, region: 'oss-cn-hangzhou', bucket: 'nowhere' });
    await expect(oss.get('a')).rejects.toMatchObject({ status: 404, code: 'NoSuchBucket' });
    await expect(oss.put('a', BODY)).rejects.toMatchObject({ status: 404, code: 'NoSuchBucket' });
    await expect(oss.getBucketVersioning('nowhere')).rejects.toMatchObject({ status: 404, code: 'NoSuchBucket' });
    await expect(server.ossStore('nowhere').get('a')).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'oss.NoSuchBucket',
    });
  });

  test('is deleted only when it is empty', async () => {
    await client.put('a', BODY);
    await expect(client.deleteBucket('journal')).rejects.toMatchObject({ status: 409, code: 'BucketNotEmpty' });
    await client.delete('a');
    await client.deleteBucket('journal');
    expect((await client.listBuckets()).buckets).toBeNull();
  });

  test('has an ACL that can be changed', async () => {
    expect((await client.getBucketACL('journal')).acl).toBe('private');
    await client.putBucketACL('journal', 'public-read');
    expect((await client.getBucketACL('journal')).acl).toBe('public-read');
    await expect(client.putBucketACL('journal', 'everyone')).rejects.toMatchObject({
      status: 400,
      code: 'InvalidArgument',
    });
  });

  test('has the tags that were put on it last, and none at first', async () => {
    expect((await client.getBucketTags('journal')).tag).toEqual({});
    await client.putBucketTags('journal', { stage: 'dev', 成本: '中心 💰' });
    expect((await client.getBucketTags('journal')).tag).toEqual({ stage: 'dev', 成本: '中心 💰' });
    await client.putBucketTags('journal', { owner: '' });
    expect((await client.getBucketTags('journal')).tag).toEqual({ owner: '' });
  });

  test('refuses a tag whose key the platform keeps for itself', async () => {
    await expect(client.putBucketTags('journal', { aliyunX: '1' })).rejects.toMatchObject({
      status: 400,
      code: 'InvalidTag',
    });
  });

  test('has an encryption rule once one is set', async () => {
    const none = client.getBucketEncryption('journal');
    await expect(none).rejects.toMatchObject({ status: 404, code: 'NoSuchServerSideEncryptionRule' });
    await client.putBucketEncryption('journal', { SSEAlgorithm: 'KMS', KMSMasterKeyID: '9468da86-3509-4f8d' });
    expect((await client.getBucketEncryption('journal')).encryption).toEqual({
      SSEAlgorithm: 'KMS',
      KMSMasterKeyID: '9468da86-3509-4f8d',
    });
    await client.putBucketEncryption('journal', { SSEAlgorithm: 'AES256' });
    expect((await client.getBucketEncryption('journal')).encryption).toEqual({ SSEAlgorithm: 'AES256' });
    const unknown = client.putBucketEncryption('journal', { SSEAlgorithm: 'ROT13' });
    await expect(unknown).rejects.toMatchObject({ status: 400, code: 'InvalidArgument' });
  });

  test('keeps its settings and objects when the server starts again', async () => {
    const directory = await makeFolder();
    for (const round of [1, 2]) {
      const again = await startObjectStorage(directory);
      const oss = createAliOss({ ...ROOT, endpoint: again.origin, region: 'oss-cn-hangzhou', bucket: 'kept' });
      if (round === 1) {
        await oss.putBucket('kept');
        await oss.putBucketEncryption('kept', { SSEAlgorithm: 'AES256' });
        await oss.put('a/b.json', BODY);
      }
      expect((await oss.getBucketEncryption('kept')).encryption).toEqual({ SSEAlgorithm: 'AES256' });
      expect((await oss.get('a/b.json')).content.equals(BODY)).toBe(true);
      expect((await again.storage.store('kept').get('a/b.json'))?.equals(BODY)).toBe(true);
      await again.stop();
    }
    await rm(directory, { recursive: true });
  });
});

describe('ListObjectsV2', () => {
  const KEYS = ['a', 'a/1', 'a/2/x', 'a/2/y', 'a/3', 'b/1', 'c'];
  beforeEach(async () => {
    for (const key of KEYS) await client.put(key, BODY);
  });

  test.each([
    ['everything', {}, KEYS, null],
    ['a prefix', { prefix: 'a/' }, ['a/1', 'a/2/x', 'a/2/y', 'a/3'], null],
    ['what comes after a key', { 'start-after': 'a/3' }, ['b/1', 'c'], null],
    ['folders', { delimiter: '/' }, ['a', 'c'], ['a/', 'b/']],
    ['folders under a prefix', { prefix: 'a/', delimiter: '/' }, ['a/1', 'a/3'], ['a/2/']],
    ['keys in URL encoding', { prefix: 'a/2', 'encoding-type': 'url' }, ['a%2F2%2Fx', 'a%2F2%2Fy'], null],
  ])('gives %s', async (_, query, keys, prefixes) => {
    const page = await client.listV2({ ...query });
    expect(page.objects?.map(({ name }) => name)).toEqual(keys);
    expect(page.prefixes).toEqual(prefixes);
    expect(page.isTruncated).toBe(false);
    expect(page.keyCount).toBe(keys.length + (prefixes?.length ?? 0));
  });

  test.each([
    ['keys', {}, KEYS],
    ['keys and folders', { delimiter: '/' }, ['a', 'a/', 'b/', 'c']],
  ])('gives %s page by page', async (_, query, expected) => {
    for (const authorizationV4 of [false, true]) {
      const options = { endpoint: server.origin, region: 'oss-cn-hangzhou', bucket: 'journal', authorizationV4 };
      const oss = createAliOss({ ...ROOT, ...options });
      const seen: string[] = [];
      let token: string | null = null;
      do {
        const page = await oss.listV2({ ...query, 'max-keys': 1, ...(token ? { 'continuation-token': token } : {}) });
        expect(page.keyCount).toBe(1);
        seen.push(...(page.objects ?? []).map(({ name }) => name), ...(page.prefixes ?? []));
        token = page.nextContinuationToken;
      } while (token !== null && seen.length <= expected.length);
      expect(seen).toEqual(expected);
    }
  });

  test('names the owner when asked', async () => {
    expect((await client.listV2({ prefix: 'c' })).objects?.[0]?.owner).toBeNull();
    expect((await client.listV2({ prefix: 'c', 'fetch-owner': 'true' })).objects?.[0]?.owner?.id).toBe(
      '1234567890123456',
    );
  });

  test.each([
    ['max-keys 0', { 'max-keys': 0 }],
    ['max-keys 1001', { 'max-keys': 1001 }],
    ['max-keys that is no number', { 'max-keys': 'many' }],
    ['a token that was never given', { 'continuation-token': '???' }],
    ['a prefix of 1,024 bytes', { prefix: '中'.repeat(342) }],
    ['another encoding', { 'encoding-type': 'html' }],
  ])('refuses %s', async (_, query) => {
    await expect(client.listV2(query)).rejects.toMatchObject({ status: 400, code: 'InvalidArgument' });
  });

  test('refuses version 1', async () => {
    await expect(client.list({ prefix: 'a' })).rejects.toMatchObject({ status: 501, code: 'NotImplemented' });
  });
});

// ali-oss gives the status of some calls back instead of throwing on a refusal.
describe('a retention policy', () => {
  test('protects objects for its days, first unlocked for a day, then locked', async () => {
    await expect(client.getBucketWorm('journal')).rejects.toMatchObject({
      status: 404,
      code: 'NoSuchWORMConfiguration',
    });
    const { wormId } = await client.initiateBucketWorm('journal', '2');
    expect(await client.getBucketWorm('journal')).toMatchObject({ wormId, state: 'InProgress', days: '2' });
    await client.put('a', BODY);
    await expect(client.delete('a')).rejects.toMatchObject({ status: 409, code: 'FileImmutable' });
    expect((await client.completeBucketWorm('journal', 'other')).status).toBe(404);
    expect((await client.completeBucketWorm('journal', wormId)).status).toBe(200);
    expect((await client.getBucketWorm('journal')).state).toBe('Locked');
    await expect(client.put('a', BODY)).rejects.toMatchObject({ status: 409, code: 'FileImmutable' });
    await expect(client.put('a', BODY, FORBID)).rejects.toMatchObject({ status: 409, code: 'FileAlreadyExists' });
    expect((await client.abortBucketWorm('journal')).status).toBe(403);

    const store = server.ossStore('journal');
    server.advance(2 * DAY_MS - 60_000);
    await expect(store.delete('a')).rejects.toMatchObject({ name: 'PermanentError', code: 'oss.FileImmutable' });
    server.advance(2 * 60_000);
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
  });

  test('that is not locked within a day is void', async () => {
    await client.put('a', BODY);
    await client.initiateBucketWorm('journal', '365');
    server.advance(DAY_MS + 60_000);
    const store = server.ossStore('journal');
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
  });

  test('can be given up before it is locked', async () => {
    await client.put('a', BODY);
    await client.initiateBucketWorm('journal', '365');
    expect((await client.abortBucketWorm('journal')).status).toBe(204);
    await client.delete('a');
  });

  test.each(['0', '25551', '1.5', 'long'])('cannot last %j days', async (days) => {
    const refused = client.initiateBucketWorm('journal', days);
    await expect(refused).rejects.toMatchObject({ status: 400, code: 'InvalidWORMConfiguration' });
  });

  test('and versioning exclude each other', async () => {
    await client.putBucket('versioned');
    await client.putBucketVersioning('versioned', 'Enabled');
    await expect(client.initiateBucketWorm('versioned', '1')).rejects.toMatchObject({ ecCode: '0027-00000003' });
    await client.initiateBucketWorm('journal', '1');
    const refused = await client.putBucketVersioning('journal', 'Enabled');
    expect(refused.status).toBe(400);
    expect((await client.getBucketVersioning('journal')).versionStatus).toBeUndefined();
  });
});

describe('a fault that was asked for', () => {
  test('answers in the shape of OSS, once', async () => {
    server.faults.add({
      service: 'oss',
      operation: 'PutObject',
      fault: { kind: 'error', status: 503, code: 'ServiceUnavailable' },
    });
    await expect(client.put('a', BODY)).rejects.toMatchObject({ status: 503, code: 'ServiceUnavailable' });
    expect((await client.put('a', BODY)).res.status).toBe(200);
  });

  test('hits the operation it names only', async () => {
    const operations = ['ListObjects', 'GetObject', 'HeadObject', 'DeleteObject', 'PutBucket', 'ListBuckets'];
    for (const operation of operations) {
      server.faults.add({ service: 'oss', operation, fault: { kind: 'error', status: 500, code: 'InternalError' } });
    }
    await client.put('a', BODY);
    const calls = [
      () => client.listV2(),
      () => client.get('a'),
      () => client.head('a'),
      () => client.delete('a'),
      () => client.putBucket('other'),
      () => client.listBuckets(),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({ status: 500 });
      await expect(call()).resolves.toBeDefined();
    }
  });

  test('can lose the answer of a put that was stored, so that the writer finds its own bytes', async () => {
    server.faults.add({ service: 'oss', operation: 'PutObject', fault: { kind: 'lose_answer' } });
    const store = server.ossStore('journal');
    await expect(store.createIfAbsent('a', BODY)).rejects.toMatchObject({
      name: 'TransientError',
      code: 'oss.unreachable',
    });
    expect(await store.createIfAbsent('a', BODY)).toBe('exists');
    expect((await store.get('a'))?.equals(BODY)).toBe(true);
  });
});

test('no log line holds a secret, a token or a body', async () => {
  await client.put('a', BODY);
  await expect(client.put('中文', BODY)).rejects.toThrow();
  const lines = JSON.stringify(server.entries);
  expect(lines).toContain('InvalidObjectName');
  expect(lines).not.toMatch(/root-secret|role-secret|a\/token|🚀/);
});
