import { openApprovalDesk } from '../../cli/approval/dingtalk-approval.ts';
import { openAccess } from '../../cli/inspect/access.ts';
import { explain } from '../../cli/why/explain.ts';
import { createCloudAssistant } from '../../shared/alicloud/cloud-assistant.ts';
import { createEcsCaller, ecsEndpoint } from '../../shared/alicloud/ecs-caller.ts';
import { FACTS } from '../shared/request/facts.ts';
import { askWhy } from './ask-why.ts';
import { ioOf, type OpsCloud, openOpsCloud } from './ops-cloud.ts';

let ops: OpsCloud;
beforeAll(async () => {
  ops = await openOpsCloud();
});
afterAll(() => ops.close());

/** What is said of the only request that is found. */
const why = (query: string, ...args: string[]) => askWhy(ops, query, ...args);

const FORM = { 'TextField-EMPID': 'E401', 'DDSelectField-ROLE': 'devops' };

/** An approval that is submitted, and decided unless it is left pending; its callbacks fail as the fault says. */
async function submit(fault: 'drop' | 'none', decision?: 'agree' | 'refuse', employee = 'E401'): Promise<string> {
  const { faults } = ops.local.cloud;
  if (fault === 'drop') faults.add({ service: 'dingtalk', operation: 'push', times: 100, fault: { kind: 'drop' } });
  const { endpoints, dingtalk } = ops.local.description;
  const desk = await openApprovalDesk({ url: endpoints.dingtalk, ...dingtalk });
  const processCode = dingtalk.process_codes['onboarding'] ?? '';
  const id = await desk.submit({
    processCode,
    requester: 'zhangsan',
    values: { ...FORM, 'TextField-EMPID': employee },
  });
  if (decision) await desk.decide(id, 'lisi', decision);
  // A push is on its way by now, and dropped or not.
  await new Promise((resolve) => setTimeout(resolve, 50));
  faults.clear();
  return id;
}

async function until(query: string, wanted: string) {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await why(query).catch(() => undefined);
    if (found?.code === wanted) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return why(query);
}

