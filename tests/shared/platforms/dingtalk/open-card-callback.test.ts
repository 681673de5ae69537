import { createHmac } from 'node:crypto';
import { openCardCallback, recognisesCardCallback } from '../../../../shared/platforms/dingtalk/open-card-callback.ts';
import type { CallbackRequest } from '../../../../shared/platforms/platform.ts';
import { START } from '../../hand-clock.ts';

const SECRET = '密钥-secret';
const CONFIG = { secret: SECRET, corpId: 'ding-corp' };
const MINUTE_MS = 60_000;

const content = (changes: object = {}) => ({
  cardPrivateData: { actionIds: ['stop'], params: { request_id: 'dingtalk.a' }, ...changes },
});
const press = (changes: object = {}): object => ({
  type: 'actionCallback',
  outTrackId: 'card-1',
  corpId: 'ding-corp',
  userId: '王五🙂',
  userIdType: 1,
  content: JSON.stringify(content()),
  ...changes,
});

function requestOf(body: object | string, changes: Partial<CallbackRequest> & { at?: number; key?: string } = {}) {
  const { at = START, key = SECRET, ...rest } = changes;
  const timestamp = String(at);
  const headers = {
    'x-ddpaas-signature-timestamp': timestamp,
    'x-ddpaas-signature': createHmac('sha256', key).update(timestamp).digest('base64'),
  };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { method: 'POST', query: {}, headers, body: Buffer.from(text), ...rest };
}
const open = (request: CallbackRequest, config = CONFIG) =>
  openCardCallback(request, config, { clock: { now: () => START } });

test('a press tells who pressed what and where', () => {
  expect(open(requestOf(press()))).toMatchObject({
    kind: 'press',
    press: { what: 'stop', requestId: 'dingtalk.a', operator: '王五🙂', messageId: 'card-1' },
    reply: { status: 200, body: '{}' },
  });
});

test('whoever pressed reads the answer on the card, and nobody else does', () => {
  const outcome = open(requestOf(press()));
  if (outcome.kind !== 'press') throw new Error(outcome.kind);
  expect(outcome.answer({ kind: 'taken', text: '正在停止。' })).toEqual({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      userPrivateData: { cardParamMap: { answer: '正在停止。' } },
      cardUpdateOptions: { updateCardDataByKey: true, updatePrivateDataByKey: true },
    }),
  });
});

test.each<[string, CallbackRequest, string]>([
  ['another secret', requestOf(press(), { key: 'another' }), 'wrong signature'],
  ['a GET', requestOf(press(), { method: 'GET' }), 'method GET instead of POST'],
  [
    'no time',
    requestOf(press(), { headers: { 'x-ddpaas-signature': 'x' } }),
    'signature or timestamp is missing from the headers',
  ],
  ['a time long ago', requestOf(press(), { at: START - 6 * MINUTE_MS }), 'signed at another time than now'],
  ['a time to come', requestOf(press(), { at: START + 6 * MINUTE_MS }), 'signed at another time than now'],
  ['seconds', requestOf(press(), { at: START / 1000 }), 'signed at another time than now'],
  ['a body without end', requestOf('x'.repeat(70_000)), 'body of 70000 bytes, at most 65536'],
])('%s is rejected, and the sender learns nothing', (_, request, reason) => {
  expect(open(request)).toEqual({
    kind: 'rejected',
    reason,
    reply: {
      status: 403,
      headers: { 'content-type': 'application/json' },
      body: '{"error":"the callback could not be verified"}',
    },
  });
});

test('without a secret no press is taken, also one that is signed with nothing', () => {
  const reason = 'no secret for the callbacks of cards is configured';
  expect(open(requestOf(press(), { key: '' }), { ...CONFIG, secret: '' })).toMatchObject({ kind: 'rejected', reason });
});

test.each([
  ['an almost late one', requestOf(press(), { at: START - 5 * MINUTE_MS })],
  ['one of a clock that is ahead', requestOf(press(), { at: START + 5 * MINUTE_MS })],
])('%s is taken', (_, request) => {
  expect(open(request).kind).toBe('press');
});

test.each<[string, object | string, string]>([
  ['no JSON', '你好', 'not a press on a card'],
  ['another type', press({ type: 'viewCallback' }), 'not a press on a card'],
  ['nobody', press({ userId: '' }), 'not a press on a card'],
  ['another organisation', press({ corpId: 'ding-other' }), 'a press in another organisation'],
  [
    'a button of another card',
    press({ content: JSON.stringify(content({ actionIds: ['like'] })) }),
    'a press on no button of ours',
  ],
  ['no button', press({ content: JSON.stringify(content({ actionIds: [] })) }), 'a press on no button of ours'],
  ['no request', press({ content: JSON.stringify(content({ params: {} })) }), 'a press on no button of ours'],
  [
    'an id that leads elsewhere',
    press({ content: JSON.stringify(content({ params: { request_id: '../x' } })) }),
    'a press on no button of ours',
  ],
])('%s is answered, and asks for nothing', (_, body, reason) => {
  expect(open(requestOf(body))).toMatchObject({ kind: 'ignored', reason, reply: { status: 200, body: '{}' } });
});

test('it is known by its header', () => {
  expect(recognisesCardCallback(requestOf(press()))).toBe(true);
  expect(recognisesCardCallback(requestOf(press(), { headers: {} }))).toBe(false);
});
