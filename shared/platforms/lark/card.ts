import { joinBlocks, type MessageButton, type OutgoingMessage } from '../../message/outgoing-message.ts';

/** https://open.feishu.cn/document/feishu-cards/card-json-v2-structure */
const TEMPLATES: Record<OutgoingMessage['tone'], string> = {
  running: 'blue',
  success: 'green',
  warning: 'orange',
  failure: 'red',
  neutral: 'grey',
};

/** A message as a card of schema 2.0, which everybody who got it sees change. */
export function cardOf({ title, tone, blocks, mention, buttons = [] }: OutgoingMessage): object {
  const called = mention.map((id) => `<at id=${id}></at>`).join(' ');
  const texts = [joinBlocks(blocks), called].filter((text) => text !== '');
  return {
    schema: '2.0',
    config: { update_multi: true, summary: { content: title } },
    header: { title: { tag: 'plain_text', content: title }, template: TEMPLATES[tone] },
    body: { elements: [...texts.map((content) => ({ tag: 'markdown', content })), ...buttons.map(buttonOf)] },
  };
}

/** https://open.feishu.cn/document/feishu-cards/card-json-v2-components/interactive-components/button */
function buttonOf({ what, label, requestId }: MessageButton): object {
  return {
    tag: 'button',
    text: { tag: 'plain_text', content: label },
    type: what === 'stop' ? 'danger' : 'default',
    behaviors: [{ type: 'callback', value: { press: what, request_id: requestId } }],
  };
}
