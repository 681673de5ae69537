import FcClient, * as fc from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import { COMPLETED, form, type Loop, REFUSED, startLoop, type Traces } from './start-loop.ts';

jest.setTimeout(120_000);

/** How the run itself can go wrong, and what the group then reads. */
let loop: Loop;
let instanceId = '';
beforeAll(async () => {
  loop = await startLoop();
  [instanceId = ''] = loop.cloud.state.instance_ids;
});
afterAll(() => loop.close());

const readable = ({ messages: [message] }: Traces, start: string) =>
  message?.text.split('\n').find((line) => line.startsWith(start));
const titles = ({ messages }: Traces) => messages.map(({ title }) => title);

test('an account of that name that is not ours is left alone: exit code 3 and the script’s own words', async () => {
  await loop.onInstance('useradd --no-create-home --comment 别人的 e400');
  const traces = await loop.closed(await loop.approve(form('E400')));
  expect(traces.facts).toEqual(COMPLETED);
  expect(traces.runs).toMatchObject([{ status: 'Failed', exitCode: 3 }]);
  expect(titles(traces)).toEqual(['❌ 新员工入职 · E400 执行失败']);
  expect(readable(traces, '- 原因')).toBe('- 原因：脚本没有成功（退出码不为 0），请运维人员查看输出并处理。');
  expect(traces.messages[0]?.text).toContain('e400');
  expect(await loop.file('/etc/passwd')).toMatch(/^e400:x:\d+:\d+:别人的:/m);
});

test('a script on the instance that is not the released one is not run', async () => {
  await loop.onInstance('cp -p /opt/provision.sh /root/released && echo "touch /tmp/changed" >> /opt/provision.sh');
  const traces = await loop.closed(await loop.approve(form('E401')));
  await loop.onInstance('cp -p /root/released /opt/provision.sh');
  expect(traces.runs).toMatchObject([{ status: 'Failed', exitCode: 90 }]);
  expect(traces.messages[0]?.text).toContain('/opt/provision.sh is missing or not the released version');
  expect(await loop.file('/tmp/changed')).toBeUndefined();
  expect(await loop.file('/etc/passwd')).not.toContain('e401');
});

test('an agent that is offline ends as not run', async () => {
  loop.cloud.setAgentOnline(instanceId, false);
  const traces = await loop.closed(await loop.approve(form('E402')));
  loop.cloud.setAgentOnline(instanceId, true);
  expect(traces.facts).toEqual(COMPLETED);
  expect(traces.runs).toMatchObject([{ status: 'Aborted' }]);
  expect(titles(traces)).toEqual(['❌ 新员工入职 · E402 未能送达实例，未执行']);
  expect(readable(traces, '- 原因')).toBe('- 原因：实例未运行或云助手离线。请运维人员检查实例，再次执行。');
});

test('a run that somebody stops ends as stopped, and nothing of it goes on', async () => {
  await loop.onInstance(
    "printf '#!/bin/sh\\nexec sleep 3600\\n' > /usr/local/sbin/useradd && chmod 755 /usr/local/sbin/useradd",
  );
  const approval = await loop.approve(form('E403'));
  const { fields } = await loop.logged('command invoked', { request_id: approval.requestId });
  const InvokeId = String(fields['invoke_id']);
  await loop.ecs.request('StopInvocation', { RegionId: loop.cloud.region, InvokeId, 'InstanceId.1': instanceId });
  const traces = await loop.closed(approval);
  await loop.onInstance('rm /usr/local/sbin/useradd');
  expect(traces.runs).toMatchObject([{ status: 'Terminated' }]);
  expect(titles(traces)).toEqual(['⏹ 新员工入职 · E403 已被终止']);
});

test('an instance that does not exist has no tag of the environment, is refused, and told', async () => {
  await withInstances('i-bp1doesnotexist00000', async () => {
    const traces = await loop.closed(await loop.approve(form('E404')));
    expect([traces.facts, traces.refusal, traces.runs]).toEqual([
      ['accepted', 'planned', 'refused', 'announced', 'closed'],
      'run_rejected',
      [],
    ]);
    expect(readable(traces, '- 原因')).toBe('- 原因：云助手拒绝执行（ecs.Forbidden.RAM），请管理员检查实例与命令。');
  });
});

test('a command that does not exist is refused and told', async () => {
  const { cloud, ecs } = loop;
  await ecs.request('DeleteCommand', { RegionId: cloud.region, CommandId: cloud.commandIds['onboarding'] });
  const traces = await loop.closed(await loop.approve(form('E405')));
  expect([traces.facts, traces.refusal, traces.runs]).toEqual([['accepted', ...REFUSED], 'command_missing', []]);
  expect(readable(traces, '- 原因')).toMatch(
    /^- 原因：找不到命令 approval-loop-dev-onboarding-[0-9a-f]{12}，请管理员重新运行 setup。$/,
  );
});

/** Deploys dispatch with other instances while `work` runs, as a faulty deployment would. */
async function withInstances(ids: string, work: () => Promise<void>): Promise<void> {
  const { endpoints, state, names } = loop.cloud;
  const keys = { accessKeyId: state.access_key_id, accessKeySecret: state.access_key_secret };
  const endpoint = new URL(endpoints.fc).host;
  const client = new FcClient(new $OpenApiUtil.Config({ ...keys, endpoint, protocol: 'http' }));
  const name = names.function('dispatch');
  const { body } = await client.getFunction(name, new fc.GetFunctionRequest({}));
  const deploy = (environmentVariables: Record<string, string> = {}) =>
    client.updateFunction(
      name,
      new fc.UpdateFunctionRequest({ body: new fc.UpdateFunctionInput({ environmentVariables }) }),
    );
  await deploy({ ...body?.environmentVariables, ECS_INSTANCE_IDS: ids });
  try {
    await work();
  } finally {
    await deploy(body?.environmentVariables);
  }
}
