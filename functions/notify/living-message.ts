import { PermanentError } from '../../shared/errors.ts';
import { idempotencyKey } from '../../shared/ids.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import { addTold, type Told } from '../../shared/journal/told.ts';
import type { OutgoingMessage } from '../../shared/message/outgoing-message.ts';
import type { Channel } from '../../shared/platforms/platform.ts';

/** Progress and end of a request exclude each other: both are told under this lease. */
export const MESSAGE_LEASE = 'announce';

/** What the key of the living message in this chat is made from: another one after each refusal. */
export function livingPurpose(chat: string, told: readonly Told[]): string {
  const refusals = told.filter((entry) => entry.chat === chat && entry.kind === 'refused').length;
  return refusals === 0 ? chat : `${chat} after ${refusals}`;
}

/** The key of a message of this request; on a channel that can change a message, of the one that lives. */
export function messageKey(requestId: string, purpose: string): string {
  return idempotencyKey(requestId, `message ${purpose}`);
}

/** Shows the end in the chat: in the message that is there already, where there is one that can change. */
export async function showEnd(
  channel: Channel,
  chat: string,
  content: Omit<OutgoingMessage, 'idempotencyKey'>,
  { requestId, told, work }: { requestId: string; told: readonly Told[]; work: ObjectStore },
): Promise<void> {
  const post = (purpose: string) => channel.post({ ...content, idempotencyKey: messageKey(requestId, purpose) });
  if (!channel.update) return void (await post(`${chat} end`));
  const here = told.filter((entry) => entry.chat === chat);
  const living = here.findLast(({ message_id }) => message_id !== '')?.message_id;
  const purpose = livingPurpose(chat, told);
  const message = { ...content, idempotencyKey: messageKey(requestId, purpose) };
  const id = living ?? (await post(purpose));
  // What was posted just now shows the end already, unless an earlier message under this key may be what is there.
  if (living === undefined) {
    if (here.at(-1)?.kind !== 'tried') return;
    // Whoever tries again after a change that was not heard of changes this one, and posts none.
    await addTold(work, requestId, told, { kind: 'shown', chat, message_id: id });
  }
  try {
    await channel.update(id, message);
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    // Recalled, deleted, or too old to change.
    await post(`${chat} end`);
  }
}
