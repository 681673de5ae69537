import { openCallback, recognisesCallback } from '../../../../shared/platforms/dingtalk/open-callback.ts';
import { CONFIG, NOW, open } from './open-sample.ts';
import { APPROVED, callback, openReply, type Posting, post, seal, signatureOf, TOKEN } from './sealed-callback.ts';

const hint = { instance_id: 'pi-1_A', code: 'PROC-1' };

describe('a genuine callback', () => {
  test.each<[string, Posting]>([
    ['with both names of the signature, as real ones have', {}],
    ['with signature alone', { query: ({ signature, ...rest }) => ({ ...rest, signature }) }],
    ['with msg_signature alone', { query: ({ signature, ...rest }) => ({ ...rest, msg_signature: signature }) }],
    ['with timeStamp', { query: ({ timestamp, ...rest }) => ({ ...rest, timeStamp: timestamp }) }],
    ['with a time in milliseconds', { timestamp: '1767323045678' }],
    ['with a time in seconds', { timestamp: '1767323045' }],
    ['with a time of long ago, for a timestamp proves nothing', { timestamp: '1' }],
    ['with a time that is no number', { timestamp: 'now' }],
    ['with an empty nonce', { nonce: '' }],
    ['with a nonce in 中文 and an emoji', { nonce: '随机🎲' }],
    ['with a query of the subscriber’s own', { query: (query) => ({ ...query, app: '1' }) }],
    ['with blanks in its JSON', { body: ` {\n "encrypt" : "${seal({ message: JSON.stringify(APPROVED) })}" } ` }],
    ['with more in its body', { body: JSON.stringify({ encrypt: seal({ message: JSON.stringify(APPROVED) }), v: 2 }) }],
  ])('%s is opened', (_, options) => {
    expect(open(callback(APPROVED, options))).toMatchObject({
      kind: 'event',
      hint,
      message: JSON.stringify(APPROVED),
    });
  });

  test.each([
    ['32 bytes', 32],
    ['16 bytes, as its Go and Rust libraries do,', 16],
  ] as const)('padded to %s is opened, whatever its length', (_, block) => {
    for (let length = 1; length <= 40; length += 1) {
      const message = JSON.stringify({ ...APPROVED, title: '入'.repeat(length) });
      expect(open(post(seal({ message }, { block })))).toMatchObject({ kind: 'event', hint });
    }
  });

  test.each(['dingapp', 'dingcorp', 'suite4xxxxxxxxxxxxxxx'])(
    'for the owner key %s is opened and answered with it',
    (ownerKey) => {
      const outcome = open(callback(APPROVED, { ownerKey }), {
        ownerKeys: ['dingapp', 'dingcorp', 'suite4xxxxxxxxxxxxxxx'],
      });
      expect(outcome.kind).toBe('event');
      expect(openReply(outcome.reply)).toMatchObject({ ownerKey, message: 'success' });
    },
  );

  test('of exactly 64 KB is opened', () => {
    const encrypted = seal({ message: JSON.stringify(APPROVED) });
    const body = JSON.stringify({ encrypt: encrypted }).padEnd(64 * 1024);
    expect(open(post(encrypted, { body })).kind).toBe('event');
  });

  test('with the key and token of the published sample is opened', () => {
    const encrypt = 'YvkvaGe4hQxd3VxRmEty0dVlnCOAqwf56xwTRHDHoOURqhalbmBJQk5FNcRk42Gl5T0YQXZNwpwWSm1xAFJ5ZA==';
    const signature = '9a95a004dd16f5c307e849b994173f76aa26e5eb';
    const query = { msg_signature: signature, timestamp: '1614767836', nonce: 'A7Co0cJLMzIDtMMI' };
    const request = { method: 'POST', query, headers: {}, body: Buffer.from(JSON.stringify({ encrypt })) };
    const outcome = open(request, { token: '123456', ownerKeys: ['dingsnotzck6pm5veliw'] });
    expect(outcome).toMatchObject({ kind: 'ignored', message: 'success', reason: 'the message has no EventType' });
  });
});

