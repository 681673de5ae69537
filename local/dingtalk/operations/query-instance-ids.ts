import { z } from 'zod';
import { NewApiError } from '../api-errors.ts';
import { INSTANCE_STATUSES } from '../instance.ts';
import { type Operation, parseBody } from '../operation.ts';

const DAY_MS = 86_400_000;
const MAX_WINDOW_MS = 120 * DAY_MS;
const MAX_AGE_MS = 365 * DAY_MS;
const MAX_IDS = 10_000;

const BodySchema = z.object({
  processCode: z.string().min(1),
  startTime: z.number().int(),
  endTime: z.number().int().optional(),
  /** A long, but the answer gives it as text. */
  nextToken: z.union([
    z.number().int().min(0),
    z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number),
  ]),
  maxResults: z.number().int().min(1).max(20),
  userIds: z.array(z.string()).max(10).optional(),
  statuses: z.array(z.enum(INSTANCE_STATUSES)).optional(),
});

const INVALID_START: [string, string] = [
  'invalidInstanceListIdsStartTime',
  '获取审批实例ID列表，审批实例开始时间不能为空',
];
const INVALID_END: [string, string] = [
  'invalidEndTime',
  '获取审批实例ID列表，审批实例结束时间不能小于开始时间；且查询时间范围不能超过120天。',
];

/** https://open.dingtalk.com/document/development/obtain-an-approval-list-of-instance-ids ; oldest first is our choice. */
export const queryInstanceIds: Operation = {
  name: 'instanceIds/query',
  method: 'POST',
  path: '/v1.0/workflow/processes/instanceIds/query',
  pot: 'apiCalls',
  needsToken: true,
  answer({ approvals, clock }, request) {
    const body = parseBody(request, BodySchema, {
      processCode: ['invalidProcessCode', '审批模板processCode不能为空'],
      startTime: INVALID_START,
      endTime: INVALID_END,
      nextToken: ['invalidNextToken', '获取审批实例ID列表，分页查询的游标不能为空'],
      maxResults: ['invalidMaxResults', '获取审批实例ID列表，分页参数非法，每页大小，最多传20。'],
      userIds: ['invalidUserIds', '获取审批实例ID列表，发起userid列表参数非法，最大列表长度为10。'],
      other: ['internalError', '参数错误'],
    });
    const now = clock.now();
    const { processCode, startTime, endTime = now, nextToken, maxResults, userIds, statuses } = body;
    if (endTime < startTime || endTime - startTime > MAX_WINDOW_MS) throw new NewApiError(...INVALID_END);
    if (now - startTime > MAX_AGE_MS) throw new NewApiError(...INVALID_START);
    const ids = approvals
      .all()
      .filter((instance) => instance.processCode === processCode)
      .filter(({ createTime }) => createTime >= startTime && createTime <= endTime)
      .filter(({ originatorUserId }) => !userIds?.length || userIds.includes(originatorUserId))
      .filter(({ status }) => !statuses?.length || statuses.includes(status))
      .map(({ processInstanceId }) => processInstanceId)
      .slice(0, MAX_IDS);
    const next = nextToken + maxResults;
    const list = ids.slice(nextToken, next);
    return { result: { list, ...(next < ids.length ? { nextToken: String(next) } : {}) }, success: true };
  },
};
