import { createHash } from 'node:crypto';
import { PermanentError } from '../../../shared/errors.ts';
import type { OutgoingMessage } from '../../../shared/message/outgoing-message.ts';
import { closedChannel } from '../../../shared/platforms/app-wants.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';
import { createLivingChats } from './living-chat.ts';

const A = 'dingtalk.a';
const robot = { dingtalk: { robot: { access_token: 't', secret: 's' } } };
const FILE = {
  chats: { 'it-ops': robot, research: robot, fallback: robot },
  default_chat: { dingtalk: 'fallback' },
  operators: { dingtalk: ['wangwu', 'gone', 'zhaoliu'] },
};
const TEAM = {
  parameters: {
    emp_id: { field: 'TextField-EMPID', pattern: 'E[0-9]{3,8}' },
    team: { field: 'DDSelectField-TEAM', one_of: { 运维群: 'it-ops', 研发群: 'research' }, optional: true },
  },
  chat: { dingtalk: 'it-ops', parameter: 'team' },
};

let opened: TemporaryWorld;
let chats: ReturnType<typeof createLivingChats>;
let private_: { people: readonly string[]; message: OutgoingMessage }[];
beforeEach(() => {
  chats = createLivingChats();
  private_ = [];
});
afterEach(() => opened.remove());

async function run(team?: string, messenger = {}, employee = 'E123'): Promise<void> {
  const tell = async (people: readonly string[], message: OutgoingMessage) => void private_.push({ people, message });
  opened = await openTemporaryWorld(TEAM, { channel: chats.channel, file: FILE, messenger: { tell, ...messenger } });
  const fields = [
    { names: ['TextField-EMPID'], value: employee },
    ...(team === undefined ? [] : [{ names: ['DDSelectField-TEAM'], value: team }]),
  ];
  opened.world.source.put(approvalOf('a', { fields }));
  await opened.functions.callback('a');
  await opened.functions.advance('dispatch', A);
  opened.world.cloud.finish();
}
const end = () => opened.functions.advance('notify', A);
const shownIn = () => Object.keys(FILE.chats).filter((chat) => chats.shown(chat).length > 0);
const firstLine = (chat: string) => chats.shown(chat)[0]?.text.split('\n')[0];

test.each([
  ['the one that was chosen', '研发群', 'research'],
  ['the workflow’s own where none was chosen', undefined, 'it-ops'],
])('the message goes to %s', async (_, team, chat) => {
  await run(team);
  await end();
  expect(shownIn()).toEqual([chat]);
});

test('a chat that is not on the list is refused, and the workflow’s own chat hears why', async () => {
  await run('老板群');
  await end();
  expect(shownIn()).toEqual(['it-ops']);
  expect(firstLine('it-ops')).toBe('- 原因：“team”的值“老板群”不符合要求。可接受：运维群, 研发群。请修改后重新提交。');
});

test('what is refused for another value goes to the chat that was chosen', async () => {
  await run('研发群', {}, '工号 🚀');
  await end();
  expect(shownIn()).toEqual(['research']);
  expect(firstLine('research')).toContain('“emp_id”的值');
});

test('where a chat is gone the next in line hears the end, and why', async () => {
  await run('研发群');
  chats.dissolve('research');
  await end();
  expect(shownIn()).toEqual(['it-ops']);
  expect(firstLine('it-ops')).toBe('- 群 research 无法送达（lark.232009），因此发到这里。');
  expect(await opened.last(A)).toMatchObject({ type: 'closed' });
});

test('a group that only the app can write to, and no app to write: the next in line hears the end, and why', async () => {
  const channel = (chat: string) => (chat === 'research' ? closedChannel('dingtalk', chat) : chats.channel(chat));
  await run('研发群', { channel });
  await end();
  expect(shownIn()).toEqual(['it-ops']);
  expect(firstLine('it-ops')).toBe('- 群 research 无法送达（dingtalk.no_credentials），因此发到这里。');
  expect(await opened.last(A)).toMatchObject({ type: 'closed' });
});

test('operators cannot be told without the app, and the log says so', async () => {
  await run('研发群', { tell: undefined });
  for (const chat of Object.keys(FILE.chats)) chats.dissolve(chat);
  await expect(end()).rejects.toThrow('can be reached');
  const said = opened.world.entries.filter(({ message }) => message === 'operators not told');
  expect(said.map(({ fields }) => fields)).toMatchObject([{ request_id: A, error: 'no credentials of the app' }]);
});

