import { openLarkDesk } from '../../cli/approval/lark-approval.ts';
import { openAccess } from '../../cli/inspect/access.ts';
import { explain } from '../../cli/why/explain.ts';
import { askWhy } from './ask-why.ts';
import { ioOf, type OpsCloud, openOpsCloud } from './ops-cloud.ts';

let ops: OpsCloud;
beforeAll(async () => {
  ops = await openOpsCloud();
});
afterAll(() => ops.close());

const why = (query: string) => askWhy(ops, query);

/** Submitted by 张三, agreed to by 李四; whatever becomes of its events. */
async function approve(employee: string): Promise<string> {
  const { endpoints, lark } = ops.local.description;
  const desk = await openLarkDesk({ url: endpoints.lark, ...lark });
  const approvalCode = lark.approval_codes['onboarding'] ?? '';
  const id = await desk.submit({ approvalCode, requester: 'zhangsan', values: { emp_id: employee, role: 'devops' } });
  await desk.decide(id, 'lisi', 'agree');
  return id;
}

function subscription() {
  const { lark, functions } = ops.local.description;
  const { verification_token: verificationToken, encrypt_key: encryptKey } = lark;
  return { url: functions.ingest, verificationToken, encryptKey };
}

describe('an approval of Lark that never arrived', () => {
  test('is missed until it is pulled, and then it is in the chat of Lark', async () => {
    ops.local.cloud.faults.add({ service: 'lark', operation: 'push', times: 100, fault: { kind: 'drop' } });
    const id = await approve('E440');
    await ops.logged('event dropped', { instance_id: id, status: 'APPROVED' });
    ops.local.cloud.faults.clear();
    const found = await why('E440');
    expect(found).toMatchObject({ exit: 0, code: 'missed', request_id: `lark.${id}` });
    expect(found.todo).toContain(`"approvals pull lark ${id}" takes it now`);
    expect(found.hops.map(({ what, trouble }) => [what, trouble])).toEqual([['callback dropped', true]]);
    const { code, stdout } = await ops.loop('approvals', 'pull', 'lark', id);
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toBe(`lark.${id}: taken`);
    expect(stdout).toContain('│ ### ✅ 新员工入职 · E440 已完成');
    expect((await why(id)).code).toBe('succeeded');
  });

  test('because its callback was rejected: why it was', async () => {
    const { cloud } = ops.local;
    cloud.lark.setEventSubscription({ ...subscription(), encryptKey: 'another' });
    const id = await approve('E441');
    await ops.logged('event failed', { instance_id: id });
    const found = await why(id);
    cloud.lark.setEventSubscription(subscription());
    expect(found.code).toBe('missed_failed');
    expect(found.what).toBe(
      'On lark it is approved, and its callback failed: HTTP status 403 instead of 200; the message does not decrypt with this encrypt key.',
    );
    // The event of the submission is the one that fails: that of the decision waits behind it.
    expect(found.hops.map(({ what }) => what)).toEqual(['callback rejected', 'callback failed']);
  });

  test('in an environment without Lark is what nobody can tell', async () => {
    const access = await openAccess(ioOf([]), ops.local.description.directory);
    const sources = access.sources.filter(({ name }) => name === 'dingtalk');
    const [found] = await explain({ ...access, sources }, 'lark.nothing-1', [], 'en');
    expect(found?.diagnosis.code).toBe('not_configured');
  });
});
