import { z } from 'zod';
import { parseJson } from '../parse-json.ts';
import { NewApiError } from './api-errors.ts';
import { type MessageContent, NOBODY_CALLED } from './chat-message.ts';

/** https://open.dingtalk.com/document/development/the-robot-sends-a-group-message */
const MAX_PARAM_BYTES = 15_000;

const ParamSchema = z.record(z.string(), z.string());

/** What a template shows, and with which code it misses each part that it needs. */
interface Template {
  msgtype: MessageContent['msgtype'];
  needs: Record<string, string>;
  title?: string;
  text?: string;
  buttons?: [title: string, url: string][];
}

/** https://open.dingtalk.com/document/development/robot-message-type */
const TEMPLATES: Record<string, Template> = {
  sampleText: { msgtype: 'text', text: 'content', needs: { content: 'miss.param.contentOfText' } },
  sampleMarkdown: {
    msgtype: 'markdown',
    title: 'title',
    text: 'text',
    needs: { title: 'miss.param.markdownTotitle', text: 'miss.param.markdownTotext' },
  },
  sampleLink: {
    msgtype: 'link',
    title: 'title',
    text: 'text',
    buttons: [['title', 'messageUrl']],
    needs: {
      text: 'miss.param.textOfLink',
      title: 'miss.param.titleOfLink',
      messageUrl: 'miss.param.messageUrlOfLink',
    },
  },
  sampleActionCard: {
    ...actionCard([['singleTitle', 'singleURL']]),
    needs: {
      title: 'miss.param.actionCardTotitle',
      text: 'miss.param.actionCardTotext',
      singleTitle: 'miss.param.actionCardTosingleTitle',
      singleURL: 'miss.param.actionCardTosingleUrl',
    },
  },
  sampleActionCard2: actionCard(numbered('action', 2)),
  sampleActionCard3: actionCard(numbered('action', 3)),
  sampleActionCard4: actionCard(numbered('action', 4)),
  sampleActionCard5: actionCard(numbered('action', 5)),
  sampleActionCard6: actionCard([
    ['buttonTitle1', 'buttonUrl1'],
    ['buttonTitle2', 'buttonUrl2'],
  ]),
  sampleImageMsg: { msgtype: 'image', text: 'photoURL', needs: { photoURL: 'miss.param.photoTophotoUrl' } },
  sampleAudio: { msgtype: 'audio', needs: { mediaId: 'miss.param.audio', duration: 'miss.param.audio' } },
  sampleFile: {
    msgtype: 'file',
    title: 'fileName',
    needs: { mediaId: 'miss.param.file', fileName: 'miss.param.file', fileType: 'miss.param.file' },
  },
  sampleVideo: {
    msgtype: 'video',
    needs: { duration: 'miss.param.video', videoMediaId: 'miss.param.video', videoType: 'miss.param.video' },
  },
};

/** The message that a template and its parameters make. Throws a NewApiError. */
export function templateMessage(msgKey: string, msgParam: string): MessageContent {
  const template = Object.hasOwn(TEMPLATES, msgKey) ? TEMPLATES[msgKey] : undefined;
  if (!template) throw new NewApiError('invalidParameter.msgKey.invalid', 'msgKey无效');
  if (Buffer.byteLength(msgParam) > MAX_PARAM_BYTES) {
    throw new NewApiError('invalidParameter.msgParam.tooLong', '消息内容太长');
  }
  const params = parseJson(ParamSchema, msgParam);
  if (!params) throw new NewApiError('invalidParameter.msgParam.invalid', 'msgParam必须是json格式');
  for (const [name, code] of Object.entries(template.needs)) {
    if (!params[name]) throw new NewApiError(code, `消息内容不合法，需要${name}属性`);
  }
  const param = (name: string | undefined) => (name === undefined ? '' : (params[name] ?? ''));
  const buttons = (template.buttons ?? []).map(([title, url]) => ({ title: param(title), url: param(url) }));
  return {
    msgtype: template.msgtype,
    title: param(template.title),
    text: param(template.text),
    buttons,
    at: NOBODY_CALLED,
  };
}

function actionCard(buttons: [title: string, url: string][]): Template {
  const needs: Record<string, string> = {
    title: 'miss.param.actionCardTotitle',
    text: 'miss.param.actionCardTotext',
  };
  for (const [title, url] of buttons) {
    needs[title] = 'miss.param.actionCardTobtnsTotitle';
    needs[url] = 'miss.param.actionCardTobtnsToactionUrl';
  }
  return { msgtype: 'actionCard', title: 'title', text: 'text', buttons, needs };
}

function numbered(name: string, count: number): [title: string, url: string][] {
  return Array.from({ length: count }, (_, index) => [`${name}Title${index + 1}`, `${name}URL${index + 1}`]);
}
