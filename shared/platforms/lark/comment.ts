import * as z from 'zod/mini';
import { parseJson } from '../../json.ts';
import type { LarkClient } from './client.ts';

const contentSchema = z.object({ text: z.string() });
const commentsSchema = z.object({
  comments: z.optional(
    z.nullable(z.array(z.object({ id: z.string(), content: z.string(), is_delete: z.optional(z.number()) }))),
  ),
});

/**
 * Written in the name of a person, without a key for repetition: it is looked for first, and one that says something else
 * about the same request is edited.
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance-comment/create
 */
export async function commentOnApproval(
  client: LarkClient,
  instanceId: string,
  openId: string,
  { text, marker }: { text: string; marker: string },
): Promise<void> {
  const path = `/open-apis/approval/v4/instances/${instanceId}/comments`;
  const query = { user_id: openId, user_id_type: 'open_id' };
  const { comments } = await client.call(
    { method: 'GET', path, query: { ...query, page_size: '100' } },
    commentsSchema,
  );
  const before = comments?.find(({ content, is_delete }) => is_delete !== 1 && textOf(content).includes(marker));
  if (before && textOf(before.content) === text) return;
  const body = { content: JSON.stringify({ text }), ...(before && { comment_id: before.id }) };
  await client.call({ method: 'POST', path, query, body }, z.unknown());
}

function textOf(content: string): string {
  return contentSchema.safeParse(parseJson(content)).data?.text ?? '';
}
