import { PermanentError, TransientError } from '../../../shared/errors.ts';
import { type Pause, putPause } from '../../../shared/journal/pauses.ts';
import { approvalOf } from '../world/approvals.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../world/open-temporary-world.ts';
import { sampleWorkflows } from '../world/workflows.ts';

const A = 'dingtalk.a';

let opened: TemporaryWorld;
afterEach(() => opened.remove());
async function open(changes: object = {}) {
  opened = await openTemporaryWorld({ mode: 'observe', ...changes });
  opened.world.source.put(approvalOf('a'), approvalOf('b'));
  await opened.functions.callback('a');
}

const runs = () => opened.world.cloud.runs.map(({ requestId }) => requestId);
async function minute(...ids: string[]): Promise<void> {
  for (const me of ['ingest', 'dispatch', 'notify'] as const)
    for (const id of ids) await opened.functions.advance(me, id);
}

test('a request is accepted and planned, its message says what would run, and nothing is invoked', async () => {
  await open();
  await minute(A);
  expect(await opened.types(A)).toEqual(['accepted', 'planned', 'observed', 'announced', 'closed']);
  expect(runs()).toEqual([]);
  const [message] = opened.world.messages;
  const text = message?.blocks.map((block) => block.text).join('\n') ?? '';
  expect(message?.title).toBe('🔍 新员工入职 · E123 仅观察，未执行');
  expect(text).toMatch(
    /^- 将在 i-1，i-2 上执行命令 approval-loop-dev-onboarding-[0-9a-f]{12}；该流程处于观察模式，什么都没有执行。$/m,
  );
  expect(text).toContain('- 参数：emp_id = E123');
  expect(opened.world.events.map(({ type }) => type)).toEqual([
    'ProvisionRequest',
    'ProvisionRefused',
    'ProvisionCompleted',
  ]);
  expect(opened.world.events.at(-1)).toMatchObject({ data: { status: 'Observed', instances: [] } });
  const left = (await opened.world.work.list('')).filter((key) => !key.startsWith('sends/'));
  expect(left).toEqual([]);
});

test('an instance whose agent does not answer is named', async () => {
  await open();
  opened.world.cloud.offline.add('i-2');
  await minute(A);
  const text = opened.world.messages[0]?.blocks[0]?.text;
  expect(text).toContain('\n- i-2 的云助手没有响应，届时会执行失败。');
  expect((await opened.functions.journal.read(A)).facts[2]).toMatchObject({ type: 'observed', offline: ['i-2'] });
});

test('in English too', async () => {
  await open({ language: 'en' });
  await minute(A);
  expect(opened.world.messages[0]?.title).toBe('🔍 新员工入职 · E123 only observed, not run');
  expect(opened.world.messages[0]?.blocks[0]?.text).toMatch(
    /^- It would run the command approval-loop-dev-onboarding-\w+ on i-1, i-2; this workflow is only observed, and nothing has run\.$/,
  );
});

test('a command that is missing is refused as ever', async () => {
  await open();
  opened.world.cloud.findCommandId = async () => undefined;
  await minute(A);
  expect((await opened.functions.journal.read(A)).facts[1]).toMatchObject({
    type: 'refused',
    refusal: { code: 'command_missing' },
  });
});

test('it takes no lock, waits for no pause, and counts for no limit: nothing runs', async () => {
  await open({ limits: { per_hour: 1 } });
  const pause: Pause = { kind: 'person', at: 0, by: 'ops', reason: 'x' };
  await putPause(opened.world.work, { workflow: 'onboarding', pause });
  await opened.functions.callback('b');
  await minute(A, 'dingtalk.b');
  expect([(await opened.types(A))[2], (await opened.types('dingtalk.b'))[2]]).toEqual(['observed', 'observed']);
  expect((await opened.world.work.list('')).filter((key) => /^(locks|starts)\//.test(key))).toEqual([]);
});

test('a revocation of it has nothing to undo', async () => {
  await open();
  await minute(A);
  opened.world.source.revoke('a', 'r');
  await opened.functions.callback('r');
  await minute('dingtalk.r', `${A}.revoke`);
  expect((await opened.functions.journal.read(`${A}.revoke`)).facts[1]).toMatchObject({
    type: 'refused',
    refusal: { code: 'nothing_to_undo' },
  });
  expect(runs()).toEqual([]);
});

test('a run that had started before the workflow was only observed goes on to its end', async () => {
  opened = await openTemporaryWorld();
  opened.world.source.put(approvalOf('a'));
  await opened.functions.callback('a');
  opened.world.cloud.fail('run', 'after', new TransientError('ecs.timeout', 'the answer did not come'));
  await expect(opened.functions.advance('dispatch', A)).rejects.toThrow('the answer did not come');
  Object.assign(opened.functions.workflows.workflows, sampleWorkflows({ mode: 'observe' }).workflows);
  await opened.functions.advance('dispatch', A);
  expect([await opened.types(A), runs()]).toEqual([['accepted', 'planned', 'dispatched'], [A]]);
});

test('instances that cannot be asked about end nothing: it is tried again', async () => {
  await open();
  const { findOnline } = opened.world.cloud;
  opened.world.cloud.findOnline = async () => {
    throw new PermanentError('ecs.Forbidden.RAM', 'not allowed');
  };
  await expect(opened.functions.advance('dispatch', A)).rejects.toThrow('not allowed');
  opened.world.cloud.findOnline = findOnline;
  await minute(A);
  expect((await opened.types(A))[2]).toBe('observed');
});
