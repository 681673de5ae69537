import * as z from 'zod/mini';
import { PRESS_KINDS, requestIdSchema } from '../../events.ts';
import { parseJson } from '../../json.ts';
import type { Press, PressAnswer } from '../platform.ts';

/** Of type CALLBACK in Stream mode: https://open.dingtalk.com/document/development/event-callback-card */
export const CARD_TOPIC = '/v1.0/card/instances/callback';

/** The parameter that a button of our card sends, and the variable of the card that it is filled from. */
export const REQUEST_ID = 'request_id';
/** The private variable that shows whoever pressed the answer. */
export const ANSWER = 'answer';

/** The same over HTTP and in Stream mode. */
const callbackSchema = z.object({
  type: z.literal('actionCallback'),
  outTrackId: z.string().check(z.minLength(1), z.maxLength(100)),
  corpId: z.string(),
  userId: z.string().check(z.minLength(1), z.maxLength(128)),
  /** JSON as text. */
  content: z.string(),
});
/** What the buttons of our card template send: docs/dingtalk.md. */
const contentSchema = z.object({
  cardPrivateData: z.object({
    actionIds: z.array(z.string()).check(z.minLength(1)),
    params: z.object({ [REQUEST_ID]: requestIdSchema }),
  }),
});
const actionSchema = z.enum(PRESS_KINDS);

/** The press that this callback tells of, or why it is none of ours. */
export function readPress(json: unknown, corpId: string): Press | { reason: string } {
  const callback = callbackSchema.safeParse(json);
  if (!callback.success) return { reason: 'not a press on a card' };
  if (callback.data.corpId !== corpId) return { reason: 'a press in another organisation' };
  const content = contentSchema.safeParse(parseJson(callback.data.content));
  const what = actionSchema.safeParse(content.data?.cardPrivateData.actionIds[0]);
  if (!content.success || !what.success) return { reason: 'a press on no button of ours' };
  const { outTrackId: messageId, userId: operator } = callback.data;
  return { what: what.data, requestId: content.data.cardPrivateData.params[REQUEST_ID], operator, messageId };
}

/** DingTalk has no toast: the person who pressed sees the answer on the card, and nobody else does. */
export function pressReply({ text }: PressAnswer): object {
  return {
    userPrivateData: { cardParamMap: { [ANSWER]: text } },
    cardUpdateOptions: { updateCardDataByKey: true, updatePrivateDataByKey: true },
  };
}
