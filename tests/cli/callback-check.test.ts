import { z } from 'zod';
import {
  AES_KEY,
  APPROVED,
  callback,
  OWNER_KEY,
  openReply,
  type Posting,
  TOKEN,
} from '../shared/platforms/dingtalk/sealed-callback.ts';
import * as lark from '../shared/platforms/lark/sealed-callback.ts';
import { killAll, run } from './command-line.ts';

afterEach(killAll);

const CONFIG = { token: TOKEN, aes_key: AES_KEY, owner_keys: [OWNER_KEY] };
const NOW = 1_770_000_000_000;
const REJECTED = {
  status: 403,
  headers: { 'content-type': 'application/json' },
  body: '{"error":"the callback could not be verified"}',
};

/** A line of the input: a signed callback with this message. */
function lineOf(message: string | object, posting: Posting & { ownerKey?: string } = {}, more: object = {}): string {
  const { method, query, headers, body } = callback(message, posting);
  const request = { method, query, headers, body: body.toString() };
  return JSON.stringify({ platform: 'dingtalk', config: CONFIG, now: NOW, ...request, ...more });
}

const verdictSchema = z.looseObject({
  reply: z.object({ status: z.number(), headers: z.record(z.string(), z.string()), body: z.string() }),
});

async function check(...lines: string[]) {
  const { code, stdout, stderr } = await run(['callback', 'check'], { input: lines.join('\n') });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

async function verdictOf(line: string) {
  const answers = await check(line);
  expect(answers).toHaveLength(1);
  return verdictSchema.parse(JSON.parse(answers.join()));
}

/** An answer that the platform takes: `success`, sealed and signed. */
function opened(reply: z.infer<typeof verdictSchema>['reply']) {
  const { status, signed, message, ownerKey, timeStamp } = openReply(reply);
  return { status, signed, message, ownerKey, timeStamp };
}
const SUCCESS = { status: 200, signed: true, message: 'success', ownerKey: OWNER_KEY, timeStamp: String(NOW) };

test('an approved request is an event with its ids, its text as it came, and the reply "success"', async () => {
  const { reply, ...verdict } = await verdictOf(lineOf(APPROVED));
  expect(verdict).toEqual({
    outcome: 'event',
    event: { request_id: 'dingtalk.pi-1_A', platform: 'dingtalk', instance_id: 'pi-1_A', code: 'PROC-1' },
    message: JSON.stringify(APPROVED),
  });
  expect(opened(reply)).toEqual(SUCCESS);
});

test('a check of the URL is one, and is answered too', async () => {
  const { reply, ...verdict } = await verdictOf(lineOf('{"EventType":"check_url"}'));
  expect(verdict).toEqual({ outcome: 'check', message: '{"EventType":"check_url"}' });
  expect(opened(reply)).toEqual(SUCCESS);
});

test.each([
  ['a refused approval', { ...APPROVED, result: 'refuse' }, '"finish refuse" is not "finish agree"'],
  ['an approval that begins', { ...APPROVED, type: 'start', result: undefined }, '"start" is not "finish agree"'],
  ['another event', { EventType: 'user_add_org' }, "event user_add_org is not an approval's"],
  ['a text that is no event', '中文 👋', 'the message has no EventType'],
])('%s is genuine and ignored, with the reason, and answered with "success"', async (_what, message, reason) => {
  const { reply, ...verdict } = await verdictOf(lineOf(message));
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  expect(verdict).toEqual({ outcome: 'ignored', message: text, reason });
  expect(opened(reply)).toEqual(SUCCESS);
});

test.each([
  ['a wrong token', lineOf(APPROVED, { token: 'another' }), 'wrong signature'],
  ['GET', lineOf(APPROVED, { method: 'GET' }), 'method GET instead of POST'],
  ['no query', lineOf(APPROVED, {}, { query: {} }), 'signature, timestamp or nonce is missing from the query'],
  ['another body', lineOf(APPROVED, { body: '{}' }), 'the body is not {"encrypt": "…"} in JSON'],
  [
    'the key of another app',
    lineOf(APPROVED, {}, { config: { ...CONFIG, aes_key: AES_KEY.replace('1', 'A') } }),
    'the message does not decrypt with this AES key',
  ],
  [
    'the owner key of another app',
    lineOf(APPROVED, { ownerKey: 'dingother' }),
    'the owner key behind the message is not a configured one',
  ],
  [
    'a config without keys',
    lineOf(APPROVED, {}, { config: { ...CONFIG, owner_keys: [] } }),
    'token, AES key or owner key is not configured',
  ],
])('%s is rejected: the reason is told to us, never to the sender', async (_what, line, reason) => {
  expect(await verdictOf(line)).toEqual({ outcome: 'rejected', reason, reply: REJECTED });
});

test.each([
  ['numbers in the query', { query: { ...callback(APPROVED).query, timestamp: 1_767_323_045_678 } }],
  ['header names in capitals', { headers: { 'Content-Type': 'application/json' } }],
  ['a method in small letters', { method: 'post' }],
  ['no method and no headers', { method: undefined, headers: undefined }],
])('takes %s', async (_what, more) => {
  expect(await verdictOf(lineOf(APPROVED, {}, more))).toMatchObject({ outcome: 'event' });
});

test.each([
  ['another platform', { platform: 'shine' }, /Expected 'dingtalk' \| 'lark'\n {2}→ at platform$/],
  ['no config', { config: undefined }, /expected object, received undefined\n {2}→ at config$/],
  ['a config without owner keys', { config: { token: TOKEN, aes_key: AES_KEY } }, /→ at config\.owner_keys$/],
  ['a key that nobody knows', { shine: 1 }, /Unrecognized key: "shine"$/],
  ['a body that is no text', { body: {} }, /expected string, received object\n {2}→ at body$/],
])('%s is an error that names the place', async (_what, more, error) => {
  const [answer = ''] = await check(lineOf(APPROVED, {}, more));
  expect(JSON.parse(answer)).toEqual({ error: expect.stringMatching(error) });
});

test('good and bad lines are answered in their order', async () => {
  const lines = [lineOf(APPROVED), 'shine', '', lineOf(APPROVED, { token: 'x' }), '{}', lineOf(APPROVED)];
  const outcomes = (await check(...lines)).map((line) => /^\{"(error|outcome":"\w+)/.exec(line)?.[1]);
  expect(outcomes).toEqual(['outcome":"event', 'error', 'outcome":"rejected', 'error', 'outcome":"event']);
});

describe('of Lark', () => {
  const SEALED = { encrypt_key: lark.ENCRYPT_KEY, verification_token: lark.TOKEN };
  const PLAIN = { verification_token: lark.TOKEN };
  const RECEIVED = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"msg":"success"}' };
  const REVERTED = lark.approvedWith({ status: 'REVERTED' });
  const lineFor = (config: object, { method, headers, body }: ReturnType<typeof lark.callback>) =>
    JSON.stringify({ platform: 'lark', config, method, headers, body: body.toString() });
  const { instance_id, code } = lark.HINT;

  test.each([
    ['an approved request', SEALED, lark.callback(lark.APPROVED), lark.APPROVED, `lark.${instance_id}`],
    ['one in clear', PLAIN, lark.plainCallback(lark.APPROVED), lark.APPROVED, `lark.${instance_id}`],
    ['a revoked one', SEALED, lark.callback(REVERTED), REVERTED, `lark.${instance_id}.revoke`],
  ])(
    '%s is an event with its ids, as the platform wants it answered',
    async (_, config, request, message, request_id) => {
      expect(await verdictOf(lineFor(config, request))).toEqual({
        outcome: 'event',
        event: { request_id, platform: 'lark', instance_id, code },
        message: JSON.stringify(message),
        reply: RECEIVED,
      });
    },
  );

  test.each([
    ['in clear', PLAIN, lark.plainCallback(lark.CHALLENGE)],
    ['encrypted', SEALED, lark.unsigned(lark.callback(lark.CHALLENGE))],
    ['encrypted, without a token', { encrypt_key: lark.ENCRYPT_KEY }, lark.unsigned(lark.callback(lark.CHALLENGE))],
  ])('a check of the URL %s is a challenge, which the reply repeats', async (_, config, request) => {
    expect(await verdictOf(lineFor(config, request))).toEqual({
      outcome: 'challenge',
      message: JSON.stringify(lark.CHALLENGE),
      reply: { ...RECEIVED, body: JSON.stringify({ challenge: lark.CHALLENGE.challenge }) },
    });
  });

  test('what is not approved is ignored', async () => {
    const message = lark.approvedWith({ status: 'PENDING' });
    expect(await verdictOf(lineFor(SEALED, lark.callback(message)))).toEqual({
      outcome: 'ignored',
      message: JSON.stringify(message),
      reason: '"PENDING" is neither "APPROVED" nor "REVERTED"',
      reply: RECEIVED,
    });
  });

  test.each([
    ['another key', { ...SEALED, encrypt_key: 'x' }, 'the message does not decrypt with this encrypt key'],
    ['another token', { ...SEALED, verification_token: 'x' }, 'wrong verification token'],
    ['no key', PLAIN, 'the body is encrypted, and no encrypt key is configured'],
    ['nothing configured', {}, 'neither encrypt key nor verification token is configured'],
  ])('with %s it is rejected', async (_, config, reason) => {
    const verdict = await verdictOf(lineFor(config, lark.callback(lark.APPROVED)));
    expect(verdict).toEqual({ outcome: 'rejected', reason, reply: REJECTED });
  });

  test('a key of the other platform is an error that names it', async () => {
    const [answer = ''] = await check(lineFor({ ...SEALED, aes_key: 'x' }, lark.callback(lark.APPROVED)));
    expect(JSON.parse(answer)).toEqual({
      error: expect.stringMatching(/Unrecognized key: "aes_key"\n {2}→ at config$/),
    });
  });
});
