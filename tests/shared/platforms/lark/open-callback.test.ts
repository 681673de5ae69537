import {
  type CallbackConfig,
  openCallback,
  recognisesCallback,
} from '../../../../shared/platforms/lark/open-callback.ts';
import type { CallbackRequest } from '../../../../shared/platforms/platform.ts';
import {
  APPROVED,
  approvedWith,
  CHALLENGE,
  callback,
  ENCRYPT_KEY,
  EVENT,
  HINT,
  type Posting,
  plainCallback,
  post,
  seal,
  TOKEN,
  unsigned,
} from './sealed-callback.ts';

const CONFIG: CallbackConfig = { encryptKey: ENCRYPT_KEY, verificationToken: TOKEN };
/** Of an app without an encrypt key. */
const PLAIN: CallbackConfig = { encryptKey: '', verificationToken: TOKEN };
const open = (request: CallbackRequest, config = CONFIG) => openCallback(request, config);

const RECEIVED = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"msg":"success"}' };
const SECOND = {
  schema: '2.0',
  header: {
    event_id: 'e-1',
    token: TOKEN,
    create_time: '1603977298000000',
    event_type: 'approval_instance',
    tenant_key: EVENT.tenant_key,
    app_id: EVENT.app_id,
  },
  event: EVENT,
};

describe('a genuine callback', () => {
  test.each<[string, Posting]>([
    ['as it is sent', {}],
    ['with a time of long ago, for a timestamp proves nothing', { timestamp: '1' }],
    ['with the time of a Go programme', { timestamp: '2026-10-04 18:23:46.05 +0800 CST m=+3612.1' }],
    ['with a time that is no number', { timestamp: 'now' }],
    ['with an empty nonce', { nonce: '' }],
    ['with a nonce in 中文 and an emoji', { nonce: '随机🎲' }],
    ['with other headers of its own', { headers: { 'x-request-id': 'r-1', 'x-lark-new': '1' } }],
  ])('%s is opened', (_, options) => {
    expect(open(callback(APPROVED, options))).toMatchObject({
      kind: 'event',
      hint: HINT,
      message: JSON.stringify(APPROVED),
    });
  });

  test.each<[string, string]>([
    ['blanks in its JSON', ` {\n "encrypt" : "${seal(JSON.stringify(APPROVED))}" } `],
    ['escapes in its JSON', `{"encrypt":"${seal(JSON.stringify(APPROVED)).replaceAll('/', '\\/')}"}`],
    ['more in its body', JSON.stringify({ encrypt: seal(JSON.stringify(APPROVED)), v: 2 })],
  ])('with %s is opened, for the signature is over the bytes', (_, body) => {
    expect(open(post(body)).kind).toBe('event');
  });

  test('is opened whatever its length', () => {
    for (let length = 1; length <= 20; length += 1)
      expect(open(callback(approvedWith({ uuid: '入'.repeat(length) }))).kind).toBe('event');
  });

  test('of exactly 64 KB is opened', () => {
    const body = JSON.stringify({ encrypt: seal(JSON.stringify(APPROVED)) }).padEnd(64 * 1024);
    expect(open(post(body)).kind).toBe('event');
  });

  test('needs no token where none is configured, for it is signed', () => {
    const config = { encryptKey: ENCRYPT_KEY, verificationToken: '' };
    expect(open(callback({ ...APPROVED, token: '' }), config).kind).toBe('event');
    expect(open(callback({ ...APPROVED, token: undefined }), config).kind).toBe('event');
  });

  test('of an app without an encrypt key is opened by its token alone', () => {
    expect(open(plainCallback(APPROVED), PLAIN)).toMatchObject({
      kind: 'event',
      hint: HINT,
      message: JSON.stringify(APPROVED),
      reply: RECEIVED,
    });
  });
});

