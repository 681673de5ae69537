import { PermanentError, TransientError } from '../../../shared/errors.ts';
import type { PressKind } from '../../../shared/events.ts';
import type { PlatformName } from '../../../shared/ids.ts';
import { createLivingChats } from '../notify/living-chat.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const A = 'dingtalk.a';
const BUTTONS = { stop: ['operators'], retry: ['approvers', 'wangwu'], output: ['requester'] };

let opened: TemporaryWorld;
let chats: ReturnType<typeof createLivingChats>;
beforeEach(async () => {
  chats = createLivingChats();
  const file = { operators: { dingtalk: ['zhaoliu'] } };
  opened = await openTemporaryWorld({ buttons: BUTTONS }, { channel: chats.channel, file });
  opened.world.source.put(approvalOf('a'));
  await opened.functions.callback('a');
});
afterEach(() => opened.remove());

const NEVER = new AbortController().signal;
const press = (operator: string, what: PressKind, requestId = A, platform: PlatformName = 'dingtalk') =>
  opened.functions.takePress(platform, { what, requestId, operator, messageId: 'om_1' }, NEVER);

/** Runs it on both instances; the second one fails. */
async function run(): Promise<void> {
  await opened.functions.advance('dispatch', A);
}
async function end(instances: Readonly<Record<string, string>> = { 'i-2': 'Failed' }): Promise<void> {
  opened.world.cloud.finish({ instances });
  await opened.functions.advanceInvocation('t-1');
}

const DENIED = { kind: 'refused', text: '您没有权限操作，请联系运维人员。' };
const UNKNOWN = { kind: 'refused', text: '这里没有这个申请。' };

describe('who may press', () => {
  test.each<[string, string, PressKind, object]>([
    ['an operator', 'zhaoliu', 'stop', { kind: 'taken' }],
    ['who asked', 'zhangsan', 'stop', DENIED],
    ['who agreed', 'lisi', 'stop', DENIED],
    ['nobody', '', 'stop', DENIED],
    ['somebody who is called like a role', 'operators', 'stop', DENIED],
    ['what every object has', 'constructor', 'stop', DENIED],
  ])('%s on a button for operators', async (_, operator, what, answer) => {
    await run();
    expect(await press(operator, what)).toMatchObject(answer);
  });

  test.each<[string, string, PressKind, object]>([
    ['who agreed', 'lisi', 'retry', { kind: 'taken' }],
    ['who is named', 'wangwu', 'retry', { kind: 'taken' }],
    ['an operator', 'zhaoliu', 'retry', DENIED],
    ['who asked', 'zhangsan', 'output', { kind: 'taken' }],
    ['who agreed, on another button', 'lisi', 'output', DENIED],
  ])('%s after the end', async (_, operator, what, answer) => {
    await run();
    await end();
    expect(await press(operator, what)).toMatchObject(answer);
  });

  test.each<[string, string, PlatformName]>([
    ['another platform', A, 'lark'],
    ['a request that does not exist', 'dingtalk.b', 'dingtalk'],
    ['what is no request', '../a', 'dingtalk'],
  ])('nobody for %s', async (_, requestId, platform) => {
    await run();
    expect(await press('zhaoliu', 'stop', requestId, platform)).toEqual(UNKNOWN);
    expect(await opened.types(A)).toEqual(['accepted', 'planned', 'dispatched']);
  });

  test('whoever is neither who asked nor who agreed has the name that the platform knows', async () => {
    await run();
    await end();
    await press('wangwu', 'retry');
    const { facts } = await opened.functions.journal.read(A);
    expect(facts.find(({ type }) => type === 'pressed')).toMatchObject({ by: { id: 'wangwu', name: '王五 🙂' } });
  });
});

