import { COMPLETED, form, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(120_000);

let loop: Loop;
beforeAll(async () => {
  loop = await startLoop();
});
afterEach(() => loop.cloud.faults.clear());
afterAll(() => loop.close());

const revokeOf = ({ requestId }: { requestId: string }) => ({ requestId: `${requestId}.revoke` });

/** Somebody revokes the approval in the app, and 李四 agrees. */
async function revoke({ instanceId }: { instanceId: string }): Promise<void> {
  const attached = await loop.find(loop.cloud.dingtalk.attachInstance(instanceId, 'REVOKE'));
  await attached.decide();
}

test('a revocation after the run takes back what the run granted, and says so', async () => {
  const approval = await loop.approve(form('E700'));
  await loop.closed(approval);
  expect(await loop.file('/etc/passwd')).toMatch(/^e700:/m);
  await revoke(approval);
  const { facts, runs, messages } = await loop.closed(revokeOf(approval));
  expect(facts).toEqual(COMPLETED);
  expect(runs).toMatchObject([{ status: 'Success', exitCode: 0 }]);
  // The grant is known by the request that made it.
  expect(runs[0]?.parameters).toBe(`{"emp_id":"E700","request_id":"${approval.requestId}"}`);
  expect(messages.map(({ title }) => title)).toEqual(['✅ 撤销 新员工入职 · E700 已完成']);
  expect(await loop.file('/etc/shadow')).toMatch(/^e700:!/m);
  expect(await loop.file('/etc/group')).not.toMatch(/^devops:.*\be700\b/m);
});

test('a revocation that is turned down changes nothing', async () => {
  const approval = await loop.approve(form('E701'));
  await loop.closed(approval);
  const attached = await loop.find(loop.cloud.dingtalk.attachInstance(approval.instanceId, 'REVOKE'));
  await attached.decide('lisi', 'refuse');
  await loop.logged('callback answered', { reason: '"finish refuse" is not "finish agree"' });
  expect((await loop.traces(revokeOf(approval).requestId)).facts).toEqual([]);
});

test('a revocation during the run waits for its end', async () => {
  await loop.onInstance(
    'printf \'#!/bin/sh\\nsleep 1\\nexec /usr/sbin/useradd "$@"\\n\' > /usr/local/sbin/useradd && chmod 755 /usr/local/sbin/useradd',
  );
  const approval = await loop.approve(form('E702'));
  await loop.logged('command invoked', { request_id: approval.requestId });
  await revoke(approval);
  const undone = await loop.closed(revokeOf(approval));
  await loop.onInstance('rm /usr/local/sbin/useradd');
  expect((await loop.traces(approval.requestId)).facts).toEqual(COMPLETED);
  expect(undone.facts).toEqual(COMPLETED);
  expect(await loop.file('/etc/shadow')).toMatch(/^e702:!/m);
});

test('a revocation before the run cancels it: nothing runs, and both say so', async () => {
  // Cloud Assistant is down for half an hour, so that the run cannot start.
  loop.cloud.faults.add({
    service: 'ecs',
    operation: 'InvokeCommand',
    times: 30,
    fault: { kind: 'error', status: 503, code: 'ServiceUnavailable' },
  });
  const approval = await loop.approve(form('E703'));
  await loop.logged('planned', { request_id: approval.requestId });
  await revoke(approval);
  const undone = await loop.closed(revokeOf(approval));
  loop.cloud.faults.clear();
  const original = await loop.closed(approval);
  expect(original.facts.filter((fact) => fact !== 'confirmed')).toEqual([
    'accepted',
    'planned',
    'withdrawn',
    'cancelled',
    'announced',
    'closed',
  ]);
  expect(original.runs).toEqual([]);
  expect(original.messages.filter(({ title }) => title === '⏹ 新员工入职 · E703 已撤销，未执行')).toHaveLength(1);
  expect([undone.refusal, undone.runs]).toEqual(['revoked_in_time', []]);
  expect(await loop.file('/etc/passwd')).not.toMatch(/^e703:/m);
});

test('a revocation whose own callback is lost stops a run that comes late', async () => {
  loop.cloud.faults.add({
    service: 'ecs',
    operation: 'InvokeCommand',
    times: 14,
    fault: { kind: 'error', status: 503, code: 'ServiceUnavailable' },
  });
  const approval = await loop.approve(form('E704'));
  await loop.logged('planned', { request_id: approval.requestId });
  loop.cloud.faults.add({ service: 'dingtalk', operation: 'push', times: 10, fault: { kind: 'drop' } });
  await revoke(approval);
  const original = await loop.closed(approval);
  expect(original.facts.slice(-4)).toEqual(['withdrawn', 'cancelled', 'announced', 'closed']);
  expect(original.runs).toEqual([]);
});

test('requests for one person run one after the other, and the one that waits says so', async () => {
  await loop.onInstance(
    'printf \'#!/bin/sh\\nsleep 2\\nexec /usr/sbin/useradd "$@"\\n\' > /usr/local/sbin/useradd && chmod 755 /usr/local/sbin/useradd',
  );
  const first = await loop.approve(form('E705'));
  await loop.logged('command invoked', { request_id: first.requestId });
  const second = await loop.approve(form('E705', 'analyst'));
  await loop.logged('waiting for another request', { request_id: second.requestId, held_by: first.requestId });
  const [one, two] = await Promise.all([loop.closed(first), loop.closed(second)]);
  await loop.onInstance('rm /usr/local/sbin/useradd');
  expect([one.facts, two.facts]).toEqual([COMPLETED, COMPLETED]);
  const waits = loop.cloud.dingtalk.messages().filter(({ title }) => title.startsWith('⏳'));
  expect(waits.map(({ title }) => title)).toEqual(['⏳ 新员工入职 · E705 等待中']);
  const reason = `\n- 原因：同一对象的另一个申请（${first.requestId}）完成后会自动继续。\n`;
  expect(waits[0]?.text).toContain(reason);
  expect(waits[0]?.text).toContain(`\n- 编号：${second.requestId}，`);
});