describe('what is opened', () => {
  const without = (name: keyof typeof EVENT) => approvedWith({ [name]: undefined });

  test.each<[string, object]>([
    ['as documented', APPROVED],
    ['without a time, as on the page of Lark', without('operate_time')],
    ['with fields of other types that nobody reads', approvedWith({ uuid: null, app_id: 7, operate_time: [{}] })],
    ['with fields that nobody knows', approvedWith({ __proto__x: 1, constructor: 'x', 新: '🎉' })],
    ['with an instance id of 64 characters', approvedWith({ instance_code: 'a'.repeat(64) })],
    ['in an envelope of the second version', SECOND],
  ])('an approval %s is an event', (_, message) => {
    const outcome = open(callback(message));
    expect(outcome).toMatchObject({ kind: 'event', hint: { code: EVENT.approval_code }, reply: RECEIVED });
    expect(outcome).not.toHaveProperty('reversal');
  });

  test('an approval that was revoked is the event of a reversal, whose time is a number', () => {
    const message = approvedWith({ status: 'REVERTED', operate_time: 1716174328000 });
    expect(open(callback(message))).toMatchObject({ kind: 'event', hint: HINT, reversal: true, reply: RECEIVED });
  });

  const notApproved = (status: string) => `"${status}" is neither "APPROVED" nor "REVERTED"`;
  const notApproval = (type: string) => `event ${type} is not an approval's`;
  const NO_TYPE = 'the message has no type of event';
  const OTHERS = ['PENDING', 'REJECTED', 'CANCELED', 'DELETED', 'OVERTIME_CLOSE', 'OVERTIME_RECOVER'];
  const other = (event: object) => ({ ...APPROVED, event });
  test.each<[string, object, string]>([
    ...OTHERS.map((status): [string, object, string] => [status, approvedWith({ status }), notApproved(status)]),
    ['a status in small letters', approvedWith({ status: 'approved' }), notApproved('approved')],
    ['a blank behind the status', approvedWith({ status: 'APPROVED ' }), notApproved('APPROVED ')],
    ['a status without end', approvedWith({ status: 'X'.repeat(9_000) }), notApproved('X'.repeat(64))],
    ['one person’s agreement', approvedWith({ type: 'approval_task' }), notApproval('approval_task')],
    ['a copy', approvedWith({ type: 'approval_cc' }), notApproval('approval_cc')],
    ['a leave', approvedWith({ type: 'leave_approvalV2' }), notApproval('leave_approvalV2')],
    ['a type without end', approvedWith({ type: 'x'.repeat(9_000) }), notApproval('x'.repeat(64))],
    [
      'the event of a person’s own subscription',
      { ...SECOND, header: { ...SECOND.header, event_type: 'approval.instance.status_changed_v4' } },
      notApproval('approval.instance.status_changed_v4'),
    ],
    [
      'a message that was read',
      { ...SECOND, header: { ...SECOND.header, event_type: 'im.message.message_read_v1' }, event: {} },
      notApproval('im.message.message_read_v1'),
    ],
    ['no instance', without('instance_code'), notApproval('approval_instance')],
    ['no definition', without('approval_code'), notApproval('approval_instance')],
    ['no status', without('status'), notApproval('approval_instance')],
    ['an instance that is a number', approvedWith({ instance_code: 7 }), notApproval('approval_instance')],
    ['a status that is a list', approvedWith({ status: ['APPROVED'] }), notApproval('approval_instance')],
    ['no type of event', without('type'), NO_TYPE],
    ['a type that is a list', approvedWith({ type: ['approval_instance'] }), NO_TYPE],
    ['no event', { ...APPROVED, event: undefined }, NO_TYPE],
    ['an event that is null', { ...APPROVED, event: null }, NO_TYPE],
    ['an event that is text', { ...APPROVED, event: 'approval_instance' }, NO_TYPE],
    ['another envelope', { ...APPROVED, type: 'event' }, NO_TYPE],
    ['an inherited event', JSON.parse(`{"token":"${TOKEN}","__proto__":{"type":"event_callback"}}`), NO_TYPE],
    ['nothing but the token', { token: TOKEN }, NO_TYPE],
    ['an empty event', other({}), NO_TYPE],
  ])('%s is ignored, and answered', (_, message, reason) => {
    expect(open(callback(message))).toEqual({
      kind: 'ignored',
      reason,
      message: JSON.stringify(message),
      reply: RECEIVED,
    });
  });

  test.each(['', '../x', 'a/b', 'a.b', 'a b', 'a\n', '%2e', '审批', 'a'.repeat(65)])(
    'the instance id %j is none and leads nowhere',
    (instance_code) => {
      expect(open(callback(approvedWith({ instance_code })))).toMatchObject({
        kind: 'ignored',
        reason: 'the approval instance id has characters that no id has',
      });
    },
  );

  test.each<[string, object, string, number]>([
    ['seconds and a fraction', { ...APPROVED, ts: '1716174328.962266' }, '1', 1716174328962],
    ['seconds', { ...APPROVED, ts: '1716174328' }, '1', 1716174328000],
    ['a number', { ...APPROVED, ts: 1716174328.5 }, '1', 1716174328500],
    ['no time, with one in the header', { ...APPROVED, ts: undefined }, '1767323045', 1767323045000],
    ['words, with a time in the header', { ...APPROVED, ts: 'just now' }, '1767323045', 1767323045000],
    ['no time at all', { ...APPROVED, ts: undefined }, '2026-10-04 18:23:46 CST', 0],
    ['microseconds, in the second version', SECOND, '1', 1603977298000],
    [
      'milliseconds, in the second version',
      { ...SECOND, header: { ...SECOND.header, create_time: '1603977298123' } },
      '1',
      1603977298123,
    ],
    ['too many digits', { ...APPROVED, ts: '9'.repeat(400) }, '1', 0],
  ])('with %s it was sent at that time', (_, message, timestamp, sentAt) => {
    expect(open(callback(message, { timestamp }))).toMatchObject({ kind: 'event', sentAt });
  });
});

