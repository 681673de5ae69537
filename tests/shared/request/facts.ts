import type { Fact, FactOf, InstanceResult } from '../../../shared/request/records.ts';

const at = '2026-09-01T02:00:00.000Z';

export const REQUEST_ID = 'dingtalk.fdc2ebbd-346e_4022';

/** One valid fact of each type, as a request of 张三 would have them. */
export const FACTS: { [T in Fact['type']]: FactOf<T> } = {
  commented: { type: 'commented', at, outcome: 'written' },
  accepted: {
    type: 'accepted',
    at,
    request: {
      request_id: REQUEST_ID,
      workflow: 'onboarding',
      action: 'provision',
      platform: 'dingtalk',
      tenant: 'ding-corp',
      approval: {
        instance_id: 'fdc2ebbd-346e_4022',
        code: 'PROC-1',
        title: '张三提交的新员工入职 🚀',
        number: '202609011000000001',
      },
      requester: { id: 'zhangsan', name: '张三' },
      approvers: [{ id: 'lisi', name: '李四', at: '2026-09-01T01:58Z' }],
      parameters: { emp_id: 'E123', role: 'devops' },
    },
  },
  refused: {
    type: 'refused',
    at,
    workflow: 'onboarding',
    refusal: { code: 'missing_field', values: { parameter: 'emp_id' } },
  },
  planned: {
    type: 'planned',
    at,
    input: {
      operation: 'InvokeCommand',
      command_name: 'approval-loop-dev-onboarding-0123456789ab',
      command_id: 'c-1',
      content: '#!/bin/sh\n',
      content_sha256: '0'.repeat(64),
      instances: ['i-1'],
      parameters: { emp_id: 'E123' },
      timeout_seconds: 60,
      client_token: 't',
      tags: { 'approval-loop-request': REQUEST_ID },
    },
  },
  dispatched: { type: 'dispatched', at, invoke_id: 't-1' },
  completed: { type: 'completed', at, invoke_id: 't-1', status: 'Success', instances: [] },
  observed: { type: 'observed', at, offline: ['i-1'] },
  announced: { type: 'announced', at, platform: 'dingtalk', chat: 'it-ops', message_sha256: '0'.repeat(64) },
  closed: { type: 'closed', at },
  withdrawn: { type: 'withdrawn', at, reason: 'revoked' },
  cancelled: { type: 'cancelled', at, reason: 'revoked' },
  confirmed: { type: 'confirmed', at },
  pressed: { type: 'pressed', at, what: 'stop', by: { id: 'wangwu', name: '王五 🙂' }, message: 'om_1' },
  answered: { type: 'answered', at, what: 'stop', outcome: 'done' },
  redirected: { type: 'redirected', at, to: 'dingtalk.other.revoke' },
  parked: {
    type: 'parked',
    at,
    workflow: 'onboarding',
    step: 'dispatch',
    code: 'stuck',
    message: 'no instance answers',
  },
};

export function instanceResult(changes: Partial<InstanceResult> = {}): InstanceResult {
  return {
    instance_id: 'i-bp1aaaaaaaaaaaaaaaaa',
    status: 'Success',
    exit_code: 0,
    error_code: '',
    error_info: '',
    duration_ms: 3000,
    output_sha256: '0'.repeat(64),
    output_tail: '',
    output_omitted: 0,
    facts: {},
    ...changes,
  };
}