describe('what is opened', () => {
  const without = (name: keyof typeof APPROVED) =>
    Object.fromEntries(Object.entries(APPROVED).filter(([field]) => field !== name));

  test.each<[string, object]>([
    ['as documented', APPROVED],
    ['without an event id, as captured bodies are', without('eventId')],
    ['with corpId in small letters, as captured bodies have it', { ...without('CorpId'), corpId: 'dingcorp' }],
    ['with its numbers as texts', { ...APPROVED, EventTime: '1767000000000', createTime: '1' }],
    ['with fields of other types that nobody reads', { ...APPROVED, title: null, staffId: 7, url: [{}] }],
    ['with fields that nobody knows', { ...APPROVED, __proto__x: 1, constructor: 'x', 新: '🎉' }],
    ['with an instance id of 64 characters', { ...APPROVED, processInstanceId: 'a'.repeat(64) }],
  ])('an approval %s is an event', (_, message) => {
    expect(open(callback(message))).toMatchObject({ kind: 'event', hint: { code: 'PROC-1' } });
  });

  test.each(['check_url', 'check_create_suite_url', 'check_update_suite_url'])('%s is a check', (EventType) => {
    const message = { EventType, Random: 'LPIdSnlF', TestSuiteKey: 'suite' };
    expect(open(callback(message))).toMatchObject({ kind: 'check', message: JSON.stringify(message) });
  });

  const notFinished = (seen: string) => `"${seen}" is not "finish agree"`;
  const notApproval = (type: string) => `event ${type} is not an approval's`;
  const NO_TYPE = 'the message has no EventType';
  test.each<[string, object | string, string]>([
    ['a refused approval', { ...APPROVED, result: 'refuse' }, notFinished('finish refuse')],
    ['an approval that starts', { ...without('result'), type: 'start' }, notFinished('start')],
    ['an approval withdrawn', { ...without('result'), type: 'terminate' }, notFinished('terminate')],
    ['an approval deleted', { ...without('result'), type: 'delete' }, notFinished('delete')],
    ['an end without a result', without('result'), notFinished('finish')],
    ['agreement before the end', { ...APPROVED, type: 'start' }, notFinished('start agree')],
    ['capital letters', { ...APPROVED, type: 'FINISH', result: 'AGREE' }, notFinished('FINISH AGREE')],
    ['the misspelt end of third-party events', { ...APPROVED, type: 'finsh' }, notFinished('finsh agree')],
    ['a blank behind', { ...APPROVED, result: 'agree ' }, notFinished('finish agree')],
    [
      'one person’s agreement',
      { ...APPROVED, EventType: 'bpms_task_change', taskId: 1 },
      notApproval('bpms_task_change'),
    ],
    ['another event', { EventType: 'user_add_org', UserId: ['u1'] }, notApproval('user_add_org')],
    ['an event in 中文 🎉', { EventType: '审批🎉' }, notApproval('审批🎉')],
    ['a type without end', { EventType: 'x'.repeat(9_000) }, notApproval('x'.repeat(64))],
    ['a type that is a number', { EventType: 5 }, NO_TYPE],
    ['a type that is a list', { EventType: ['check_url'] }, NO_TYPE],
    ['small letters', { eventtype: 'check_url' }, NO_TYPE],
    ['a text', '"check_url"', NO_TYPE],
    ['a list', '[{"EventType":"check_url"}]', NO_TYPE],
    ['null', 'null', NO_TYPE],
    ['an empty message', '', NO_TYPE],
    ['half a message', '{"EventType":"check_url"', NO_TYPE],
    ['HTML', '<html>登录</html>', NO_TYPE],
    ['deep JSON', '['.repeat(20_000), NO_TYPE],
    ['deep JSON that is closed', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, NO_TYPE],
    ['a deep field', `{"EventType":"x","a":${'{"a":'.repeat(3_000)}1${'}'.repeat(3_001)}`, notApproval('x')],
    ['an inherited type', '{"__proto__":{"EventType":"check_url"}}', NO_TYPE],
    ['an instance id that is a number', { ...APPROVED, processInstanceId: 7 }, notApproval('bpms_instance_change')],
    ['a result that is null', { ...APPROVED, result: null }, notApproval('bpms_instance_change')],
    ['a type of event that is a list', { ...APPROVED, type: ['finish'] }, notApproval('bpms_instance_change')],
    ['no instance id', without('processInstanceId'), notApproval('bpms_instance_change')],
    ['no process code', without('processCode'), notApproval('bpms_instance_change')],
  ])('%s is ignored, and answered', (_, message, reason) => {
    const outcome = open(callback(message));
    expect(outcome).toMatchObject({
      kind: 'ignored',
      reason,
      message: typeof message === 'string' ? message : JSON.stringify(message),
    });
    expect(openReply(outcome.reply).message).toBe('success');
  });

  test.each(['', '../x', 'a/b', 'a.b', 'a b', 'a\n', '%2e', '审批', 'a'.repeat(65)])(
    'the instance id %j is none and leads nowhere',
    (processInstanceId) => {
      expect(open(callback({ ...APPROVED, processInstanceId }))).toMatchObject({
        kind: 'ignored',
        reason: 'the approval instance id has characters that no id has',
      });
    },
  );
});

