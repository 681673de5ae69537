import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import { botMessageEvent } from './bot-message-event.ts';
import { chatFor } from './chats.ts';
import type { EventOutcome } from './event-sender.ts';
import { hexId } from './ids.ts';
import type { Instance } from './instance.ts';
import type { Message } from './messages.ts';
import type { World } from './operation.ts';
import { findUser, personIds } from './organisation.ts';
import type { Pushes } from './pushes.ts';
import { startInstance } from './start-instance.ts';

export interface Decision {
  userId: string;
  approved: boolean;
  comment?: string;
}

/** What somebody sees after pressing a button: 0 and perhaps a toast, or the client's error code. */
export interface PressResult {
  code: number;
  toast?: { type?: string | undefined; content: string } | undefined;
}

/** What people do in the app, for which there is no call of the API or one that needs more than they would know. */
export interface People {
  /** Fills in a form as a person would; returns the instance's code. Throws what is wrong with it. */
  submit(request: { approvalCode: string; userId: string; form: object[]; uuid?: string }): string;
  /** Presses "approve" or "reject" on the pending task of a person. */
  decide(instanceId: string, decision: Decision): void;
  /** The submitter withdraws what is not decided yet. */
  cancel(instanceId: string): void;
  /** The submitter revokes what was approved. */
  revert(instanceId: string): void;
  /** An administrator deletes the definition of a running instance. */
  deleteInstance(instanceId: string): void;
  /** Takes a message back, as the owner of a group can. */
  recall(messageId: string): void;
  /** The bot comes into a group: the event tells its id. */
  addBot(chatId: string, userId: string): void;
  /**
   * Mentions the bot in a group and writes this; gives the id of the message. Throws if nobody could write it: no such
   * person or group, or the bot is not in it.
   */
  sayToBot(userId: string, chatId: string, text: string): string;
  /** Presses a button of a card and waits for what the app answers. */
  press(messageId: string, userId: string, action: { value: unknown; [field: string]: unknown }): Promise<PressResult>;
}

export function createPeople(world: World, pushes: Pushes): People {
  const { approvals, messages, organisation } = world;
  const instanceOf = (id: string, ...statuses: Instance['status'][]): Instance => {
    const instance = approvals.find(id);
    if (!instance) throw new Error(`there is no approval instance ${id}`);
    if (statuses.includes(instance.status)) return instance;
    throw new Error(`${id} is ${instance.status}; this needs one that is ${statuses.join(' or ')}`);
  };
  return {
    submit({ approvalCode, userId, form, uuid }) {
      const rest = { departmentId: undefined, chosen: [], byApi: false };
      return startInstance(world, { ...rest, approvalCode, userId, form: JSON.stringify(form), uuid }).instance_code;
    },
    decide(instanceId, { userId, approved, comment }) {
      const instance = instanceOf(instanceId, 'PENDING');
      const task = instance.tasks.find(({ user_id, status }) => user_id === userId && status === 'PENDING');
      if (!task) throw new Error(`${userId} has no pending task in ${instanceId}`);
      approvals.decide(instance, task, { approved, comment });
    },
    cancel: (instanceId) => approvals.cancel(instanceOf(instanceId, 'PENDING')),
    revert: (instanceId) => approvals.revert(instanceOf(instanceId, 'APPROVED')),
    deleteInstance: (instanceId) => approvals.delete(instanceOf(instanceId, 'PENDING')),
    recall: (messageId) => messages.recall(messageOf(world, messageId)),
    addBot(chatId, userId) {
      const chat = organisation.chats.find(({ chat_id }) => chat_id === chatId);
      if (!chat) throw new Error(`there is no chat ${chatId}`);
      const operator_id = { ...personIds(organisation, userId), union_id: findUser(organisation, userId)?.union_id };
      const event = { chat_id: chatId, operator_id, external: chat.external, name: chat.name };
      pushes.emit({ type: 'im.chat.member.bot.added_v1', schema: '2.0', event });
    },
    sayToBot(userId, chatId, text) {
      const said = { text: `@_user_1 ${text}` };
      const message = messages.post({
        ...chatFor(organisation, 'chat_id', chatId),
        sender: existingUser(organisation, userId).user_id,
        msg_type: 'text',
        content: JSON.stringify(said),
      });
      pushes.emit(botMessageEvent(message, userId, organisation));
      return message.message_id;
    },
    async press(messageId, userId, action) {
      const message = messageOf(world, messageId);
      const outcome = await pushes.call('card.action.trigger', pressEvent(world, message, userId, action));
      return show(world, message, outcome);
    },
  };
}

function messageOf({ messages }: World, messageId: string): Message {
  const message = messages.find(messageId);
  if (!message) throw new Error(`there is no message ${messageId}`);
  return message;
}

function existingUser(organisation: World['organisation'], userId: string) {
  const user = findUser(organisation, userId);
  if (!user) throw new Error(`there is no user ${userId}`);
  return user;
}

/** https://open.feishu.cn/document/uAjLw4CM/ukzMukzMukzM/feishu-cards/card-callback-communication */
function pressEvent({ organisation, randomBytes }: World, message: Message, userId: string, action: object) {
  const { tenant_key } = organisation;
  const union_id = findUser(organisation, userId)?.union_id;
  return {
    operator: { tenant_key, ...personIds(organisation, userId), union_id },
    token: hexId('c-', randomBytes),
    action: { tag: 'button', ...action },
    host: 'im_message',
    context: { open_message_id: message.message_id, open_chat_id: message.chat_id },
  };
}

const AnswerSchema = z.object({
  toast: z.object({ type: z.enum(['info', 'success', 'error', 'warning']).optional(), content: z.string() }).optional(),
  card: z.object({ type: z.literal('raw'), data: z.record(z.string(), z.unknown()) }).optional(),
});

/** The codes are those that people see: …/event-subscription-guide/event-card-faq */
const FAILED = { status: 200671, timeout: 200341, unreachable: 200342 } as const;

function show({ messages }: World, message: Message, outcome: EventOutcome | undefined): PressResult {
  if (!outcome) return { code: 200340 };
  if (outcome.kind !== 'answered') return { code: FAILED[outcome.kind] };
  const answer = parseJson(AnswerSchema, outcome.body.toString('utf8'));
  if (!answer) return { code: 200672 };
  if (answer.card) messages.replace(message, JSON.stringify(answer.card.data));
  return { code: 0, ...(answer.toast ? { toast: answer.toast } : {}) };
}
