import type { HttpRequest } from '../../../local/http/server.ts';
import { serve } from '../../../local/http/server.ts';
import { callHttp } from '../../../shared/http/call.ts';
import { createReadSecrets } from '../../../shared/secrets/create-read-secrets.ts';
import { createSecretClient } from '../../../shared/secrets/secret-client.ts';
import { createHandClock } from '../hand-clock.ts';
import { KEYS, type StartedKms, startKms, TEMPORARY } from './start-kms.ts';

let kms: StartedKms;
beforeEach(async () => {
  kms = await startKms();
  await kms.put('prod/SECRET', '密钥 🙂 +/=&');
  await kms.put('prod/TOKEN', 'a token');
});
afterEach(() => kms.close());

const REFERENCES = { LOOP_ENVIRONMENT: 'prod', APP_SECRET: 'kms:prod/SECRET', APP_TOKEN: 'kms:prod/TOKEN' };
const RESOLVED = { LOOP_ENVIRONMENT: 'prod', APP_SECRET: '密钥 🙂 +/=&', APP_TOKEN: 'a token' };
const MINUTE = 60_000;

function open(variables: Record<string, string> = REFERENCES, more: { timeoutMs?: number; keys?: typeof KEYS } = {}) {
  const clock = createHandClock();
  const lines: [string, object | undefined][] = [];
  let nonces = 0;
  const client = createSecretClient({
    endpoint: kms.origin,
    credentials: () => more.keys ?? KEYS,
    http: callHttp,
    clock: { ...clock, now: Date.now },
    nonce: () => `nonce-${process.hrtime.bigint()}-${++nonces}`,
    timeoutMs: more.timeoutMs ?? 5_000,
  });
  const log = { warn: (message: string, fields?: object) => void lines.push([message, fields]) };
  return { read: createReadSecrets(variables, { client, clock, log }), clock, lines };
}

test('a secret takes the place of its reference, and everything else stays', async () => {
  expect(await open().read()).toEqual(RESOLVED);
});

test('the key of a role is taken with its token', async () => {
  expect(await open(REFERENCES, { keys: TEMPORARY }).read()).toEqual(RESOLVED);
});

test('the same object comes back until a secret is another one, at the latest after five minutes', async () => {
  const { read, clock } = open();
  const first = await read();
  await kms.client.request('PutSecretValue', { SecretName: 'prod/TOKEN', SecretData: 'rotated', VersionId: 'v2' });
  clock.advance(5 * MINUTE - 1);
  expect(await read()).toBe(first);
  clock.advance(1);
  const second = await read();
  expect(second).toEqual({ ...RESOLVED, APP_TOKEN: 'rotated' });
  clock.advance(5 * MINUTE);
  expect(await read()).toBe(second);
});

test('without KMS what is held goes on, is told once a minute without a value, and is read anew when KMS is back', async () => {
  const { read, clock, lines } = open();
  const held = await read();
  const down = { kind: 'error', status: 503, code: 'ServiceUnavailableTemporary' } as const;
  kms.faults.add({ service: 'kms', times: 4, fault: down });
  clock.advance(5 * MINUTE);
  expect(await read()).toBe(held);
  expect(await read()).toBe(held);
  clock.advance(MINUTE);
  expect(await read()).toBe(held);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toEqual([
    'secrets not read again, those held go on',
    {
      error: expect.stringMatching(
        /^secrets cannot be read: APP_SECRET refers to the secret prod\/SECRET: kms refused GetSecretValue: ServiceUnavailableTemporary/,
      ),
    },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/密钥|a token/);
  await kms.client.request('PutSecretValue', { SecretName: 'prod/SECRET', SecretData: '新密钥 🙂', VersionId: 'v2' });
  clock.advance(MINUTE);
  expect(await read()).toEqual({ ...RESOLVED, APP_SECRET: '新密钥 🙂' });
});

test('a secret that KMS does not have is named with its variable, and no value is', async () => {
  const failure = open({ ...REFERENCES, OTHER: 'kms:prod/MISSING' }).read();
  await expect(failure).rejects.toThrow(
    /^secrets cannot be read: OTHER refers to the secret prod\/MISSING: kms refused GetSecretValue: Forbidden\.ResourceNotFound \(HTTP 404\); see that KMS has them/,
  );
  await expect(failure).rejects.not.toThrow(/密钥|a token/);
});

test('every secret that cannot be read is named at once', async () => {
  await expect(open({ A: 'kms:no/a', B: 'kms:no/b' }).read()).rejects.toThrow(
    /A refers to the secret no\/a: .*; B refers to the secret no\/b: /,
  );
});

test.each([['kms:'], ['kms:带空格 的'], ['kms:a b'], [`kms:${'x'.repeat(193)}`]])('%j is no reference', (value) => {
  expect(() => open({ APP_SECRET: value })).toThrow(
    'APP_SECRET begins with "kms:", and what follows is no name of a secret',
  );
});

test('a secret that is no text is refused', async () => {
  await kms.put('prod/BINARY', 'AAEC', { SecretDataType: 'binary' });
  await expect(open({ A: 'kms:prod/BINARY' }).read()).rejects.toThrow(
    'A refers to the secret prod/BINARY: the secret is binary, not text',
  );
});

test('a role that may not read it is told so', async () => {
  kms.faults.guard(({ operation }) =>
    operation === 'GetSecretValue' ? { kind: 'error', status: 403, code: 'Forbidden.RAM' } : undefined,
  );
  await expect(open().read()).rejects.toThrow(
    /APP_TOKEN refers to the secret prod\/TOKEN: kms refused GetSecretValue: Forbidden\.RAM/,
  );
});

test('a KMS that hangs is given up after the time that a callback can spare, and asked again at the next call', async () => {
  const { read } = open(REFERENCES, { timeoutMs: 50 });
  kms.faults.add({ service: 'kms', times: 1, fault: { kind: 'hang' } });
  await expect(read()).rejects.toThrow(/no answer within 50 ms/);
  expect(await open().read()).toEqual(RESOLVED);
});

test.each([KEYS, TEMPORARY])('signs as the official client does, with $accessKeyId', async (keys) => {
  const requests: HttpRequest[] = [];
  const server = await serve(async (request) => {
    requests.push(request);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: '{"SecretData":"x"}' };
  });
  const { default: PopClient } = await import('@alicloud/pop-core');
  const official = new PopClient({ ...keys, endpoint: server.origin, apiVersion: '2016-01-20' });
  const SecretName = 'approval-loop-prod/A+b=c@d.e_f-g';
  await official.request('GetSecretValue', { SecretName }, { method: 'POST' });
  const sent = new URLSearchParams(requests[0]?.body.toString());
  await createSecretClient({
    endpoint: server.origin,
    credentials: () => keys,
    http: callHttp,
    clock: { ...createHandClock(), now: () => Date.parse(sent.get('Timestamp') ?? '') },
    nonce: () => sent.get('SignatureNonce') ?? '',
    timeoutMs: 5_000,
  }).getSecretValue(SecretName);
  await server.close();
  const ours = Object.fromEntries(new URLSearchParams(requests[1]?.body.toString()));
  expect(ours).toEqual(Object.fromEntries(sent));
});
