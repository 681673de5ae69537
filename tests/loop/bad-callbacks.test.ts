import { type CallbackOptions, genuine, postCallback } from './post-callback.ts';
import { COMPLETED, form, type Loop, REFUSED, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

let loop: Loop;
let forgeries = 0;
beforeAll(async () => {
  loop = await startLoop();
});
afterAll(() => loop.close());

const NOTHING = { facts: [], refusal: undefined, runs: [], messages: [], shown: [], left: [] };
const CALLER_LEARNS_NOTHING = { status: 403, text: '{"error":"the callback could not be verified"}' };
const OTHER_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';

test.each<[string, CallbackOptions, string]>([
  ['signed with another token', { token: 'NotTheTokenOfThisApp' }, 'wrong signature'],
  ['encrypted with another key', { aesKey: OTHER_KEY }, 'the message does not decrypt with this AES key'],
  [
    'meant for another app',
    { ownerKey: 'dingsomebodyelse' },
    'the owner key behind the message is not a configured one',
  ],
  ['not JSON', { body: 'encrypt=你好🎉' }, 'the body is not {"encrypt": "…"} in JSON'],
  ['empty', { body: '' }, 'the body is not {"encrypt": "…"} in JSON'],
  ['huge', { body: `{"encrypt":"${'A'.repeat(2_000_000)}"}` }, 'body of 2000014 bytes, at most 65536'],
])('a callback that is %s is refused, and nothing of it stays', async (_, options, reason) => {
  const instanceId = `forged-${++forgeries}`;
  const before = loop.cloud.dingtalk.messages().length;
  const answer = await postCallback(loop, genuine(loop, instanceId, options));
  await loop.logged('callback rejected', { reason });
  expect(answer).toEqual(CALLER_LEARNS_NOTHING);
  expect(await loop.traces(`dingtalk.${instanceId}`)).toEqual(NOTHING);
  expect(loop.cloud.dingtalk.messages()).toHaveLength(before);
});

test.each<[string, CallbackOptions, string]>([
  [
    'for a template without workflow',
    { message: { processCode: 'PROC-其他' } },
    'no workflow starts on template PROC-其他',
  ],
  ['that an approval was refused', { message: { result: 'refuse' } }, '"finish refuse" is not "finish agree"'],
  ['that an approval has started', { message: { type: 'start', result: '' } }, '"start" is not "finish agree"'],
  ['of another kind', { message: { EventType: 'user_add_org' } }, "event user_add_org is not an approval's"],
])('a genuine callback %s is answered with success and goes no further', async (_, options, reason) => {
  const instanceId = `ignored-${++forgeries}`;
  const { status, text } = await postCallback(loop, genuine(loop, instanceId, options));
  await loop.logged('callback answered', { outcome: 'ignored', reason });
  expect(status).toBe(200);
  expect(Object.keys(JSON.parse(text)).sort()).toEqual(['encrypt', 'msg_signature', 'nonce', 'timeStamp']);
  expect(await loop.traces(`dingtalk.${instanceId}`)).toEqual(NOTHING);
});

test('a callback is only a hint: an instance that the API does not know is refused', async () => {
  const { status } = await postCallback(loop, genuine(loop, 'never-submitted'));
  const { facts, refusal, runs, messages, left } = await loop.closed({ requestId: 'dingtalk.never-submitted' });
  expect([status, facts, refusal, runs, left]).toEqual([200, REFUSED, 'approval_unreadable', [], []]);
  expect(messages).toHaveLength(1);
});

test('a callback that comes before the API shows the approval as granted waits for it', async () => {
  const approval = await loop.submit(form('E201'));
  await postCallback(loop, genuine(loop, approval.instanceId));
  await loop.logged('accept left to the sweep', { request_id: approval.requestId });
  await approval.decide();
  expect((await loop.closed(approval)).facts).toEqual(COMPLETED);
});

test('an approval that the API never shows as granted is refused in the end', async () => {
  const approval = await loop.submit(form('E202'));
  await postCallback(loop, genuine(loop, approval.instanceId));
  const { facts, refusal, runs, messages } = await loop.closed(approval);
  expect([facts, refusal, runs]).toEqual([REFUSED, 'not_approved', []]);
  expect(messages).toMatchObject([{ title: '⛔ 新员工入职 未执行' }]);
});

const LONG_AGO = String(Date.UTC(2026, 0, 2));

test('a callback of long ago for a request that is known changes nothing', async () => {
  const approval = await loop.approve(form('E204'));
  const before = await loop.closed(approval);
  const answer = await postCallback(loop, genuine(loop, approval.instanceId, { timestamp: LONG_AGO }));
  await loop.logged('callback answered', {
    request_id: approval.requestId,
    reason: 'sent long ago, and the request is known',
  });
  expect(answer.status).toBe(200);
  expect(await loop.traces(approval.requestId)).toEqual(before);
});

test('a callback of long ago for a request that is not known may be the only one that got through', async () => {
  loop.cloud.faults.add({ service: 'dingtalk', operation: 'push', fault: { kind: 'drop' } });
  const approval = await loop.approve(form('E205'));
  await postCallback(loop, genuine(loop, approval.instanceId, { timestamp: LONG_AGO }));
  expect((await loop.closed(approval)).facts).toEqual(COMPLETED);
});

test('the same callback many times at once makes one run and one message', async () => {
  const approval = await loop.submit(form('E203'));
  await approval.decide();
  const again = genuine(loop, approval.instanceId);
  const answers = await Promise.all(Array.from({ length: 8 }, () => postCallback(loop, again)));
  const { facts, runs, messages } = await loop.closed(approval);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(facts).toEqual(COMPLETED);
  expect(runs).toHaveLength(1);
  expect(messages).toHaveLength(1);
});