describe('Stop', () => {
  test('before the run asks for nothing', async () => {
    expect(await press('zhaoliu', 'stop')).toEqual({ kind: 'refused', text: '还没有开始执行。' });
    expect(await opened.types(A)).toEqual(['accepted']);
  });

  test('whose answer was lost is asked for again, and the run ends as stopped', async () => {
    await run();
    await press('zhaoliu', 'stop');
    opened.world.cloud.fail('stop', 'after', new TransientError('ecs.timeout', 'the answer did not come'));
    await expect(opened.functions.advance('dispatch', A)).rejects.toThrow('the answer did not come');
    await opened.functions.advance('dispatch', A);
    await opened.functions.advance('notify', A);
    expect(await opened.types(A)).toEqual([
      ...['accepted', 'planned', 'dispatched', 'pressed', 'answered'],
      ...['completed', 'announced', 'closed'],
    ]);
    expect(chats.shown('it-ops').map(({ titles }) => titles.at(-1))).toEqual(['⏹ 新员工入职 · E123 已被终止']);
  });

  test('that Cloud Assistant refuses leaves the run to its end, and the chain says why', async () => {
    await run();
    await press('zhaoliu', 'stop');
    opened.world.cloud.fail('stop', 'before', new PermanentError('ecs.Operation.Forbidden', 'not this one'));
    await opened.functions.advance('dispatch', A);
    expect(await opened.last(A)).toMatchObject({ what: 'stop', outcome: 'ecs.Operation.Forbidden' });
    await end({});
    expect(chats.shown('it-ops').map(({ titles }) => titles.at(-1))).toEqual(['✅ 新员工入职 · E123 已完成']);
  });
});

describe('Retry', () => {
  beforeEach(run);

  test('runs what failed once more, and no more than that', async () => {
    await end();
    await press('lisi', 'retry');
    await opened.functions.advance('notify', A);
    await opened.functions.advance('dispatch', `${A}.retry-1`);
    expect(opened.world.cloud.runs.map(({ input }) => input.instances)).toEqual([['i-1', 'i-2'], ['i-2']]);
    expect(await opened.functions.markers.list()).toEqual([`${A}.retry-1`]);
  });

  test('pressed by two at once counts once, and the other one reads who was first', async () => {
    await end();
    const answers = await Promise.all([press('lisi', 'retry'), press('wangwu', 'retry')]);
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['refused', 'taken']);
    expect(answers.find(({ kind }) => kind === 'refused')?.text).toMatch(/^(李四|王五 🙂) 已经按过。$/);
    expect((await opened.types(A)).filter((type) => type === 'pressed')).toHaveLength(1);
  });

  test('after a success asks for nothing', async () => {
    await end({});
    expect(await press('lisi', 'retry')).toEqual({ kind: 'refused', text: '没有失败的实例，无需重试。' });
  });

  test('after somebody else has tried again asks for nothing', async () => {
    await end();
    await opened.mark('a', { request_id: `${A}.retry-1` });
    expect(await press('lisi', 'retry')).toEqual({ kind: 'refused', text: `已经重试过，编号 ${A}.retry-1。` });
  });

  test('that ingest had no time to begin is begun by notify', async () => {
    await end();
    const gone = opened.world.open(async (name, effect) => {
      if (name === `create open/${A}.retry-1`) throw new Error('the process is killed');
      return effect();
    });
    const pressed = { what: 'retry', requestId: A, operator: 'lisi', messageId: 'om_1' } as const;
    await expect(gone.takePress('dingtalk', pressed, NEVER)).rejects.toThrow('the process is killed');
    expect(await opened.functions.markers.list()).toEqual([A]);
    await opened.functions.advance('notify', A);
    expect(await opened.functions.markers.list()).toEqual([`${A}.retry-1`]);
  });
});

test('a press at the moment at which the request is forgotten is found by the next sweep', async () => {
  await run();
  let pressed = false;
  const disturbed = opened.world.open(async (name, effect) => {
    if (name === `delete open/${A}` && !pressed) {
      pressed = true;
      expect(await press('zhangsan', 'output')).toMatchObject({ kind: 'taken' });
    }
    return effect();
  });
  opened.world.cloud.finish();
  await disturbed.advanceInvocation('t-1');
  expect(pressed).toBe(true);
  expect(await opened.functions.markers.list()).toEqual([A]);
  await opened.functions.advance('notify', A);
  expect((await opened.types(A)).slice(-3)).toEqual(['closed', 'pressed', 'answered']);
  expect(await opened.functions.markers.list()).toEqual([]);
});

test('what cannot be shown for a day is left, and the chain says why', async () => {
  await run();
  await end();
  await press('zhangsan', 'output');
  chats.silence('it-ops');
  await expect(opened.functions.advance('notify', A)).rejects.toThrow('no answer');
  opened.world.clock.advance(24 * 3600_000 + 1);
  await opened.functions.advance('notify', A);
  expect(await opened.last(A)).toMatchObject({ type: 'answered', what: 'output', outcome: 'lark.timeout' });
  expect(await opened.functions.markers.list()).toEqual([]);
});
