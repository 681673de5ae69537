import { PermanentError, TransientError } from '../../../shared/errors.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';

const A = 'dingtalk.a';
let opened: TemporaryWorld;
afterEach(() => opened.remove());

async function end(
  comment?: (...call: unknown[]) => Promise<void>,
  workflow: object = { comment_as: { dingtalk: 'bot-user' } },
) {
  opened = await openTemporaryWorld(workflow, comment ? { messenger: { comment } } : {});
  opened.world.source.put(approvalOf('a'));
  await opened.functions.callback('a');
  await opened.functions.advance('dispatch', A);
  opened.world.cloud.finish();
  await opened.functions.advance('notify', A);
}
const outcome = async () =>
  (await opened.functions.journal.read(A)).facts.flatMap((fact) => (fact.type === 'commented' ? [fact.outcome] : []));

test('the end is written on the approval in the name that the workflow gives', async () => {
  const calls: unknown[][] = [];
  await end(async (...call) => void calls.push(call));
  expect(calls).toEqual([['a', 'bot-user', { text: '新员工入职 · E123 已完成 [dingtalk.a]', marker: '[dingtalk.a]' }]]);
  expect(await outcome()).toEqual(['written']);
  expect((await opened.types(A)).slice(-3)).toEqual(['announced', 'commented', 'closed']);
});

test('without a name nothing is written', async () => {
  const calls: unknown[][] = [];
  await end(async (...call) => void calls.push(call), {});
  expect(calls).toEqual([]);
  expect((await opened.types(A)).slice(-2)).toEqual(['announced', 'closed']);
});

test.each([
  [
    'what the platform refuses',
    async () => Promise.reject(new PermanentError('dingtalk.userNotExist', 'no')),
    'dingtalk.userNotExist',
  ],
  ['without the app’s credentials', undefined, 'no_credentials'],
])('%s is not tried again, and the journal says so', async (_, comment, code) => {
  await end(comment);
  expect(await outcome()).toEqual([code]);
  expect((await opened.types(A)).at(-1)).toBe('closed');
});

test('what may pass is tried again', async () => {
  let tries = 0;
  const comment = async () => {
    tries += 1;
    if (tries === 1) throw new TransientError('dingtalk.timeout', 'no answer');
  };
  await expect(end(comment)).rejects.toThrow('no answer');
  expect((await opened.types(A)).at(-1)).toBe('announced');
  await opened.functions.advance('notify', A);
  expect([tries, await outcome()]).toEqual([2, ['written']]);
});

test('what passes for a day is left, so that the request is closed', async () => {
  const comment = async () => {
    throw new TransientError('lark.bad_answer', 'no answer of the API');
  };
  await expect(end(comment)).rejects.toThrow('no answer of the API');
  opened.world.clock.advance(24 * 3600_000 + 1_000);
  await opened.functions.advance('notify', A);
  expect([await outcome(), (await opened.types(A)).at(-1)]).toEqual([['lark.bad_answer'], 'closed']);
});
