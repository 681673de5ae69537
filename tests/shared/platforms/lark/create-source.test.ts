import { randomBytes } from 'node:crypto';
import { callHttp, type HttpCall } from '../../../../shared/http/call.ts';
import { createLarkSource } from '../../../../shared/platforms/lark/create-source.ts';
import type { PlatformTools, Variables } from '../../../../shared/platforms/tools.ts';
import { DETAIL, HINT, NAMES } from './instance-detail.ts';
import { NOW, ok, startScripted } from './scripted-lark.ts';
import { APPROVED, callback, ENCRYPT_KEY, plainCallback, TOKEN } from './sealed-callback.ts';

const VARIABLES: Variables = { LARK_APP_ID: 'cli_1', LARK_APP_SECRET: 'app-secret', LARK_VERIFICATION_TOKEN: TOKEN };
const tools = (http = callHttp): PlatformTools => ({
  http,
  randomBytes,
  clock: { now: () => NOW, sleep: async () => undefined },
});

test.each([
  ['of its own', 'tenant-1', 'tenant-1'],
  ['of its app where it has none', undefined, 'cli_1'],
  ['of its app where it is not set', 'not-set', 'cli_1'],
])('the source has the tenant %s', (_, key, tenant) => {
  expect(createLarkSource({ ...VARIABLES, LARK_TENANT_KEY: key }, tools())).toMatchObject({ name: 'lark', tenant });
});

test('with an encrypt key only encrypted callbacks are taken, without it only plain ones', () => {
  const kinds = [undefined, ENCRYPT_KEY].map((key) => {
    const source = createLarkSource({ ...VARIABLES, LARK_ENCRYPT_KEY: key }, tools());
    return [plainCallback(APPROVED), callback(APPROVED)].map((request) => source.openCallback(request).kind);
  });
  expect(kinds).toEqual([
    ['event', 'rejected'],
    ['rejected', 'event'],
  ]);
});

test('it knows its own callbacks', () => {
  const source = createLarkSource(VARIABLES, tools());
  expect(source.recognises(plainCallback(APPROVED))).toBe(true);
  expect(source.recognises(plainCallback('{}'))).toBe(false);
});

test('it reads and lists approvals at the address it is given, and has nothing undelivered', async () => {
  const scripted = await startScripted(({ rawPath }) => {
    if (rawPath.endsWith('/query')) return ok({ instance_list: [{ instance: { code: 'A-1' } }] });
    return rawPath.includes('/users/') ? ok({ user: { name: NAMES[rawPath.slice(-4)] } }) : ok(DETAIL);
  });
  const source = createLarkSource({ ...VARIABLES, LARK_ENDPOINT: scripted.origin }, tools());
  expect(await source.readApproval(HINT)).toMatchObject({ approval: { requester: { name: '张三' } } });
  expect(await source.listDecided(HINT.code, NOW)).toEqual(['A-1']);
  const kept: unknown[] = [];
  await source.takeUndelivered(async (hint) => void kept.push(hint));
  expect([kept, scripted.tokenRequests.length]).toEqual([[], 1]);
  await scripted.close();
});

test.each([
  [undefined, 'https://open.feishu.cn'],
  ['feishu', 'https://open.feishu.cn'],
  ['lark', 'https://open.larksuite.com'],
])('with the domain %s it calls %s', async (domain, host) => {
  const urls: string[] = [];
  const http = async ({ url }: HttpCall) => {
    urls.push(url);
    const body = Buffer.from('{"code":0,"tenant_access_token":"t","expire":7200}');
    return { status: 200, headers: {}, body };
  };
  const source = createLarkSource({ ...VARIABLES, LARK_DOMAIN: domain }, tools(http));
  await expect(source.readApproval(HINT)).rejects.toMatchObject({ code: 'lark.bad_answer' });
  expect(urls).toEqual([
    `${host}/open-apis/auth/v3/tenant_access_token/internal`,
    `${host}/open-apis/approval/v4/instances/${HINT.instance_id}`,
  ]);
});

test('names every variable that is missing or malformed, once', () => {
  const variables = { LARK_APP_ID: '', LARK_APP_SECRET: 's', LARK_DOMAIN: 'dingtalk', LARK_ENDPOINT: 'https://x/path' };
  expect(() => createLarkSource(variables, tools())).toThrow(
    new Error(
      "the function's environment is wrong: LARK_DOMAIN must be feishu or lark; LARK_ENDPOINT must be http(s)://host[:port] without a path; LARK_APP_ID is not set; LARK_VERIFICATION_TOKEN is not set",
    ),
  );
});
