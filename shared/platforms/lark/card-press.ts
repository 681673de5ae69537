import * as z from 'zod/mini';
import { PRESS_KINDS, requestIdSchema } from '../../events.ts';
import type { Press, PressAnswer } from '../platform.ts';

/** https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/card-callback-communication */
export const CARD_ACTION = 'card.action.trigger';

const eventSchema = z.object({
  operator: z.object({ open_id: z.string().check(z.minLength(1), z.maxLength(128)) }),
  action: z.object({ value: z.unknown() }),
  context: z.object({ open_message_id: z.string().check(z.regex(/^[\w-]{1,128}$/)) }),
});
/** What a button of ours carries; see `cardOf`. */
const valueSchema = z.object({ press: z.enum(PRESS_KINDS), request_id: requestIdSchema });

/** The press that this event tells of, or why it is none of ours. */
export function readPress(event: unknown): Press | { reason: string } {
  const pressed = eventSchema.safeParse(event);
  if (!pressed.success) return { reason: 'a press without who pressed or where' };
  const { operator, action, context } = pressed.data;
  const value = valueSchema.safeParse(action.value);
  if (!value.success) return { reason: 'a press on no button of ours' };
  const { press: what, request_id: requestId } = value.data;
  return { what, requestId, operator: operator.open_id, messageId: context.open_message_id };
}

/** Only whoever pressed sees the toast. */
export function pressReply({ kind, text }: PressAnswer): object {
  return { toast: { type: kind === 'taken' ? 'success' : 'warning', content: text } };
}
