import { randomBytes } from 'node:crypto';
import { PermanentError, TransientError } from '../../../../shared/errors.ts';
import { callHttp } from '../../../../shared/http/call.ts';
import type { OutgoingMessage } from '../../../../shared/message/outgoing-message.ts';
import { createDingtalkMessenger } from '../../../../shared/platforms/dingtalk/create-messenger.ts';
import type { Channel, Messenger } from '../../../../shared/platforms/platform.ts';
import type { Workflows } from '../../../../shared/workflows/schema.ts';
import { ORGANISATION, type Running, START, startDingtalk } from '../../../local/dingtalk/start-dingtalk.ts';

const group = (conversation: string, more: object = {}) => ({ dingtalk: { group: { conversation, ...more } } });
const card = (conversation: string) => group(conversation, { card_template: 'progress.schema' });
const CHATS = {
  ops: group('cidOPS=='),
  'without-robot': group('cidALONE=='),
  gone: group('cidGONE=='),
  stopped: group('cidSTOPPED=='),
  'another-robot': group('cidOPS==', { robot_code: 'dingother' }),
  card: card('cidOPS=='),
  'card-without-robot': card('cidALONE=='),
  'card-gone': card('cidGONE=='),
  'no-template': group('cidOPS==', { card_template: 'another.schema' }),
};
const MESSAGE: OutgoingMessage = {
  title: '✅ 入职 · E123 已完成',
  blocks: [
    { name: 'reason', text: '' },
    { name: 'request', text: '- 申请人：张三 🙂' },
    { name: 'run', text: '- 执行：i-1 已完成' },
    { name: 'reference', text: '- 编号：dingtalk.A' },
    { name: 'output', text: '' },
  ],
  tone: 'success',
  mention: ['u1'],
  idempotencyKey: 'key-1',
};
const RUNNING: OutgoingMessage = { ...MESSAGE, title: '▶️ 入职 · E123 执行中', tone: 'running' };

let dingtalk: Running;
beforeEach(async () => {
  dingtalk = await startDingtalk();
});
afterEach(() => dingtalk.close());

function messenger(variables: Record<string, string> = {}, chats: Workflows['chats'] = CHATS): Messenger {
  const clock = { now: () => START, sleep: async () => undefined };
  const app = { DINGTALK_APP_KEY: ORGANISATION.app.appKey, DINGTALK_APP_SECRET: ORGANISATION.app.appSecret };
  const places = { DINGTALK_OAPI_ENDPOINT: dingtalk.origin, DINGTALK_API_ENDPOINT: dingtalk.origin };
  return createDingtalkMessenger({ DINGTALK_CORP_ID: 'dingcorp', ...app, ...places, ...variables }, chats, {
    http: callHttp,
    clock,
    randomBytes,
  });
}

function channelTo(chat: string): Channel {
  const channel = messenger().channel(chat);
  if (!channel) throw new Error(`there is no way to ${chat}`);
  return channel;
}

describe('the app’s own robot', () => {
  test('sends the title as a heading and the blocks below it, and calls nobody', async () => {
    const channel = channelTo('ops');
    await channel.post(MESSAGE);
    expect(dingtalk.dingtalk.messages()).toMatchObject([
      {
        chat: '运维群 🛠',
        title: '✅ 入职 · E123 已完成',
        text: '### ✅ 入职 · E123 已完成\n\n- 申请人：张三 🙂\n- 执行：i-1 已完成\n- 编号：dingtalk.A',
      },
    ]);
    expect(channel.update).toBeUndefined();
  });

  test('takes a message as long as it says', async () => {
    const channel = channelTo('ops');
    const text = '中"\n'.repeat(Math.floor(channel.maxBytes / 7));
    await channel.post({ ...MESSAGE, blocks: [{ name: 'run', text }] });
    expect(dingtalk.dingtalk.messages()).toHaveLength(1);
  });

  test('tells people in private', async () => {
    await messenger().tell?.(['u2'], MESSAGE);
    expect(dingtalk.dingtalk.messages()).toMatchObject([{ title: '✅ 入职 · E123 已完成' }]);
  });
});