describe('a request that ended', () => {
  test('well: every hop in its order, and nothing to do', async () => {
    const { request_id } = await ops.approve('emp_id=E410', 'role=devops');
    const found = await why('E410');
    expect(found).toMatchObject({
      exit: 0,
      request_id,
      what: 'It ran, and ended well.',
      todo: 'Nothing.',
      next_try: null,
    });
    const names = found.hops.map(({ what }) => what);
    for (const name of [
      'callback sent',
      'callback verified',
      'marker durable',
      'form read',
      'rule matched',
      'run started',
      'script output',
      'completion event',
      'run ended',
      'group told',
      'closed',
    ])
      expect(names).toContain(name);
    expect(found.hops.map(({ at }) => at)).toEqual(found.hops.map(({ at }) => at).sort());
    expect(found.hops.filter(({ trouble }) => trouble)).toEqual([]);
    expect(found.hops.find(({ what }) => what === 'rule matched')?.detail).toBe(
      'event_type=ProvisionRequest  rule=approval-loop-dev-request',
    );
  });

  test('by a failure: what the status means, and what to do, in Chinese too', async () => {
    await ops.onInstance('useradd --no-create-home e411');
    await ops.approve('emp_id=E411', 'role=devops');
    expect((await why('E411')).what).toBe(
      'It ran and did not end well: Failed (failed). The script did not succeed (its exit code is not 0). An operator should look at its output.',
    );
    const { code, stdout } = await ops.loop('why', 'E411', '--lang', 'zh-CN');
    expect(code).toBe(0);
    expect(stdout).toContain(
      '\n原因: 已经执行，但没有成功：Failed（执行失败）。脚本没有成功（退出码不为 0），请运维人员查看输出并处理。\n怎么办: ',
    );
    expect(stdout).toMatch(/Z {2}开始执行 /);
  });

  test('by a refusal: in the words of its message', async () => {
    const { request_id } = await ops.approve('emp_id=1;\u001b[2J', 'role=devops');
    const found = await why(request_id);
    expect(found.code).toBe('refused');
    expect(found.what).toContain(
      'It was refused, and nothing ran: The value "1;" of "emp_id" is not allowed. Accepted: ',
    );
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
    expect((await ops.loop('why', request_id)).stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  test('by being only observed: what would have run, in list and show too', async () => {
    const { accepted, planned, observed, announced, closed } = FACTS;
    await ops.write('dingtalk.observed-1', accepted, planned, observed, announced, closed);
    expect(await why('dingtalk.observed-1')).toMatchObject({
      code: 'observed',
      what: 'Its workflow is only observed (mode: observe): it would have run approval-loop-dev-onboarding-0123456789ab on i-1, and nothing has run.',
    });
    const { stdout } = await ops.loop('why', 'dingtalk.observed-1', '--lang', 'zh-CN');
    expect(stdout).toContain('原因: 该流程处于观察模式（mode: observe）：本应在 i-1 上执行 ');
    expect((await ops.loop('requests', 'show', 'dingtalk.observed-1')).stdout).toMatch(
      /^ended \(Observed\).*\n(.*\n)* +3 {2}\S+ {2}observed {4}no agent answers on i-1 {2}\[/m,
    );
    expect((await ops.loop('requests', 'list', '--all')).stdout).toMatch(
      /^dingtalk\.observed-1 .*closed \(Observed\)/m,
    );
  });

  test('by a guard, before the form was read: what only the platform knows of it finds it too', async () => {
    const { code } = await ops.loop(
      'local',
      'approve',
      'onboarding',
      'emp_id=E412',
      'role=devops',
      '--requester',
      'lisi',
    );
    expect(code).toBe(1);
    const found = await why('E412');
    expect(found).toMatchObject({ exit: 0, code: 'refused' });
    expect(found.what).toMatch(/^It was refused, and nothing ran: Agreements that count: 0; at least 1 needed /);
  });

  test('by being parked, withdrawn, redirected, or with broken records', async () => {
    const at = '2026-09-01T02:00:00.000Z';
    const { announced, closed, parked, redirected, cancelled } = FACTS;
    await ops.write('dingtalk.parked-1', parked, announced, closed);
    await ops.work.createIfAbsent('parked/dingtalk.parked-1', Buffer.from('{"at":1}'));
    await ops.write('dingtalk.redirected-1', redirected);
    const request = { ...FACTS.accepted.request, request_id: 'dingtalk.withdrawn-1' };
    await ops.write('dingtalk.withdrawn-1', { type: 'accepted', at, request }, cancelled, announced, closed);
    await ops.records.createIfAbsent('accepted/dingtalk.broken-1.json', Buffer.from('{}'));
    expect((await why('parked-1')).what).toBe(
      'It was given up: the step dispatch could not be finished in its time (stuck: no instance answers).',
    );
    expect((await why('redirected-1')).todo).toBe('Ask "why dingtalk.other.revoke".');
    expect((await why('withdrawn-1')).what).toBe('It was withdrawn before it ran (revoked).');
    expect((await why('broken-1')).what).toMatch(/^Its records do not fit together \(these bytes are no record/);
  });
});

describe('a request that is open', () => {
  afterEach(() => ops.local.cloud.setAgentOnline(instance(), true));
  const instance = () => ops.local.description.instances[0] ?? '';
  const at = () => new Date().toISOString();
  const marker = (id: string) => ({
    request_id: `dingtalk.${id}`,
    platform: 'dingtalk' as const,
    instance_id: id,
    code: 'PROC-X',
    received_at: Date.now(),
  });

  test('waits for its instance, and the next for the same employee waits for it', async () => {
    ops.local.cloud.setAgentOnline(instance(), false);
    const first = `dingtalk.${await submit('none', 'agree', 'E420')}`;
    expect((await until(first, 'run_pending')).what).toMatch(
      new RegExp(`^The run t-\\w+ was started .* ago, and ${instance()} has not taken it: `),
    );
    const second = `dingtalk.${await submit('none', 'agree', 'E420')}`;
    const waiting = await until(second, 'waiting_lock');
    expect(waiting.what).toBe(
      `It waits for another request about the same subject (emp_id=E420): ${first} goes first.`,
    );
    expect(waiting.next_try).toMatch(/T\d\d:\d\d:00\.000Z$/);
    expect((await ops.loop('why', 'E420')).stdout).toContain(`\n\n${second}  onboarding · E420\n`);
    ops.local.cloud.setAgentOnline(instance(), true);
    expect((await ops.loop('requests', 'stop', first, '--no-wait')).code).toBe(0);
  });

  test('is not accepted yet, waits for confirmation, or for a lease that somebody holds', async () => {
    await ops.markers.put(marker('marker-1'));
    expect((await why('marker-1')).code).toBe('to_accept');
    const write = async (id: string, accepted: string) => {
      await ops.markers.put(marker(id));
      const request = {
        ...FACTS.accepted.request,
        request_id: `dingtalk.${id}`,
        parameters: { emp_id: id, role: 'devops' },
      };
      await ops.write(
        `dingtalk.${id}`,
        { type: 'accepted', at: accepted, request },
        { ...FACTS.planned, at: accepted },
      );
    };
    await write('late-1', new Date(Date.now() - 11 * 60_000).toISOString());
    expect((await why('late-1')).what).toBe(
      'Its run comes late, so that ingest reads the approval once more before it may start.',
    );
    await write('leased-1', at());
    const lease = { holder: 'dispatch/1-x\u001b[2J', until: Date.now() + 60_000 };
    await ops.work.createIfAbsent('leases/dingtalk.leased-1/run/000001', Buffer.from(JSON.stringify(lease)));
    expect((await why('leased-1')).what).toBe(
      'Somebody (dispatch/1-x) is at the step dispatch just now, or broke off in the middle of it.',
    );
    for (const id of ['marker-1', 'late-1', 'leased-1']) await ops.markers.delete(`dingtalk.${id}`);
    expect((await why('leased-1')).what).toMatch(
      /^It is not at its end \(last fact: planned\), and its open marker is gone/,
    );
  });
});

describe('an approval that never arrived', () => {
  test('is missed, which its number and its employee tell too, until it is pulled', async () => {
    const id = await submit('drop', 'agree', 'E430');
    const found = await why('E430');
    expect(found).toMatchObject({ exit: 0, code: 'missed', request_id: `dingtalk.${id}` });
    expect(found.todo).toBe(
      `"approvals pull dingtalk ${id}" takes it now; ingest also looks for such approvals once an hour.`,
    );
    expect(found.hops.map(({ what, trouble }) => [what, trouble])).toEqual([['callback dropped', true]]);
    const { code, stdout } = await ops.loop('approvals', 'pull', 'dingtalk', id);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe(`dingtalk.${id}: taken`);
    expect(stdout).toContain('│ ### ✅ 新员工入职 · E430 已完成');
    expect((await why(id)).code).toBe('succeeded');
    const again = await ops.loop('approvals', 'pull', 'dingtalk', id);
    expect([again.code, again.stderr]).toEqual([
      1,
      `not taken: dingtalk.${id} has had its way already (Success); "requests retry" makes a new attempt\n`,
    ]);
  });

  test('because its callback was rejected: why it was', async () => {
    const { cloud } = ops.local;
    const { dingtalk, functions } = ops.local.description;
    const subscription = { url: functions.ingest, aesKey: dingtalk.callback_aes_key, ownerKey: dingtalk.app_key };
    cloud.dingtalk.setEventSubscription({ ...subscription, token: 'another' });
    const id = await submit('none', 'agree', 'E431');
    await new Promise((resolve) => setTimeout(resolve, 200));
    cloud.dingtalk.setEventSubscription({ ...subscription, token: dingtalk.callback_token });
    const found = await why(id);
    expect(found.code).toBe('missed_failed');
    expect(found.what).toBe(
      'On dingtalk it is approved, and its callback failed: HTTP status 403 instead of 200; wrong signature.',
    );
    expect(found.hops.map(({ what }) => what)).toContain('callback rejected');
  });

  test('because it is not decided, or not agreed to', async () => {
    const pending = await submit('none');
    expect((await why(pending)).what).toBe('On dingtalk nobody has decided on it yet.');
    const declined = await submit('none', 'refuse');
    expect((await why(declined)).what).toBe(
      'On dingtalk it was refused, withdrawn or terminated, so that nothing is to run.',
    );
    for (const [id, state] of [
      [pending, 'still pending'],
      [declined, 'not approved'],
    ] as const)
      expect(await ops.loop('approvals', 'pull', 'dingtalk', id)).toEqual({
        code: 1,
        stdout: '',
        stderr: `not taken: dingtalk says that it is ${state}\n`,
      });
  });

  test('because its template starts no workflow, as in an environment without that workflow', async () => {
    const id = await submit('drop', 'agree', 'E432');
    const access = await openAccess(ioOf([]), ops.local.description.directory);
    const { onboarding: _, ...workflows } = access.workflows.workflows;
    const without = { ...access, workflows: { ...access.workflows, workflows } };
    const [found] = await explain(without, `dingtalk.${id}`, [], 'en');
    expect(found?.diagnosis.code).toBe('no_workflow');
  });

  test('because another environment has run it', async () => {
    const id = 'elsewhere-1';
    const input = {
      ...FACTS.planned.input,
      operation: 'RunCommand' as const,
      instances: [...ops.local.description.instances],
    };
    const tags = { 'approval-loop-request': `dingtalk.${id}`, 'approval-loop-environment': 'prod' };
    const { region, endpoints, access_key_id, access_key_secret } = ops.local.description;
    const credentials = () => ({ accessKeyId: access_key_id, accessKeySecret: access_key_secret });
    const ecs = createEcsCaller({ ...ecsEndpoint(region, `http://${endpoints.ecs}`), regionId: region, credentials });
    await createCloudAssistant(ecs, region).run({ ...input, client_token: 'elsewhere', parameters: {}, tags });
    expect((await why(`dingtalk.${id}`)).what).toBe('It has run in the environment prod; this is dev.');
  });
});

describe('what nobody knows', () => {
  test.each([
    ['an instance', 'dingtalk.nothing-1', 'dingtalk does not show it to this app (dingtalk.processInstanceNotExist).'],
    ['one of Lark', 'lark.nothing-1', 'lark does not show it to this app (lark.1390003).'],
    ['an attempt', 'dingtalk.nothing-1.retry-3', 'There is no such attempt of it here.'],
  ])('%s: as far as it can be told, exit code 1', async (_what, query, what) => {
    expect(await why(query)).toMatchObject({ exit: 1, what });
  });

  test.each([
    ['a word', 'nobody', 'nobody'],
    ['a path', '../../x', '../../x'],
    ['an escape', 'a\u001b]0;x\u0007b', 'ab'],
  ])('%s: where it was looked for, exit code 1', async (_what, query, shown) => {
    expect(await ops.loop('why', query)).toEqual({
      code: 1,
      stdout: '',
      stderr: `${shown}: Neither the records nor the decided approvals of the last two weeks have anything about it. Try the id of the approval instance, which the link to the approval has.\n`,
    });
  });
});

describe('approvals pull', () => {
  test.each([
    ['a path as id', ['dingtalk', '../x'], 2, 'error: "../x" is no approval instance id: 1 to 64 of A-Z a-z 0-9 _ -\n'],
    [
      'an id that the platform does not know',
      ['dingtalk', 'nothing-1'],
      1,
      'not taken: dingtalk does not show it to this app (dingtalk.processInstanceNotExist); is the id right?\n',
    ],
    [
      'an id that Lark does not know',
      ['lark', 'nothing-1'],
      1,
      'not taken: lark does not show it to this app (lark.1390003); is the id right?\n',
    ],
    [
      'a workflow that there is not',
      ['dingtalk', 'x', '--workflow', 'shine'],
      2,
      'error: there is no workflow "shine"; workflows.yaml has onboarding, resource-request\n',
    ],
  ])('%s is refused', async (_what, args, code, stderr) => {
    expect(await ops.loop('approvals', 'pull', ...args)).toEqual({ code, stdout: '', stderr });
  });

  test('of the wrong workflow is refused by ingest itself', async () => {
    const id = await submit('drop', 'agree', 'E440');
    const { code, stdout } = await ops.loop('approvals', 'pull', 'dingtalk', id, '--workflow', 'resource-request');
    expect(code).toBe(1);
    expect(stdout).toContain('不属于模板');
  });
});
