import type { Approval, ApprovalSource, ReadApproval } from '../../../shared/platforms/platform.ts';

/** An approval of 张三 that 李四 agreed to. */
export function approvalOf(instance_id: string, changes: Partial<Approval> & { employee?: string } = {}): Approval {
  const { employee = 'E123', ...rest } = changes;
  return {
    instance_id,
    code: 'PROC-1',
    title: '张三提交的入职',
    number: '202609011000',
    state: 'approved',
    kind: 'original',
    attached: [],
    requester: { id: 'zhangsan', name: '张三' },
    approvers: [{ id: 'lisi', name: '李四', at: '2026-09-01T01:58Z' }],
    fields: [{ names: ['TextField-EMPID'], value: employee }],
    ...rest,
  };
}

/** A platform that says what the script tells it to. */
export interface ScriptedSource extends ApprovalSource {
  put(...approvals: Approval[]): void;
  isPut(instanceId: string): boolean;
  /** The revocation `by` of an approval is granted. */
  revoke(about: string, by: string, changes?: Partial<Approval>): void;
  /** The next call for this instance gives this, or throws it. */
  next(instanceId: string, answer: ReadApproval | Error): void;
  /** Instances that were read, in order. */
  reads: string[];
}

export function createScriptedSource(): ScriptedSource {
  const approvals = new Map<string, Approval>();
  const scripted = new Map<string, (ReadApproval | Error)[]>();
  const reads: string[] = [];
  const reply = { status: 200, headers: {}, body: 'success' };
  return {
    name: 'dingtalk',
    tenant: 'ding-corp',
    reads,
    put: (...added) => {
      for (const approval of added) approvals.set(approval.instance_id, approval);
    },
    revoke: (about, by, changes = {}) => {
      const original = approvals.get(about);
      if (original) approvals.set(about, { ...original, attached: [...original.attached, by] });
      approvals.set(by, approvalOf(by, { kind: 'revocation', about, ...changes }));
    },
    isPut: (instanceId) => approvals.has(instanceId),
    next: (instanceId, answer) => {
      scripted.set(instanceId, [...(scripted.get(instanceId) ?? []), answer]);
    },
    desk: {
      approvalLink: (instanceId) => `https://approval.example/${instanceId}`,
      start: async () => 'started',
      answer: async () => undefined,
    },
    recognises: () => true,
    openCallback: ({ query }) => ({
      kind: 'event',
      hint: { instance_id: query['instance'] ?? '', code: 'PROC-1' },
      sentAt: Number(query['at']),
      reply,
      message: '',
    }),
    readApproval: async ({ instance_id }) => {
      reads.push(instance_id);
      const answer = scripted.get(instance_id)?.shift();
      if (answer instanceof Error) throw answer;
      if (answer) return answer;
      const approval = approvals.get(instance_id);
      if (approval) return { kind: 'approval', approval };
      return { kind: 'refused', refusal: { code: 'approval_unreadable', values: { error: 'dingtalk.404' } } };
    },
    personName: async (id) => (id === 'wangwu' ? '王五 🙂' : id),
    listDecided: async () => [],
    takeUndelivered: async () => undefined,
  };
}
