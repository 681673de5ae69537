import * as z from 'zod/mini';
import { headBytes } from '../../message/neutralise.ts';
import type { DingtalkClient } from './client.ts';

const MAX_CHARACTERS = 1024;
const recordsSchema = z.object({
  result: z.object({
    operationRecords: z._default(
      z.array(z.object({ type: z.optional(z.string()), remark: z.optional(z.nullable(z.string())) })),
      [],
    ),
  }),
});
const doneSchema = z.object({ success: z._default(z.union([z.boolean(), z.string()]), true) });

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
  if (result.operationRecords.some(({ remark }) => remark?.includes(marker))) return;
  const body = { processInstanceId, commentUserId, text: headBytes(text, MAX_CHARACTERS) };
  await client.call({ method: 'POST', path: `${path}/comments`, body }, doneSchema);
}
