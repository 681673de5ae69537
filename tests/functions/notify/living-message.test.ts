import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';
import { createLivingChats } from './living-chat.ts';

const A = 'dingtalk.a';
const B = 'dingtalk.b';

let opened: TemporaryWorld | undefined;
afterEach(() => opened?.remove());

async function open(
  chats: ReturnType<typeof createLivingChats>,
  workflow: object = {},
  outside: Parameters<typeof openTemporaryWorld>[1] = {},
): Promise<TemporaryWorld> {
  opened = await openTemporaryWorld(workflow, { channel: chats.channel, ...outside });
  opened.world.source.put(approvalOf('a'), approvalOf('b'));
  await opened.functions.callback('a');
  return opened;
}

const titles = (chats: ReturnType<typeof createLivingChats>, chat = 'it-ops') =>
  chats.shown(chat).map((shown) => shown.titles);

test('one message goes through every state of its request', async () => {
  const chats = createLivingChats();
  const { functions, world } = await open(chats);
  await functions.advance('notify', A);
  await functions.advance('dispatch', A);
  await functions.advance('notify', A);
  world.cloud.finish({ status: 'Running', instances: { 'i-1': 'Failed' } });
  await functions.advanceInvocation('t-1');
  world.cloud.finish({ instances: { 'i-1': 'Failed', 'i-2': 'Success' } });
  await functions.advanceInvocation('t-1');
  expect(titles(chats)).toEqual([
    [
      '📝 新员工入职 · E123 已受理',
      '▶️ 新员工入职 · E123 执行中',
      '▶️ 新员工入职 · E123 执行中',
      '⚠️ 新员工入职 · E123 部分实例失败',
    ],
  ]);
  expect(chats.shown('it-ops')[0]?.text.split('\n').slice(0, 2)).toEqual([
    '- 原因：部分实例没有成功，请运维人员逐个处理。',
    '- 再次执行：npm run -s loop -- requests retry dingtalk.a --failed-only --reason …',
  ]);
  expect(await world.work.list('told/')).toEqual([]);
});

test('each instance has its line while others run', async () => {
  const chats = createLivingChats();
  const { functions, world } = await open(chats);
  await functions.advance('dispatch', A);
  world.cloud.finish({ status: 'Running', instances: { 'i-1': 'Success' } });
  await functions.advanceInvocation('t-1');
  expect(chats.shown('it-ops')[0]?.text).toContain('- 执行：i-1 已完成，退出码 0\n- 执行：i-2 执行中\n');
});

test('a request that waits says for which one, in its own message', async () => {
  const chats = createLivingChats();
  const { functions } = await open(chats);
  await functions.advance('dispatch', A);
  await functions.callback('b');
  await functions.advance('dispatch', B);
  await functions.advance('notify', B);
  await functions.advance('notify', B);
  expect(titles(chats)).toEqual([['⏳ 新员工入职 · E123 等待中']]);
  expect(chats.shown('it-ops')[0]?.text.split('\n')[0]).toBe(
    '- 原因：同一对象的另一个申请（dingtalk.a）完成后会自动继续。',
  );
});

test('an earlier state is not told after a later one', async () => {
  const chats = createLivingChats();
  const { functions, world } = await open(chats);
  await functions.advance('dispatch', A);
  world.cloud.finish({ status: 'Running', instances: { 'i-1': 'Success' } });
  await functions.advanceInvocation('t-1');
  await functions.advance('notify', A);
  expect(titles(chats)).toEqual([['▶️ 新员工入职 · E123 执行中']]);
});

test('a state whose sender was held up never overwrites the end', async () => {
  const chats = createLivingChats();
  const { functions, world } = await open(chats);
  await functions.advance('dispatch', A);
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let sending = () => {};
  const reached = new Promise<void>((resolve) => {
    sending = resolve;
  });
  const slow = world.open(async (name, effect) => {
    if (name !== 'send') return effect();
    sending();
    await held;
    return effect();
  });
  const progress = slow.advance('notify', A);
  await reached;
  world.cloud.finish();
  await functions.advanceInvocation('t-1');
  expect(titles(chats)).toEqual([]);
  goOn();
  await progress;
  expect(titles(chats)).toEqual([['▶️ 新员工入职 · E123 执行中', '✅ 新员工入职 · E123 已完成']]);
});

test('where it is not known whether the message is out, the end is shown in it all the same', async () => {
  const chats = createLivingChats();
  const { functions, world } = await open(chats);
  await functions.advance('dispatch', A);
  const cut = world.open(async (name, effect) => {
    const result = await effect();
    if (name === 'send') throw new Error('the function is gone');
    return result;
  });
  await expect(cut.advance('notify', A)).rejects.toThrow('the function is gone');
  world.clock.advance(90_001);
  world.cloud.finish();
  await functions.advanceInvocation('t-1');
  expect(titles(chats)).toEqual([['▶️ 新员工入职 · E123 执行中', '✅ 新员工入职 · E123 已完成']]);
});

test('a message that was deleted makes room for another one', async () => {
  const chats = createLivingChats();
  const { functions, world } = await open(chats);
  await functions.advance('dispatch', A);
  await functions.advance('notify', A);
  chats.clear('it-ops');
  world.cloud.finish();
  await functions.advanceInvocation('t-1');
  expect(titles(chats)).toEqual([['✅ 新员工入职 · E123 已完成']]);
});

test('a change that the chat refuses is asked for once, and the end is shown all the same', async () => {
  const chats = createLivingChats();
  const { functions, world } = await open(chats);
  await functions.advance('notify', A);
  chats.clear('it-ops');
  await functions.advance('dispatch', A);
  for (let minute = 0; minute < 5; minute += 1) await functions.advance('notify', A);
  const refused = world.entries.filter(({ message }) => message === 'progress not told');
  expect(refused).toHaveLength(1);
  world.cloud.finish();
  await functions.advanceInvocation('t-1');
  expect(titles(chats)).toEqual([['✅ 新员工入职 · E123 已完成']]);
});

test('a channel that allows three updates keeps the last one for the end', async () => {
  const chats = createLivingChats(3);
  const { functions, world } = await open(chats, {
    run: { command: 'onboarding', instances: ['i-1', 'i-2', 'i-3', 'i-4'] },
  });
  await functions.advance('notify', A);
  await functions.advance('dispatch', A);
  const instances: Record<string, string> = {};
  for (const id of ['i-1', 'i-2', 'i-3']) {
    instances[id] = 'Success';
    world.cloud.finish({ status: 'Running', instances: { ...instances } });
    await functions.advanceInvocation('t-1');
  }
  world.cloud.finish();
  await functions.advanceInvocation('t-1');
  expect(titles(chats)).toEqual([
    [
      '📝 新员工入职 · E123 已受理',
      '▶️ 新员工入职 · E123 执行中',
      '▶️ 新员工入职 · E123 执行中',
      '✅ 新员工入职 · E123 已完成',
    ],
  ]);
});