describe('the reply', () => {
  test.each<[string, object]>([
    ['a check', { EventType: 'check_url' }],
    ['an event', APPROVED],
    ['something ignored', { EventType: 'user_add_org' }],
  ])('to %s is success, encrypted and signed', (_, message) => {
    const { reply } = open(callback(message));
    expect(openReply(reply)).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json' },
      rest: {},
      timeStamp: '1767323045678',
      nonce: '3031323334353637',
      signed: true,
      random: '0123456789abcdef',
      message: 'success',
      ownerKey: 'dingapp',
      padding: { bytes: 30, of: 0, whole: true },
    });
  });

  test('is sealed with new random bytes each time, and has the fields in the documented order', () => {
    let calls = 0;
    const tools = {
      clock: { now: () => NOW, sleep: async () => undefined },
      randomBytes: (size: number) => {
        calls += 1;
        return Buffer.alloc(size, calls);
      },
    };
    const [first, second] = [1, 2].map(() => JSON.parse(openCallback(callback(APPROVED), CONFIG, tools).reply.body));
    expect(Object.keys(first)).toEqual(['msg_signature', 'timeStamp', 'nonce', 'encrypt']);
    expect([first.nonce, second.nonce]).toEqual(['0101010101010101', '0303030303030303']);
    expect(first.encrypt).not.toBe(second.encrypt);
  });
});

test.each<[string, Record<string, string>, boolean]>([
  ['both names of the signature', { signature: 's', msg_signature: 's', timestamp: '1', nonce: 'n' }, true],
  ['signature', { signature: 's', timestamp: '1', nonce: 'n' }, true],
  ['msg_signature and timeStamp', { msg_signature: 's', timeStamp: '1' }, true],
  ['no signature', { timestamp: '1', nonce: 'n' }, false],
  ['no time', { signature: 's', nonce: 'n' }, false],
  ['nothing', {}, false],
])('a query with %s: recognised as DingTalk’s %s', (_, query, recognised) => {
  expect(recognisesCallback({ method: 'POST', query, headers: {}, body: Buffer.alloc(0) })).toBe(recognised);
});

test('a signature is over the text, so another spelling of the same Base64 needs its own', () => {
  const encrypted = seal({ message: JSON.stringify(APPROVED) });
  const wrapped = encrypted.replace(/(.{76})/g, '$1\n');
  const signature = signatureOf(TOKEN, '1', 'n', wrapped);
  const body = JSON.stringify({ encrypt: wrapped });
  const query = { timestamp: '1', nonce: 'n' };
  expect(open(post(encrypted, { body })).kind).toBe('rejected');
  expect(open(post(encrypted, { body, query: () => ({ ...query, signature }) }), CONFIG).kind).toBe('event');
});
