import * as z from 'zod/mini';
import { headBytes } from '../../message/neutralise.ts';
import type { DingtalkClient } from './client.ts';

const MAX_CHARACTERS = 1024;
const recordsSchema = z.object({
  result: z.object({
    operationRecords: z.optional(
      z.nullable(
        z.array(z.object({ userId: z.optional(z.nullable(z.string())), remark: z.optional(z.nullable(z.string())) })),
      ),
    ),
  }),
});
/** HTTP 200 may carry a failure. */
const doneSchema = z.object({ success: z.optional(z.union([z.literal(true), z.literal('true')])) });

/**
 * A comment stands under the name of a member, and the same one written again stands there twice: it is looked for first.
 * https://open.dingtalk.com/document/development/official-approval-adds-approval-comments
 */
export async function commentOnApproval(
  client: DingtalkClient,
  processInstanceId: string,
  commentUserId: string,
  { text, marker }: { text: string; marker: string },
): Promise<void> {
  const path = '/v1.0/workflow/processInstances';
  const { result } = await client.call({ method: 'GET', path, query: { processInstanceId } }, recordsSchema);
  const isThere = result.operationRecords?.some(
    ({ userId, remark }) => userId === commentUserId && remark?.includes(marker),
  );
  if (isThere) return;
  const body = { processInstanceId, commentUserId, text: headBytes(text, MAX_CHARACTERS) };
  await client.call({ method: 'POST', path: `${path}/comments`, body }, doneSchema);
}
