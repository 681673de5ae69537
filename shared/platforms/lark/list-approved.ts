import * as z from 'zod/mini';
import type { Clock } from '../../clock.ts';
import { isInstanceId } from '../../ids.ts';
import type { LarkClient } from './client.ts';

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/query */
const listSchema = z.object({
  instance_list: z._default(z.nullable(z.array(z.object({ instance: z.object({ code: z.string() }) }))), []),
  page_token: z.optional(z.nullable(z.string())),
  has_more: z._default(z.boolean(), false),
});

const PAGE_SIZE = 200;
/** At most 10,000 ids of a definition. */
const MAX_PAGES = 50;
/** Lark answers for no longer a time. */
const MAX_WINDOW_MS = 30 * 24 * 3600_000;

/**
 * Ids of the definition's instances that were begun since then and are approved. The plain list of instances would take
 * a call for every ten hours and not say which of them still run.
 */
export async function listApproved(
  { client, clock }: { client: LarkClient; clock: Clock },
  code: string,
  since: number,
): Promise<string[]> {
  const now = clock.now();
  const body = {
    approval_code: code,
    instance_status: 'APPROVED',
    instance_start_time_from: String(Math.max(since, now - MAX_WINDOW_MS)),
    instance_start_time_to: String(now),
  };
  const ids: string[] = [];
  let page_token = '';
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { page_size: String(PAGE_SIZE), ...(page_token !== '' && { page_token }) };
    const request = { method: 'POST', path: '/open-apis/approval/v4/instances/query', query, body } as const;
    const answer = await client.call(request, listSchema);
    ids.push(...(answer.instance_list ?? []).map(({ instance }) => instance.code).filter(isInstanceId));
    page_token = answer.page_token ?? '';
    if (!answer.has_more || page_token === '') return ids;
  }
  return ids;
}
