import type { TakeQuestion } from '../../../functions/ingest/group/take-question.ts';
import { createReceive } from '../../../functions/ingest/receive.ts';
import { createTakeHint } from '../../../functions/ingest/take-hint.ts';
import type { CallbackOutcome, CallbackRequest } from '../../../shared/platforms/platform.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

let opened: TemporaryWorld;
beforeEach(async () => {
  opened = await openTemporaryWorld();
});
afterEach(() => opened.remove());

const REPLY = { status: 200, headers: {}, body: 'success' };
const REQUEST: CallbackRequest = { method: 'POST', query: {}, headers: {}, body: Buffer.alloc(0) };

const asked: object[] = [];

/** Receives a callback that the platform opens as this. */
function receive(outcome: CallbackOutcome) {
  const { functions, world } = opened;
  const source = { ...world.source, openCallback: () => outcome };
  const takeHint = createTakeHint({ ...functions, accept: async () => undefined });
  const takeQuestion: TakeQuestion = async (platform, question) => void asked.push({ platform, question });
  return createReceive({ ...functions, sources: [source], takeHint, takeQuestion })(
    REQUEST,
    new AbortController().signal,
  );
}

const eventOf = (changes: object = {}): CallbackOutcome => ({
  kind: 'event',
  hint: { instance_id: 'a', code: 'PROC-1' },
  sentAt: opened.world.clock.now(),
  reply: REPLY,
  message: '',
  ...changes,
});

test('an approved request leaves a marker of its own name', async () => {
  expect(await receive(eventOf())).toEqual({ reply: REPLY, requestId: 'dingtalk.a' });
  expect(await opened.functions.markers.list()).toEqual(['dingtalk.a']);
});

test('a revoked one leaves the marker of its reversal, which names the approval itself', async () => {
  expect(await receive(eventOf({ reversal: true }))).toEqual({ reply: REPLY, requestId: 'dingtalk.a.revoke' });
  expect(await opened.functions.markers.list()).toEqual(['dingtalk.a.revoke']);
  expect(await opened.functions.markers.get('dingtalk.a.revoke')).toEqual({
    request_id: 'dingtalk.a.revoke',
    platform: 'dingtalk',
    instance_id: 'a',
    code: 'PROC-1',
    received_at: opened.world.clock.now(),
  });
});

test('an old callback about a revocation counts as long as the reversal is not known, whatever is known of the approval', async () => {
  await opened.write('dingtalk.a', { type: 'withdrawn', at: '2026-09-01T02:00:00.000Z', reason: 'revoked' });
  expect(await receive(eventOf({ reversal: true, sentAt: 0 }))).toMatchObject({ requestId: 'dingtalk.a.revoke' });
  await opened.write('dingtalk.a.revoke', { type: 'withdrawn', at: '2026-09-01T02:00:00.000Z', reason: 'revoked' });
  expect(await receive(eventOf({ reversal: true, sentAt: 0 }))).toEqual({ reply: REPLY });
});

test.each(['check', 'challenge'] as const)('a %s is answered and leaves nothing', async (kind) => {
  expect(await receive({ kind, reply: REPLY, message: '' })).toEqual({ reply: REPLY });
  expect(await opened.functions.markers.list()).toEqual([]);
});

test('a question from a group is handed on, and answered once that is done', async () => {
  const question = { conversation: 'cid1', message_id: 'm1', sender: 'zhangsan', text: '帮助 🙏' };
  expect(await receive({ kind: 'question', question, reply: REPLY, message: '' })).toEqual({ reply: REPLY });
  expect(asked).toEqual([{ platform: 'dingtalk', question }]);
});