describe('a check of the URL', () => {
  const repeated = (challenge: string) => ({
    kind: 'challenge',
    reply: { ...RECEIVED, body: JSON.stringify({ challenge }) },
  });

  test('in clear is answered with its challenge', () => {
    expect(open(plainCallback(CHALLENGE), PLAIN)).toEqual({
      ...repeated('ajls384kdjx98XX 🙂'),
      message: JSON.stringify(CHALLENGE),
    });
  });

  test('that is encrypted is answered too, with or without a signature', () => {
    const sealed = callback(CHALLENGE);
    expect(open(unsigned(sealed))).toMatchObject(repeated('ajls384kdjx98XX 🙂'));
    expect(open(sealed)).toMatchObject(repeated('ajls384kdjx98XX 🙂'));
    expect(open({ ...sealed, headers: { 'x-lark-signature': 'x' } })).toMatchObject(repeated('ajls384kdjx98XX 🙂'));
  });

  test('needs no token where none is configured, for it is encrypted', () => {
    const config = { encryptKey: ENCRYPT_KEY, verificationToken: '' };
    expect(open(unsigned(callback({ ...CHALLENGE, token: 'x' })), config).kind).toBe('challenge');
  });

  test('is one whatever else is in it, so that no event can hide in it', () => {
    const both = { ...APPROVED, ...CHALLENGE };
    expect(open(unsigned(callback(both)))).toMatchObject({ kind: 'challenge' });
  });
});

const NOT_LARK = { 'content-type': 'application/json' };
test.each<[string, Record<string, string>, string, boolean]>([
  ['a signature', { 'x-lark-signature': '' }, '', true],
  ['an encrypted body', NOT_LARK, '{"encrypt":"x"}', true],
  ['a challenge', NOT_LARK, JSON.stringify(CHALLENGE), true],
  ['an event of the first version', NOT_LARK, JSON.stringify(APPROVED), true],
  ['an event of the second version', NOT_LARK, JSON.stringify(SECOND), true],
  ['nothing', {}, '', false],
  ['other JSON', NOT_LARK, '{"msg":"hi"}', false],
  ['a list', NOT_LARK, '[{"encrypt":"x"}]', false],
  ['deep JSON', NOT_LARK, '['.repeat(60_000), false],
  ['more than a callback can be', NOT_LARK, JSON.stringify({ encrypt: 'x'.repeat(65_536) }), false],
])('a request with %s: recognised as Lark’s %s', (_, headers, body, recognised) => {
  expect(recognisesCallback({ method: 'POST', query: {}, headers, body: Buffer.from(body) })).toBe(recognised);
});
