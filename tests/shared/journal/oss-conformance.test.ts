import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ConnectionCut,
  type HttpRequest,
  type HttpResponse,
  type RunningServer,
  serve,
} from '../../../local/http/server.ts';
import type { Credentials } from '../../../shared/alicloud/credentials.ts';
import { PermanentError, TransientError } from '../../../shared/errors.ts';
import { type CallHttp, callHttp } from '../../../shared/http/call.ts';
import type { ObjectStore } from '../../../shared/journal/object-store.ts';
import { createOssStore } from '../../../shared/journal/oss-store.ts';
import { createAliOss } from '../../local/object-storage/create-ali-oss.ts';

const KEY = { accessKeyId: 'LTAI5tExample', accessKeySecret: 'secret/with+signs=' };
const STS = { ...KEY, accessKeyId: 'STS.NTexample', securityToken: 'CAIS/token+of=a==role' };
const EMPTY_LIST = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';
const OK = { 'x-oss-request-id': '65F0EXAMPLE' };

function openStore(
  origin: string,
  options: { credentials?: Credentials; now?: number; http?: CallHttp } = {},
): ObjectStore {
  const { credentials = KEY, now = Date.UTC(2026, 10, 24, 2, 26, 34), http = callHttp } = options;
  const clock = { now: () => now, sleep: async () => undefined };
  return createOssStore({
    endpoint: origin,
    region: 'cn-hangzhou',
    bucket: 'journal-prod',
    credentials: () => credentials,
    http,
    clock,
  });
}

