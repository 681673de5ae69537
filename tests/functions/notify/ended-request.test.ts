import { endedRequest } from '../../../functions/notify/ended-request.ts';
import type { Chain } from '../../../shared/journal/journal.ts';
import type { Fact, FactOf } from '../../../shared/request/records.ts';
import { FACTS, instanceResult, REQUEST_ID } from '../../shared/request/facts.ts';

const chain = (facts: Fact[], requestId = REQUEST_ID): Chain => ({ requestId, facts, lastSha256: 'f'.repeat(64) });
const { request } = FACTS.accepted;
const completed: FactOf<'completed'> = {
  ...FACTS.completed,
  status: 'Failed',
  instances: [instanceResult({ status: 'Failed' })],
};

/** Of a request that ran. */
const RAN = {
  requestId: REQUEST_ID,
  workflow: 'onboarding',
  platform: 'dingtalk',
  instanceId: 'fdc2ebbd-346e_4022',
  end: 'Failed',
  action: 'provision',
  retry: undefined,
  subject: 'E123',
  approval: request.approval,
  requester: { id: 'zhangsan', name: '张三' },
  approvers: [{ id: 'lisi', name: '李四', at: '2026-09-01T01:58Z' }],
  parameters: { emp_id: 'E123', role: 'devops' },
  instances: completed.instances,
  refusal: undefined,
};

test('a run that ended tells what was accepted and what it came to', () => {
  const facts = [FACTS.accepted, FACTS.planned, FACTS.dispatched, completed];
  expect(endedRequest(chain(facts))).toEqual(RAN);
});

test('it is the same without a dispatched record, and after the announcement', () => {
  expect(endedRequest(chain([FACTS.accepted, FACTS.planned, completed]))).toEqual(RAN);
  expect(endedRequest(chain([FACTS.accepted, FACTS.planned, completed, FACTS.announced, FACTS.closed]))).toEqual(RAN);
});

test('a request that dispatch refused keeps what was accepted', () => {
  const refused = { ...FACTS.refused, workflow: '', refusal: { code: 'command_missing', values: { command: 'c' } } };
  expect(endedRequest(chain([FACTS.accepted, refused]))).toEqual({
    ...RAN,
    end: 'Refused',
    instances: [],
    refusal: { code: 'command_missing', values: { command: 'c' } },
  });
});

test('a request that was never accepted has what its refusal knew', () => {
  const { approval, requester, approvers } = request;
  expect(endedRequest(chain([{ ...FACTS.refused, approval, requester, approvers }]))).toEqual({
    ...RAN,
    end: 'Refused',
    subject: '',
    parameters: {},
    instances: [],
    refusal: { code: 'missing_field', values: { parameter: 'emp_id' } },
  });
});

test('a refusal that knew nothing leaves it out', () => {
  expect(endedRequest(chain([FACTS.refused]))).toMatchObject({
    workflow: 'onboarding',
    approval: undefined,
    requester: undefined,
    approvers: [],
  });
});

test('the subject is the value of the first parameter, or nothing', () => {
  const accepted = (parameters: Record<string, string>): Fact => ({
    ...FACTS.accepted,
    request: { ...request, parameters },
  });
  expect(endedRequest(chain([accepted({ role: '运维', emp_id: 'E1' }), completed])).subject).toBe('运维');
  expect(endedRequest(chain([accepted({ note: '', emp_id: 'E1' }), completed])).subject).toBe('');
  expect(endedRequest(chain([accepted({}), completed])).subject).toBe('');
});

test.each([
  ['dingtalk.a', 'dingtalk', 'a', 'provision'],
  ['lark.A_b-9', 'lark', 'A_b-9', 'provision'],
  ['lark.A_b-9.retry-2', 'lark', 'A_b-9', 'provision'],
  ['dingtalk.a.revoke', 'dingtalk', 'a', 'revoke'],
  ['dingtalk.a.revoke.retry-12', 'dingtalk', 'a', 'revoke'],
])('%s is of the platform %s and the approval %s, to %s', (requestId, platform, instanceId, action) => {
  expect(endedRequest(chain([FACTS.refused], requestId))).toMatchObject({ platform, instanceId, action });
});

test('a request of no known platform fails loudly', () => {
  expect(() => endedRequest(chain([FACTS.refused], 'wecom.a'))).toThrow('wecom.a has not ended');
});

test.each(['revoked', 'not_valid'] as const)('a request that was cancelled as %s says why nothing ran', (reason) => {
  const facts = [FACTS.accepted, FACTS.planned, { ...FACTS.withdrawn, reason }, { ...FACTS.cancelled, reason }];
  expect(endedRequest(chain(facts))).toEqual({
    ...RAN,
    end: 'Withdrawn',
    instances: [],
    refusal: { code: `withdrawn_${reason}`, values: {} },
  });
});

test('a request that was withdrawn too late ends as its run did', () => {
  const facts = [FACTS.accepted, FACTS.planned, FACTS.withdrawn, FACTS.dispatched, completed];
  expect(endedRequest(chain(facts))).toEqual(RAN);
});

test('a request that was parked says at which step and with which error', () => {
  expect(endedRequest(chain([FACTS.accepted, FACTS.planned, FACTS.parked]))).toEqual({
    ...RAN,
    end: 'Parked',
    instances: [],
    refusal: { code: 'parked', values: { step: 'dispatch', error: 'stuck' } },
  });
});

test('a request that was parked before it was accepted still has its workflow', () => {
  expect(endedRequest(chain([FACTS.parked]))).toMatchObject({ workflow: 'onboarding', end: 'Parked', approvers: [] });
});

test('an attempt that a person asked for says who and why', () => {
  const retry = { of: REQUEST_ID, by: 'ops', reason: '磁盘已清理' };
  const accepted = { ...FACTS.accepted, request: { ...request, retry } };
  expect(endedRequest(chain([accepted, completed])).retry).toEqual(retry);
});

test.each<[string, Fact[]]>([
  ['nothing happened', []],
  ['it was accepted', [FACTS.accepted]],
  ['it was dispatched', [FACTS.accepted, FACTS.planned, FACTS.dispatched]],
  ['it was withdrawn', [FACTS.accepted, FACTS.withdrawn]],
  ['another request carries it out', [FACTS.redirected]],
])('a request has not ended when %s', (_, facts) => {
  expect(() => endedRequest(chain(facts))).toThrow(`${REQUEST_ID} has not ended`);
});
