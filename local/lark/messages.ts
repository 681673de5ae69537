import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { Collection } from '../collection.ts';
import { LarkError } from './api-error.ts';
import { badCard, checkCard } from './card.ts';
import { hexId } from './ids.ts';
import type { RateLimits } from './rate-limits.ts';

/** A message as the people of a chat see it. */
export const MessageSchema = z.object({
  message_id: z.string(),
  /** Of the chat, or of the person for a private one. */
  chat: z.string(),
  chat_id: z.string(),
  /** `app`, or the short digest that names a custom bot without its token. */
  sender: z.string(),
  msg_type: z.string(),
  /** JSON text, as it was last written. */
  content: z.string(),
  create_time: z.number(),
  update_time: z.number(),
  /** How often it was edited or replaced. */
  updates: z.number().int(),
  deleted: z.boolean(),
  root_id: z.string().optional(),
  parent_id: z.string().optional(),
  thread_id: z.string().optional(),
  uuid: z.string().optional(),
});
export type Message = z.infer<typeof MessageSchema>;
export type NewMessage = Pick<Message, 'chat' | 'chat_id' | 'sender' | 'msg_type' | 'content'> &
  Partial<Pick<Message, 'root_id' | 'parent_id' | 'thread_id' | 'uuid'>>;

const HOUR_MS = 3_600_000;
const UPDATABLE_MS = 14 * 24 * HOUR_MS;
const MAX_EDITS = 20;
const FIVE_A_SECOND = { perSecond: 5 };

export interface Messages {
  find(messageId: string): Message | undefined;
  /** Oldest first. */
  all(): Message[];
  /**
   * Shows a message; throws `tooFast` where the chat gets too many. One with a `uuid` that was shown in the hour before
   * is given back instead.
   */
  post(message: NewMessage, tooFast?: LarkError): Message;
  /** Replaces a card; throws what forbids it. */
  patch(message: Message, content: string): void;
  /** Edits a text or post; throws what forbids it. */
  edit(message: Message, content: string): Message;
  /** Without any of the rules, as an answer to a press on a button does. */
  replace(message: Message, content: string): void;
  recall(message: Message): void;
}

export function createMessages(tools: {
  clock: Clock;
  log: Log;
  randomBytes: (n: number) => Buffer;
  limits: RateLimits;
  messages: Collection<Message>;
}): Messages {
  const { clock, log, randomBytes, limits, messages } = tools;
  const update = (message: Message, content: string): Message => {
    const updated = { ...message, content, update_time: clock.now(), updates: message.updates + 1 };
    messages.put(updated);
    log.info('message updated', { chat: message.chat, platform: 'lark' });
    return updated;
  };
  const checkAge = ({ create_time, deleted }: Message) => {
    if (deleted) throw new LarkError(230011, 'The message is recalled.');
    if (clock.now() - create_time <= UPDATABLE_MS) return;
    throw new LarkError(230031, 'Message can only be modified within 14 days after sending.');
  };
  const checkPace = (name: string, tooFast = frequencyLimit()) => {
    if (limits.take(name, FIVE_A_SECOND) > 0) throw tooFast;
  };
  return {
    find: (messageId) => messages.get(messageId),
    all: () => messages.all(),
    post(message, tooFast) {
      const now = clock.now();
      const before = message.uuid && messages.all().find((other) => isRepeat(message, other, now));
      if (before) {
        log.info('message repeated', { chat: message.chat, platform: 'lark' });
        return before;
      }
      checkPace(`chat ${message.chat_id}`, tooFast);
      const shown: Message = {
        ...message,
        message_id: hexId('om_', randomBytes),
        create_time: now,
        update_time: now,
        updates: 0,
        deleted: false,
      };
      messages.put(shown);
      log.info('message shown', { chat: message.chat, platform: 'lark', bytes: Buffer.byteLength(message.content) });
      return shown;
    },
    patch(message, content) {
      checkAge(message);
      checkSharedCard(message, content);
      checkPace(`message ${message.message_id}`);
      update(message, content);
    },
    edit(message, content) {
      checkAge(message);
      if (message.updates >= MAX_EDITS) throw new LarkError(230072, 'The message has reached its limit of edits.');
      return update(message, content);
    },
    replace: update,
    recall: (message) => messages.put({ ...message, deleted: true }),
  };
}

function frequencyLimit(): LarkError {
  return new LarkError(230020, 'This operation triggers the frequency limit.');
}

function isRepeat({ uuid, chat_id, parent_id }: NewMessage, other: Message, now: number): boolean {
  const same = other.uuid === uuid && other.chat_id === chat_id && other.parent_id === parent_id;
  return same && other.create_time > now - HOUR_MS;
}

/** https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/im-v1/message/patch */
function checkSharedCard(message: Message, content: string): void {
  const before = checkCard(message.content);
  const after = checkCard(content);
  if (before.version !== after.version && ![before.version, after.version].includes('template')) {
    throw badCard(200830, 'the versions of the cards are mixed', `${before.version} to ${after.version}`);
  }
  if (before.shared && after.shared) return;
  const text = 'Your request contains an invalid request parameter.';
  throw new LarkError(230001, `${text} ext=config.update_multi must be true in both cards`);
}