describe('a card', () => {
  test('has each block in a variable of its own, the state as a word, and changes in its place', async () => {
    const channel = channelTo('card');
    const id = await channel.post(RUNNING);
    await channel.update?.(id, MESSAGE);
    expect(id).toBe('key-1');
    expect(dingtalk.dingtalk.messages()).toMatchObject([
      {
        chat: '运维群 🛠',
        card: {
          updates: 1,
          values: {
            title: '✅ 入职 · E123 已完成',
            tone: 'success',
            reason: '',
            request: '- 申请人：张三 🙂',
            run: '- 执行：i-1 已完成',
            reference: '- 编号：dingtalk.A',
            output: '',
          },
        },
      },
    ]);
  });

  const lose = (operation: string) =>
    dingtalk.faults.add({ service: 'dingtalk', operation, fault: { kind: 'lose_answer' } });
  const tones = () => dingtalk.dingtalk.messages().map(({ card }) => [card?.outTrackId, card?.values['tone']]);

  test('whose answer was lost is brought to the group again as it was made: one card that is seen twice and changes as one', async () => {
    const channel = channelTo('card');
    lose('card/createAndDeliver');
    await expect(channel.post(RUNNING)).rejects.toBeInstanceOf(TransientError);
    expect(await channel.post(MESSAGE)).toBe('key-1');
    expect(tones()).toEqual([
      ['key-1', RUNNING.tone],
      ['key-1', RUNNING.tone],
    ]);
    await channel.update?.('key-1', MESSAGE);
    expect(tones()).toEqual([
      ['key-1', 'success'],
      ['key-1', 'success'],
    ]);
  });

  test('whose answer was lost and that nobody saw is not taken for delivered', async () => {
    const channel = channelTo('card-without-robot');
    lose('card/createAndDeliver');
    await expect(channel.post(MESSAGE)).rejects.toBeInstanceOf(TransientError);
    await expect(channel.post(MESSAGE)).rejects.toMatchObject({ code: 'dingtalk.card_not_delivered' });
    expect(tones()).toEqual([]);
  });

  test('is tried again when the answer to the second delivery is lost as well', async () => {
    const channel = channelTo('card');
    lose('card/createAndDeliver');
    await expect(channel.post(MESSAGE)).rejects.toBeInstanceOf(TransientError);
    lose('card/deliver');
    await expect(channel.post(MESSAGE)).rejects.toBeInstanceOf(TransientError);
    expect(await channel.post(MESSAGE)).toBe('key-1');
    expect(tones().at(-1)).toEqual(['key-1', 'success']);
  });

  test.each([
    ['an empty list', '[]'],
    ['nothing', 'null'],
  ])('of which a repeated call answers %s is brought to the group as well', async (_name, results) => {
    const channel = channelTo('card');
    lose('card/createAndDeliver');
    await expect(channel.post(MESSAGE)).rejects.toBeInstanceOf(TransientError);
    const body = `{"success":true,"result":{"outTrackId":"key-1","deliverResults":${results}}}`;
    const fault = { kind: 'answer', status: 200, body } as const;
    dingtalk.faults.add({ service: 'dingtalk', operation: 'card/createAndDeliver', fault });
    expect(await channel.post(MESSAGE)).toBe('key-1');
    expect(tones().at(-1)).toEqual(['key-1', 'success']);
  });

  test('that could not be delivered exists, and is never taken for one that was', async () => {
    const channel = channelTo('card-without-robot');
    for (const _try of ['first', 'second'])
      await expect(channel.post(MESSAGE)).rejects.toMatchObject({ code: 'dingtalk.card_not_delivered' });
    expect(dingtalk.dingtalk.messages()).toEqual([]);
  });

  test('cuts a long block at a line, to the kilobyte that the platform takes', async () => {
    const text = Array.from({ length: 60 }, (_, index) => `- 第 ${index} 行 🙂`).join('\n');
    await channelTo('card').post({ ...MESSAGE, blocks: [{ name: 'run', text }] });
    const [shown] = dingtalk.dingtalk.messages();
    const run = shown?.card?.values['run'];
    expect(Buffer.byteLength(run ?? '')).toBeLessThanOrEqual(1024);
    expect(run).toMatch(/^- 第 0 行 🙂\n.*🙂\n…$/s);
  });
});

test.each([
  ['without-robot', 'a group that the robot is not in'],
  ['gone', 'a group that is no more'],
  ['stopped', 'a robot that was stopped'],
  ['another-robot', 'a robot of another app'],
  ['card-without-robot', 'a card for a group that the robot is not in'],
  ['card-gone', 'a card for a group that is no more'],
  ['no-template', 'a card of a template that is not there'],
])('%s is refused for good: %s', async (chat) => {
  await expect(channelTo(chat).post(MESSAGE)).rejects.toBeInstanceOf(PermanentError);
});

