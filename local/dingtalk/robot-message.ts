import { z } from 'zod';
import type { HttpRequest } from '../http/server.ts';
import { parseJson } from '../parse-json.ts';
import { OldApiError } from './api-errors.ts';
import type { MessageContent } from './chat-message.ts';
import { isJson } from './operation.ts';

const MAX_MESSAGE_BYTES = 20_000;

/** SDKs send unused parts as null. */
const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? '');
const Texts = z
  .array(z.string())
  .nullish()
  .transform((texts) => texts ?? []);

const BodySchema = z.object({
  msgtype: Text,
  msgUuid: Text,
  text: z.object({ content: Text }).nullish(),
  link: z.object({ title: Text, text: Text, messageUrl: Text }).nullish(),
  markdown: z.object({ title: Text, text: Text }).nullish(),
  actionCard: z
    .object({
      title: Text,
      text: Text,
      singleTitle: Text,
      singleURL: Text,
      btns: z.array(z.object({ title: Text, actionURL: Text })).nullish(),
    })
    .nullish(),
  feedCard: z.object({ links: z.array(z.object({ title: Text, messageURL: Text, picURL: Text })).nullish() }).nullish(),
  at: z.object({ atMobiles: Texts, atUserIds: Texts, isAtAll: z.boolean().nullish() }).nullish(),
});
type Body = z.infer<typeof BodySchema>;

type Shown = Pick<MessageContent, 'msgtype' | 'title' | 'text' | 'buttons'>;

/** The message that a call of a webhook brings: JSON by its content type, at most 20,000 bytes. Throws an OldApiError. */
export function readRobotMessage(request: HttpRequest): MessageContent {
  if (!isJson(request)) throw new OldApiError(43004, '无效的HTTP HEADER Content-Type');
  if (request.body.length > MAX_MESSAGE_BYTES) {
    throw new OldApiError(460101, 'message too long, exceed 20000 bytes');
  }
  return parseRobotMessage(request.body.toString('utf8'));
}

/**
 * The message a webhook body describes (https://open.dingtalk.com/document/development/robot-message-type). Throws an
 * OldApiError: documented codes, and the per-field codes 4002xx to 4006xx seen from the real service.
 */
function parseRobotMessage(body: string): MessageContent {
  const message = parseJson(BodySchema, body);
  if (!message) throw new OldApiError(40035, '缺少参数 json');
  const { at, msgUuid } = message;
  return {
    ...shownOf(message),
    at: { mobiles: at?.atMobiles ?? [], userIds: at?.atUserIds ?? [], everybody: at?.isAtAll ?? false },
    ...(msgUuid ? { msgUuid } : {}),
  };
}

function shownOf(message: Body): Shown {
  switch (message.msgtype) {
    case 'text':
      return textMessage(message.text);
    case 'link':
      return linkMessage(message.link);
    case 'markdown':
      return markdownMessage(message.markdown);
    case 'actionCard':
      return actionCard(message.actionCard);
    case 'feedCard':
      return feedCard(message.feedCard);
    default:
      throw new OldApiError(400105, '不支持的消息类型');
  }
}

function textMessage(text: Body['text']): Shown {
  const { content } = present(text, 400201, 'text');
  return { msgtype: 'text', title: '', text: present(content, 400202, 'text->content'), buttons: [] };
}

function linkMessage(link: Body['link']): Shown {
  const { title, text, messageUrl } = present(link, 400301, 'link');
  return {
    msgtype: 'link',
    text: present(text, 400302, 'link->text'),
    title: present(title, 400303, 'link->title'),
    buttons: [{ title, url: present(messageUrl, 400304, 'link->messageUrl') }],
  };
}

function markdownMessage(markdown: Body['markdown']): Shown {
  const { title, text } = present(markdown, 400401, 'markdown');
  return {
    msgtype: 'markdown',
    title: present(title, 400402, 'markdown->title'),
    text: present(text, 400403, 'markdown->text'),
    buttons: [],
  };
}

/** One button (singleTitle and singleURL) or a list of them; documented as required, the code for it is not known. */
function actionCard(card: Body['actionCard']): Shown {
  const { title, text, singleTitle, singleURL, btns } = present(card, 400501, 'actionCard');
  const buttons = (btns ?? []).map((button) => ({ title: button.title, url: button.actionURL }));
  const shown = singleTitle || singleURL ? [{ title: singleTitle, url: singleURL }] : buttons;
  present(title, 40035, 'actionCard->title');
  if (shown.length === 0 || !shown.every((button) => button.title && button.url)) missing(40035, 'actionCard->btns');
  return { msgtype: 'actionCard', title, text: present(text, 400503, 'actionCard->text'), buttons: shown };
}

function feedCard(card: Body['feedCard']): Shown {
  const links = present(card, 400601, 'feedCard').links ?? [];
  const complete = links.every((link) => link.title && link.messageURL && link.picURL);
  if (links.length === 0 || !complete) missing(400602, 'feedCard->links');
  const buttons = links.map((link) => ({ title: link.title, url: link.messageURL }));
  return { msgtype: 'feedCard', title: '', text: '', buttons };
}

function present<T>(part: T | null | undefined, errcode: number, name: string): T {
  return part ? part : missing(errcode, name);
}

function missing(errcode: number, name: string): never {
  throw new OldApiError(errcode, `miss param : ${name}`);
}
