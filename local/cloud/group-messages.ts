import * as z from 'zod';
import type { PlatformName } from '../../shared/ids.ts';
import { parseJson } from '../../shared/json.ts';
import type { ChatMessage } from '../dingtalk/chat-message.ts';
import type { Message } from '../lark/messages.ts';
import type { Cloud } from './cloud.ts';
import { openIdOf } from './lark-organisation.ts';
import { PEOPLE } from './people.ts';

/** A message as a person reads it, whichever platform shows it. */
export interface GroupMessage {
  platform: PlatformName;
  /** The name of the group, or of the person for a private one. */
  chat: string;
  title: string;
  /** Markdown as it is now, the title first. */
  text: string;
  /** It can change: a card, and no message of a webhook or a robot. */
  lives: boolean;
  /** How often it has changed since it was posted. */
  updates: number;
  /** The text of the message that it answers. */
  answers?: string;
  /** The key under which the same message is shown once, where it was posted with one. */
  key?: string;
  /** When it was posted, in the cloud's time. */
  time: number;
}

interface Groups {
  dingtalk: Pick<Cloud['dingtalk'], 'messages'>;
  lark: Pick<Cloud['lark'], 'messages'>;
  state: Cloud['state'];
}

/** What people see in all groups, oldest first. */
export function groupMessages({ dingtalk, lark, state }: Groups): GroupMessage[] {
  const shown = lark.messages().filter(({ deleted }) => !deleted);
  const names = new Map(PEOPLE.map((p) => [openIdOf(state.lark, p.id), p.name]));
  const ofLark = (message: Message) => {
    const parent = shown.find(({ message_id }) => message_id === message.parent_id);
    return { ...readLark(message, names), ...(parent && { answers: readLark(parent, names).text }) };
  };
  return [...dingtalk.messages().map(ofDingtalk), ...shown.map(ofLark)].sort((a, b) => a.time - b.time);
}

function ofDingtalk({ chat, title, text, time, msgUuid, outTrackId, card }: ChatMessage): GroupMessage {
  const key = msgUuid ?? outTrackId;
  const message = { platform: 'dingtalk', chat, title, time, ...(key === undefined ? {} : { key }) } as const;
  // The title of a markdown message is for the notification, and stands in its text once more.
  if (!card) return { ...message, text, lives: false, updates: 0 };
  const lines = CARD_BLOCKS.map((name) => card.values[name] ?? '').filter((block) => block !== '');
  const shown = lines.length > 0 ? lines.join('\n') : text;
  return { ...message, text: under(title, shown), lives: true, updates: card.updates };
}

/** What our card template shows under its title, from top to bottom; its other values are colours. */
const CARD_BLOCKS = ['reason', 'request', 'run', 'reference', 'output'];

function readLark(
  { chat, sender, msg_type, content, updates, uuid, create_time }: Message,
  names: Map<string, string>,
): GroupMessage {
  const { title, text } = readContent(content);
  const named = text.replace(/<at id=([\w-]+)><\/at>/g, (_, id: string) => `@${names.get(id) ?? id}`);
  const key = uuid === undefined ? {} : { key: uuid };
  const lives = sender === 'app' && msg_type === 'interactive';
  return { platform: 'lark', chat, title, text: named, lives, updates, ...key, time: create_time };
}

const textSchema = z.object({ text: z.string() });
const cardSchema = z.object({
  header: z.object({ title: z.object({ content: z.string() }) }),
  body: z.object({ elements: z.array(z.object({ content: z.string().default('') })) }),
});

/** Title and markdown of a card; anything else as it is written. */
function readContent(content: string): Pick<GroupMessage, 'title' | 'text'> {
  const json = parseJson(content);
  const card = cardSchema.safeParse(json);
  // Whoever is mentioned in a text stands there by a number; here that can only be the bot.
  if (!card.success)
    return {
      title: '',
      text: (textSchema.safeParse(json).data?.text ?? content).replace('@_user_1', '@approval-loop'),
    };
  const { header, body } = card.data;
  const texts = body.elements.map((element) => element.content).filter((text) => text !== '');
  const title = header.title.content;
  return { title, text: under(title, texts.join('\n\n')) };
}

function under(title: string, text: string): string {
  return `### ${title}\n\n${text}`;
}
