import { z } from 'zod';
import { parseJson } from '../parse-json.ts';

/** The `content` of a comment is JSON text: …/reference/approval-v4/instance-comment/create */
export const CommentContentSchema = z.looseObject({
  text: z.string().default(''),
  files: z.array(z.looseObject({ url: z.string() })).optional(),
});

/** What people read of a comment. */
export function textOf(content: string): string {
  return parseJson(CommentContentSchema, content)?.text ?? '';
}