test('the default chat is the last in line', async () => {
  await run('研发群');
  chats.dissolve('research');
  chats.dissolve('it-ops');
  await end();
  expect(shownIn()).toEqual(['fallback']);
});

test('where no chat can be reached the operators are told once, and the request stays open and raises an alarm', async () => {
  await run('研发群');
  for (const chat of Object.keys(FILE.chats)) chats.dissolve(chat);
  await expect(end()).rejects.toThrow(
    'workflow onboarding has no chat on dingtalk that can be reached (the last one, fallback, answered lark.232009); the request stays open until it has one',
  );
  await expect(end()).rejects.toThrow('can be reached');
  expect(private_.map(({ people, message }) => [people, message.title])).toEqual([
    [['wangwu'], '✅ 新员工入职 · E123 已完成'],
    [['gone'], '✅ 新员工入职 · E123 已完成'],
    [['zhaoliu'], '✅ 新员工入职 · E123 已完成'],
  ]);
  expect(await opened.last(A)).toMatchObject({ type: 'completed' });
  const alarms = opened.world.entries.filter(({ fields }) => fields['alarm'] === 'message_undeliverable');
  expect(alarms.map(({ message }) => message)).toEqual(['no chat can be reached', 'no chat can be reached']);
  chats.restore('it-ops');
  await end();
  expect(shownIn()).toEqual(['it-ops']);
});

test('what a chat refused once is sent under another key the next time', async () => {
  await run();
  chats.dissolve('it-ops');
  chats.dissolve('fallback');
  await expect(end()).rejects.toThrow('can be reached');
  await expect(end()).rejects.toThrow('can be reached');
  chats.restore('it-ops');
  await end();
  expect(new Set(chats.keys('it-ops')).size).toBe(3);
  expect(shownIn()).toEqual(['it-ops']);
});

test('a chat whose platform does not answer is waited for, and after a quarter of an hour the next one hears it', async () => {
  await run('研发群');
  chats.silence('research');
  await expect(end()).rejects.toThrow('no answer');
  opened.world.clock.advance(15 * 60_000 - 1_000);
  await expect(end()).rejects.toThrow('no answer');
  opened.world.clock.advance(2_000);
  await end();
  expect(shownIn()).toEqual(['it-ops']);
  expect(firstLine('it-ops')).toBe('- 群 research 无法送达（lark.timeout），因此发到这里。');
});

test('words that the platform refuses are left out', async () => {
  await run('研发群');
  chats.censor('research', 'E123，');
  await end();
  expect(shownIn()).toEqual(['research']);
  const [shown] = chats.shown('research');
  expect(shown?.titles).toEqual(['✅ 新员工入职 已完成']);
  expect(shown?.text).toMatch(/^- 编号：dingtalk\.a，记录 [0-9a-f]{12}，\[查看审批\]\(\S+\)$/);
  // The record is of what was shown.
  const announced = (await opened.functions.journal.read(A)).facts.find(({ type }) => type === 'announced');
  expect(announced).toMatchObject({
    message_sha256: createHash('sha256')
      .update(shown?.text ?? '')
      .digest('hex'),
  });
});

test('an operator who cannot be told does not keep the others from it', async () => {
  const told: string[] = [];
  await run('研发群', {
    tell: async ([person = '']: readonly string[]) => {
      if (person === 'gone') throw new PermanentError('dingtalk.60121', 'no such user');
      told.push(person);
    },
  });
  for (const chat of Object.keys(FILE.chats)) chats.dissolve(chat);
  await expect(end()).rejects.toThrow('can be reached');
  await expect(end()).rejects.toThrow('can be reached');
  expect(told).toEqual(['wangwu', 'zhaoliu']);
});

test('operators who cannot be told either change nothing', async () => {
  await run('研发群', {
    tell: async () => {
      throw new PermanentError('dingtalk.60011', 'no permission');
    },
  });
  for (const chat of Object.keys(FILE.chats)) chats.dissolve(chat);
  await expect(end()).rejects.toThrow('can be reached');
});