describe('our client sends byte for byte the signature of the unmodified ali-oss', () => {
  const requests: HttpRequest[] = [];
  let server: RunningServer;
  beforeAll(async () => {
    server = await serve(async (request) => {
      requests.push(request);
      if (request.method === 'DELETE') return { status: 204, headers: OK };
      return { status: 200, headers: OK, body: request.rawQuery.includes('list-type') ? EMPTY_LIST : '' };
    });
  });
  afterAll(() => server.close());

  const BODY = Buffer.from('{"title":"中文 🚀"}');
  const FORBID = { headers: { 'x-oss-forbid-overwrite': 'true' } };
  type Client = ReturnType<typeof createAliOss>;

  // ali-oss sends a content type by file ending on every method; ours only with a body, hence keys without an ending.
  test.each<[string, (client: Client) => Promise<unknown>, (store: ObjectStore) => Promise<unknown>]>([
    [
      'to create an object of JSON',
      (client) => client.put('records/dingtalk.x/1.json', BODY, FORBID),
      (store) => store.createIfAbsent('records/dingtalk.x/1.json', BODY),
    ],
    [
      'to create an object of another kind',
      (client) => client.put('open/marker-1', BODY, FORBID),
      (store) => store.createIfAbsent('open/marker-1', BODY),
    ],
    [
      'to create an empty object',
      (client) => client.put('open/empty', Buffer.alloc(0), FORBID),
      (store) => store.createIfAbsent('open/empty', Buffer.alloc(0)),
    ],
    ['to get an object', (client) => client.get('open/marker-1'), (store) => store.get('open/marker-1')],
    ['to delete an object', (client) => client.delete('open/marker-1'), (store) => store.delete('open/marker-1')],
    [
      'to list a prefix',
      (client) => client.listV2({ 'max-keys': '1000', prefix: 'open/' }),
      (store) => store.list('open/'),
    ],
    [
      'to list after a key',
      (client) => client.listV2({ 'max-keys': '7', prefix: 'a b/中文', 'start-after': "a b/中文!'()*~" }),
      (store) => store.list('a b/中文', { limit: 7, after: "a b/中文!'()*~" }),
    ],
  ])('%s', async (_, theirs, ours) => {
    for (const credentials of [KEY, STS]) {
      requests.length = 0;
      const { securityToken, ...key } = { securityToken: undefined, ...credentials };
      const options = {
        endpoint: server.origin,
        region: 'oss-cn-hangzhou',
        bucket: 'journal-prod',
        authorizationV4: true,
      };
      await theirs(createAliOss({ ...key, ...options, stsToken: securityToken }));
      const date = String(requests[0]?.headers['x-oss-date']);
      const now = Date.parse(date.replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:'));
      await ours(openStore(server.origin, { credentials, now }));
      const [expected, actual] = requests.map(signedPart);
      expect(actual).toEqual(expected);
      expect(String(actual?.authorization)).toContain('OSS4-HMAC-SHA256 Credential=');
    }
  });

  function signedPart({ method, query, headers }: HttpRequest) {
    const names = Object.keys(headers).filter((name) =>
      /^(authorization|content-type|content-md5|x-oss-.*)$/.test(name),
    );
    const signed: Record<string, unknown> = Object.fromEntries(names.map((name) => [name, headers[name]]));
    return { method, query: [...query].sort(), ...signed, authorization: signed['authorization'] };
  }
});

test.each([
  ['https://oss-cn-hangzhou.aliyuncs.com', 'https://journal-prod.oss-cn-hangzhou.aliyuncs.com/a/b.json'],
  [
    'https://oss-cn-hangzhou-internal.aliyuncs.com/',
    'https://journal-prod.oss-cn-hangzhou-internal.aliyuncs.com/a/b.json',
  ],
  ['http://127.0.0.1:9000', 'http://127.0.0.1:9000/journal-prod/a/b.json'],
  ['http://localhost:9000', 'http://localhost:9000/journal-prod/a/b.json'],
  ['http://[::1]:9000', 'http://[::1]:9000/journal-prod/a/b.json'],
])('the endpoint %s puts the bucket where it can be reached', async (endpoint, expected) => {
  const urls: string[] = [];
  const http: CallHttp = async (call) => {
    urls.push(call.url);
    return { status: 200, headers: OK, body: Buffer.from('x') };
  };
  await openStore(endpoint, { http }).get('a/b.json');
  expect(urls).toEqual([expected]);
});

test('asks for credentials before each call, so that temporary keys may change', async () => {
  const seen: (string | undefined)[] = [];
  let round = 0;
  const store = createOssStore({
    endpoint: 'http://127.0.0.1:9',
    region: 'cn-hangzhou',
    bucket: 'journal-prod',
    credentials: () => ({ ...STS, securityToken: `token-${++round}` }),
    http: async (call) => {
      seen.push(call.headers?.['x-oss-security-token']);
      return { status: 204, headers: OK, body: Buffer.alloc(0) };
    },
    clock: { now: () => 0, sleep: async () => undefined },
  });
  await store.delete('a');
  await store.delete('a');
  expect(seen).toEqual(['token-1', 'token-2']);
});

const xmlError = (code: string) => `<?xml version="1.0" encoding="UTF-8"?>\n<Error>
  <Code>${code}</Code>
  <Message>中文 &amp; "quotes" &lt;tag&gt;</Message>
  <RequestId>65F0EXAMPLE</RequestId>
  <EC>0000-00000000</EC>
</Error>`;
const refuse = (status: number, code: string): HttpResponse => ({ status, headers: OK, body: xmlError(code) });
const HTML = '<!DOCTYPE html><html><head><title>登录</title></head><body><br>Please log in</body></html>';

describe('a bad answer', () => {
  let server: RunningServer;
  let answer: () => HttpResponse;
  let store: ObjectStore;
  beforeAll(async () => {
    server = await serve(async (_, signal) => {
      const response = answer();
      if (response.status === 0) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return response;
    });
    store = openStore(server.origin, { http: (call) => callHttp({ ...call, timeoutMs: 500 }) });
  });
  afterAll(() => server.close());

  const calls: [string, () => Promise<unknown>][] = [
    ['createIfAbsent', () => store.createIfAbsent('a/b.json', Buffer.from('payload'))],
    ['get', () => store.get('a/b.json')],
    ['delete', () => store.delete('a/b.json')],
    ['list', () => store.list('a/')],
  ];

  test.each<[string, HttpResponse, typeof TransientError | typeof PermanentError, string]>([
    ['200 with HTML', { status: 200, body: HTML }, TransientError, 'oss.unreadable_answer'],
    [
      '200 with well-formed HTML',
      { status: 200, body: '<html><p>hi</p></html>' },
      TransientError,
      'oss.unreadable_answer',
    ],
    [
      '200 with garbage',
      { status: 200, body: Buffer.from([0, 255, 254, 60]) },
      TransientError,
      'oss.unreadable_answer',
    ],
    [
      '200 with an error inside',
      { status: 200, body: xmlError('AccessDenied') },
      TransientError,
      'oss.unreadable_answer',
    ],
    ['200 with nothing', { status: 200 }, TransientError, 'oss.unreadable_answer'],
    ['302 to a login page', { status: 302, headers: { location: '/login' } }, TransientError, 'oss.unreadable_answer'],
    ['404 with HTML', { status: 404, body: HTML }, TransientError, 'oss.unreadable_answer'],
    ['409 with nothing', { status: 409 }, TransientError, 'oss.unreadable_answer'],
    ['500 with nothing', { status: 500 }, TransientError, 'oss.unreadable_answer'],
    ['502 with HTML', { status: 502, body: HTML }, TransientError, 'oss.unreadable_answer'],
    [
      '403 with half an XML',
      { status: 403, body: xmlError('AccessDenied').slice(0, -10) },
      TransientError,
      'oss.unreadable_answer',
    ],
    ['429', refuse(429, 'TooManyRequests'), TransientError, 'oss.TooManyRequests'],
    ['500', refuse(500, 'InternalError'), TransientError, 'oss.InternalError'],
    ['503', refuse(503, 'ServiceUnavailable'), TransientError, 'oss.ServiceUnavailable'],
    ['a limit', refuse(503, 'TotalQpsLimitExceeded'), TransientError, 'oss.TotalQpsLimitExceeded'],
    ['a limit with 400', refuse(400, 'QpsLimitExceeded'), TransientError, 'oss.QpsLimitExceeded'],
    ['a late signature', refuse(403, 'RequestTimeTooSkewed'), TransientError, 'oss.RequestTimeTooSkewed'],
    ['400', refuse(400, 'InvalidArgument'), PermanentError, 'oss.InvalidArgument'],
    ['403', refuse(403, 'AccessDenied'), PermanentError, 'oss.AccessDenied'],
    ['a wrong key', refuse(403, 'SignatureDoesNotMatch'), PermanentError, 'oss.SignatureDoesNotMatch'],
    ['no bucket', refuse(404, 'NoSuchBucket'), PermanentError, 'oss.NoSuchBucket'],
    ['another conflict', refuse(409, 'FileImmutable'), PermanentError, 'oss.FileImmutable'],
    ['a hang', { status: 0 }, TransientError, 'oss.timeout'],
  ])('%s is told apart for every call', async (_, response, kind, code) => {
    answer = () => response;
    for (const [name, call] of calls) {
      const error = await call().then(
        () => `${name} resolved`,
        (thrown) => thrown,
      );
      expect(error).toBeInstanceOf(kind);
      expect(error.code).toBe(code);
      expect(error.message).not.toMatch(/payload|secret|Please log in/);
    }
  });

  test('that is cut off is transient', async () => {
    answer = () => {
      throw new ConnectionCut();
    };
    await expect(store.get('a')).rejects.toMatchObject({ name: 'TransientError', code: 'oss.unreachable' });
  });

  test('that is longer than a record can be is transient', async () => {
    answer = () => ({ status: 200, headers: OK, body: Buffer.alloc(2 * 1024 * 1024) });
    await expect(store.get('a')).rejects.toMatchObject({ name: 'TransientError', code: 'oss.answer_too_long' });
  });

  test('that ends before its length is transient', async () => {
    const broken = createServer((_, response) => {
      response.writeHead(200, { ...OK, 'content-length': '100' });
      response.write('half a record', () => response.destroy());
    });
    await new Promise<void>((resolve) => broken.listen(0, '127.0.0.1', resolve));
    const { port } = broken.address() as AddressInfo;
    const call = openStore(`http://127.0.0.1:${port}`).get('a');
    await expect(call).rejects.toMatchObject({ name: 'TransientError', code: 'oss.unreachable' });
    await new Promise((resolve) => broken.close(resolve));
  });

  test.each([
    ['of another kind', '<ListAllMyBucketsResult/>'],
    ['that does not say if it is whole', '<ListBucketResult></ListBucketResult>'],
    ['that does not say where it goes on', '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>'],
    ['with a nameless object', '<ListBucketResult><IsTruncated>false</IsTruncated><Contents/></ListBucketResult>'],
    ['with an unknown entity', '<ListBucketResult><IsTruncated>false</IsTruncated>&nbsp;</ListBucketResult>'],
    ['with a DOCTYPE', `<!DOCTYPE x [<!ENTITY a "b">]>${EMPTY_LIST}`],
    ['with crossed tags', '<ListBucketResult><IsTruncated>false</ListBucketResult></IsTruncated>'],
    ['twice', EMPTY_LIST + EMPTY_LIST],
  ])('to a listing %s is transient', async (_, body) => {
    answer = () => ({ status: 200, headers: OK, body });
    await expect(store.list('a/')).rejects.toMatchObject({ name: 'TransientError', code: 'oss.unreadable_answer' });
  });

  test('that sends a listing round in circles is transient', async () => {
    const body = `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>`;
    answer = () => ({ status: 200, headers: OK, body });
    await expect(store.list('a/')).rejects.toMatchObject({ name: 'TransientError', code: 'oss.endless_listing' });
  });
});

describe('an answer that is no failure', () => {
  test.each([
    [
      '409 FileAlreadyExists to a create means that somebody was first',
      refuse(409, 'FileAlreadyExists'),
      'create',
      'exists',
    ],
    ['404 NoSuchKey to a get means that there is nothing', refuse(404, 'NoSuchKey'), 'get', undefined],
    ['404 NoSuchKey to a delete means that it is done', refuse(404, 'NoSuchKey'), 'delete', undefined],
  ])('%s', async (_, response, call, expected) => {
    const store = openStore('http://127.0.0.1:9', { http: async () => asAnswer(response) });
    const calls = {
      create: () => store.createIfAbsent('a', Buffer.from('b')),
      get: () => store.get('a'),
      delete: () => store.delete('a'),
    };
    expect(await calls[call as keyof typeof calls]()).toBe(expected);
  });

  test('a listing is read with entities, attributes and short pages, and without keys that are none of ours', async () => {
    const pages = [
      `<?xml version="1.0" encoding="UTF-8"?>
      <ListBucketResult xmlns='http://doc.oss-cn-hangzhou.aliyuncs.com'>
        <Name>journal-prod</Name><Prefix>a&#x2F;</Prefix>
        <Contents><Key>a&#47;1.json</Key><ETag>&quot;5B3C1A2E&quot;</ETag><Owner><ID>1</ID></Owner></Contents>
        <Contents><Key>a/中文 &amp; &lt;🚀&gt;</Key><Size>3</Size></Contents>
        <IsTruncated>true</IsTruncated><NextContinuationToken>CgJi/+=</NextContinuationToken>
      </ListBucketResult>`,
      '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>2</NextContinuationToken></ListBucketResult>',
      '<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a/2.json</Key></Contents></ListBucketResult>',
    ];
    const queries: string[] = [];
    const http: CallHttp = async ({ url }) => {
      queries.push(new URL(url).search);
      return asAnswer({ status: 200, headers: OK, body: pages[queries.length - 1] ?? '' });
    };
    expect(await openStore('http://127.0.0.1:9', { http }).list('a/', { after: 'a/0', limit: 5 })).toEqual([
      'a/1.json',
      'a/2.json',
    ]);
    expect(queries).toEqual([
      '?list-type=2&max-keys=5&prefix=a%2F&start-after=a%2F0',
      '?continuation-token=CgJi%2F%2B%3D&list-type=2&max-keys=4&prefix=a%2F',
      '?continuation-token=2&list-type=2&max-keys=4&prefix=a%2F',
    ]);
  });

  function asAnswer({ status, headers = {}, body = '' }: HttpResponse) {
    return { status, headers, body: Buffer.from(body) };
  }
});