test.each([
  ['groupMessages/send', 'ops', { kind: 'error', status: 400, code: 'send.too.fast' }],
  ['groupMessages/send', 'ops', { kind: 'error', status: 403, code: 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi' }],
  ['card/createAndDeliver', 'card', { kind: 'error', status: 403, code: 'Forbidden.AccessDenied.QpsLimitForApi' }],
  ['card/createAndDeliver', 'card', { kind: 'error', status: 500, code: 'systemError' }],
] as const)('%s to %s with %j is tried again', async (operation, chat, fault) => {
  dingtalk.faults.add({ service: 'dingtalk', operation, fault });
  await expect(channelTo(chat).post(MESSAGE)).rejects.toBeInstanceOf(TransientError);
  await channelTo(chat).post(MESSAGE);
  expect(dingtalk.dingtalk.messages()).toHaveLength(1);
});

test.each([
  ['card/update', 'card'],
  ['processInstances/comment', 'comment'],
])('HTTP 200 of %s that says false is no success', async (operation, what) => {
  const answer = { kind: 'answer', status: 200, body: '{"success":false,"result":false}' } as const;
  const channel = channelTo('card');
  const id = await channel.post(RUNNING);
  const instance = await dingtalk.createInstance();
  dingtalk.faults.add({ service: 'dingtalk', operation, fault: answer });
  const comment = { text: '完成 [dingtalk.A]', marker: '[dingtalk.A]' };
  const call = what === 'card' ? channel.update?.(id, MESSAGE) : messenger().comment?.(instance, 'u2', comment);
  await expect(call).rejects.toBeInstanceOf(TransientError);
});

test('of a long output a card shows the end: that is where the error stands', async () => {
  const text = [...Array.from({ length: 90 }, (_, index) => `> 第 ${index} 行`), '> ERROR: 磁盘已满 🙂'].join('\n');
  await channelTo('card').post({ ...MESSAGE, blocks: [{ name: 'output', text }] });
  const output = dingtalk.dingtalk.messages()[0]?.card?.values['output'] ?? '';
  expect(Buffer.byteLength(output)).toBeLessThanOrEqual(1024);
  expect(output).toMatch(/^…\n> 第 \d+ 行\n.*\n> ERROR: 磁盘已满 🙂$/s);
});

describe('a comment on the approval', () => {
  const comment = { text: '入职 · E123 已完成 🎉 [dingtalk.A]', marker: '[dingtalk.A]' };
  const written = async (id: string) => {
    const { operationRecords } = await dingtalk.detail(id);
    return Array.isArray(operationRecords) ? operationRecords.filter(({ type }) => type === 'ADD_REMARK') : [];
  };

  test('is written once, however often it is asked for', async () => {
    const id = await dingtalk.createInstance();
    await messenger().comment?.(id, 'u2', comment);
    await messenger().comment?.(id, 'u2', comment);
    expect(await written(id)).toMatchObject([{ userId: 'u2', remark: comment.text }]);
    expect(await written(id)).toHaveLength(1);
  });

  test('of another attempt stands beside it', async () => {
    const id = await dingtalk.createInstance();
    await messenger().comment?.(id, 'u2', comment);
    await messenger().comment?.(id, 'u2', { text: '已完成 [dingtalk.A.retry-1]', marker: '[dingtalk.A.retry-1]' });
    expect(await written(id)).toHaveLength(2);
  });

  test('in the name of nobody is refused', async () => {
    const id = await dingtalk.createInstance();
    await expect(messenger().comment?.(id, 'nobody', comment)).rejects.toMatchObject({
      code: 'dingtalk.userNotExist',
    });
  });
});

test('without the app’s credentials there are custom robots alone, and every other chat refuses what is sent', async () => {
  const robots = messenger(
    { DINGTALK_APP_SECRET: '' },
    { ops: { dingtalk: { robot: { access_token: 't', secret: 's' } } } },
  );
  expect(robots.channel('ops')).toBeDefined();
  expect([robots.tell, robots.comment]).toEqual([undefined, undefined]);
  const { ops, card } = CHATS;
  const closed = messenger({ DINGTALK_APP_SECRET: '' }, { ops, card });
  for (const chat of ['ops', 'card'])
    await expect(closed.channel(chat)?.post(MESSAGE)).rejects.toMatchObject({
      name: 'PermanentError',
      code: 'dingtalk.no_credentials',
      message: `chats.${chat}.dingtalk needs DINGTALK_APP_KEY and DINGTALK_APP_SECRET`,
    });
  expect(dingtalk.dingtalk.messages()).toEqual([]);
});
