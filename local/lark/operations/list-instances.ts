import { approvalErrors } from '../api-error.ts';
import { type Operation, pageOf } from '../operation.ts';
import { findDefinition } from '../organisation.ts';
import { HUNDRED_A_MINUTE } from '../rate-limits.ts';

/** The page warns that one query should not span more; that a wider one is refused is our choice. */
const MAX_SPAN_MS = 10 * 3_600_000;

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/list ; oldest first. */
export const listInstances: Operation = {
  name: 'instances/list',
  method: 'GET',
  path: 'approval/v4/instances',
  limit: HUNDRED_A_MINUTE,
  needsToken: true,
  answer({ approvals, organisation }, call) {
    const { query } = call.request;
    const approvalCode = query.get('approval_code');
    if (!approvalCode) throw approvalErrors.parameter('approval_code');
    if (!findDefinition(organisation, approvalCode)) throw approvalErrors.noDefinition();
    const from = timeOf(query.get('start_time'));
    const to = timeOf(query.get('end_time'));
    if (!(from <= to && to - from <= MAX_SPAN_MS)) throw approvalErrors.parameter('start_time and end_time');
    const codes = approvals
      .all()
      .filter(
        ({ approval_code, start_time }) => approval_code === approvalCode && start_time >= from && start_time <= to,
      )
      .map(({ instance_code }) => instance_code);
    const paged = pageOf(codes, call, { default: 100, max: 100 });
    if (!paged) throw approvalErrors.parameter('page_size or page_token');
    return { data: { instance_code_list: paged.page, ...paged.rest } };
  },
};

function timeOf(text: string | null): number {
  return text && /^\d{13}$/.test(text) ? Number(text) : Number.NaN;
}
