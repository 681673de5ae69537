import { openCallback } from '../../../../shared/platforms/lark/open-callback.ts';

const TOKEN = 'v-token-1';
const press = (event: object, token = TOKEN) => ({
  schema: '2.0',
  header: { event_id: 'e-1', token, create_time: '1603977298000000', event_type: 'card.action.trigger' },
  event,
});
const PRESSED = {
  operator: { open_id: 'ou_1', tenant_key: 't' },
  action: { tag: 'button', value: { press: 'retry', request_id: 'lark.A-1' } },
  context: { open_message_id: 'om_1', open_chat_id: 'oc_1' },
};

/** Plain, so that the token is the proof; the signature is that of every callback. */
const open = (message: object, method = 'POST') =>
  openCallback(
    { method, query: {}, headers: {}, body: Buffer.from(JSON.stringify(message)) },
    { encryptKey: '', verificationToken: TOKEN },
  );

test('a press tells who pressed what and where, and is answered with a toast', () => {
  const outcome = open(press(PRESSED));
  if (outcome.kind !== 'press') throw new Error(outcome.kind);
  expect(outcome.press).toEqual({ what: 'retry', requestId: 'lark.A-1', operator: 'ou_1', messageId: 'om_1' });
  expect(outcome.reply.body).toBe('{}');
  expect(outcome.answer({ kind: 'taken', text: '好 🙂' })).toMatchObject({
    status: 200,
    body: '{"toast":{"type":"success","content":"好 🙂"}}',
  });
  expect(outcome.answer({ kind: 'refused', text: '不行' }).body).toBe('{"toast":{"type":"warning","content":"不行"}}');
});

test.each<[string, object, string]>([
  ['a button of another card', { ...PRESSED, action: { value: { op: 'x' } } }, 'a press on no button of ours'],
  ['a value that is text', { ...PRESSED, action: { value: 'retry' } }, 'a press on no button of ours'],
  [
    'an id that leads elsewhere',
    { ...PRESSED, action: { value: { press: 'stop', request_id: '../x' } } },
    'a press on no button of ours',
  ],
  ['nobody', { ...PRESSED, operator: {} }, 'a press without who pressed or where'],
  ['no message', { ...PRESSED, context: {} }, 'a press without who pressed or where'],
])('%s is answered, and asks for nothing', (_, event, reason) => {
  expect(open(press(event))).toMatchObject({ kind: 'ignored', reason, reply: { status: 200, body: '{}' } });
});

test.each<[string, object, string, string]>([
  ['another token', press(PRESSED, 'another'), 'POST', 'wrong verification token'],
  ['a GET', press(PRESSED), 'GET', 'method GET instead of POST'],
])('%s is rejected', (_, message, method, reason) => {
  expect(open(message, method)).toMatchObject({ kind: 'rejected', reason, reply: { status: 403 } });
});
