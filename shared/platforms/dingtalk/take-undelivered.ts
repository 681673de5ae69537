import * as z from 'zod/mini';
import { isInstanceId } from '../../ids.ts';
import type { ApprovalHint } from '../platform.ts';
import type { DingtalkClient } from './client.ts';

/** https://open.dingtalk.com/document/development/obtain-the-event-list-of-failed-push-messages */
const listSchema = z.object({
  has_more: z._default(z.boolean(), false),
  failed_list: z.array(z.record(z.string(), z.unknown())),
});
const itemSchema = z.object({
  bpms_instance_change: z.object({
    bpmsCallBackData: z.object({
      processInstanceId: z.string().check(z.refine(isInstanceId)),
      processCode: z.string(),
      type: z.literal('finish'),
      result: z.literal('agree'),
    }),
  }),
});

/** 200 callbacks a page. */
const MAX_PAGES = 100;

/** Hands out what DingTalk could not deliver. Each call deletes what the last one returned, so a page is kept first. */
export async function takeUndelivered(
  client: DingtalkClient,
  keep: (hint: ApprovalHint) => Promise<void>,
): Promise<void> {
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await client.getOld('/call_back/get_call_back_failed_result', listSchema);
    for (const item of answer.failed_list) {
      const approval = itemSchema.safeParse(item);
      if (!approval.success) continue;
      const { processInstanceId, processCode } = approval.data.bpms_instance_change.bpmsCallBackData;
      await keep({ instance_id: processInstanceId, code: processCode });
    }
    if (!answer.has_more) return;
  }
}
