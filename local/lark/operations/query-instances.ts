import { z } from 'zod';
import { approvalErrors } from '../api-error.ts';
import type { Instance } from '../instance.ts';
import { type Operation, pageOf, parseBody } from '../operation.ts';
import { findDefinition } from '../organisation.ts';
import { THOUSAND_A_MINUTE } from '../rate-limits.ts';

const MAX_SPAN_MS = 30 * 24 * 3_600_000;

const STATUSES = {
  PENDING: 'PENDING',
  RECALL: 'CANCELED',
  REJECT: 'REJECTED',
  DELETED: 'DELETED',
  APPROVED: 'APPROVED',
};
const time = z.string().regex(/^\d{13}$/, 'milliseconds');
const bodySchema = z.object({
  approval_code: z.string().optional(),
  instance_code: z.string().optional(),
  instance_status: z.enum(['PENDING', 'RECALL', 'REJECT', 'DELETED', 'APPROVED', 'ALL']).default('ALL'),
  instance_start_time_from: time.optional(),
  instance_start_time_to: time.optional(),
});
type Query = z.infer<typeof bodySchema>;

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/query ; oldest first. */
export const queryInstances: Operation = {
  name: 'instances/query',
  method: 'POST',
  path: 'approval/v4/instances/query',
  limit: THOUSAND_A_MINUTE,
  needsToken: true,
  answer({ approvals, organisation }, call) {
    const query = parseBody(call, bodySchema, approvalErrors.parameter);
    if (!query.approval_code && !query.instance_code) throw approvalErrors.parameter('approval_code or instance_code');
    if (query.approval_code && !findDefinition(organisation, query.approval_code)) throw approvalErrors.noDefinition();
    if (!isSpan(query)) throw approvalErrors.parameter('instance_start_time_from and instance_start_time_to');
    // What was revoked is left out, whichever status is asked for.
    const found = approvals.all().filter((instance) => !instance.reverted && isMeant(instance, query));
    const paged = pageOf(found, call, { default: 10, max: 200 });
    if (!paged) throw approvalErrors.parameter('page_size or page_token');
    const nameOf = (code: string) => findDefinition(organisation, code)?.name ?? '';
    const instance_list = paged.page.map((instance) => itemOf(instance, nameOf(instance.approval_code)));
    return { data: { count: found.length, instance_list, ...paged.rest } };
  },
};

/** Both ends of the time or none, and at most thirty days between them. */
function isSpan({ instance_start_time_from: from, instance_start_time_to: to }: Query): boolean {
  if (from === undefined || to === undefined) return from === to;
  return from <= to && Number(to) - Number(from) <= MAX_SPAN_MS;
}

function isMeant(instance: Instance, query: Query): boolean {
  const { approval_code, instance_code, instance_status, instance_start_time_from, instance_start_time_to } = query;
  return (
    (approval_code === undefined || instance.approval_code === approval_code) &&
    (instance_code === undefined || instance.instance_code === instance_code) &&
    (instance_status === 'ALL' || instance.status === STATUSES[instance_status]) &&
    instance.start_time >= Number(instance_start_time_from ?? 0) &&
    instance.start_time <= Number(instance_start_time_to ?? Number.POSITIVE_INFINITY)
  );
}

function itemOf(instance: Instance, name: string) {
  return {
    approval: { code: instance.approval_code, name, is_external: false, approval_id: '', icon: '' },
    group: { external_id: '', name: '' },
    instance: {
      code: instance.instance_code,
      user_id: instance.user_id,
      start_time: String(instance.start_time),
      end_time: String(instance.end_time),
      status: instance.status.toLowerCase(),
      extra: '{}',
      serial_id: instance.serial_number,
    },
  };
}
