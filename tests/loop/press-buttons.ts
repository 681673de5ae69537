import { z } from 'zod';
import { groupMessages } from '../../local/cloud/group-messages.ts';
import type { PressKind } from '../../shared/events.ts';
import { parseJson } from '../../shared/json.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { type Approval, form, type Loop } from './start-loop.ts';

/** Stop: 王五 and whoever asked; retry: 王五 and whoever agreed; output: whoever asked, and nobody else. */
export function withButtons({ workflows, ...file }: Workflows, language: 'zh-CN' | 'en' = 'zh-CN'): object {
  const buttons = { stop: ['operators', 'requester'], retry: ['operators', 'approvers'], output: ['requester'] };
  const group = { conversation: 'cid-it-ops', card_template: 'living.schema' };
  return {
    ...file,
    operators: { dingtalk: ['wangwu'], lark: ['ou_0123456789abcdef'] },
    chats: { 'it-ops': { ...file.chats['it-ops'], dingtalk: { group } } },
    workflows: { ...workflows, onboarding: { ...workflows['onboarding'], language, buttons } },
  };
}

/** The living message of a request as its people see and press it. */
export interface Hand {
  submit(employee: string): Promise<Approval>;
  /** Everything that the message says. */
  text(approval: Approval): string;
  /** What stands on its buttons. */
  labels(approval: Approval): string[];
  /** What this person reads then; undefined where it failed. */
  press(approval: Approval, person: string, what: PressKind): Promise<string | undefined>;
}

/** Whether this text names this attempt, and is not the message of its output. */
const isOf = ({ requestId }: Approval, title: string, text: string) =>
  !title.startsWith('📄') && (text.includes(`${requestId}，`) || text.includes(`${requestId}, `));

export function dingtalkHand({ cloud, submit }: Loop): Hand {
  const cardOf = (approval: Approval) =>
    cloud.dingtalk.messages().findLast(({ title, text, card }) => card && isOf(approval, title, text))?.card;
  return {
    submit: (employee) => submit(form(employee)),
    text: (approval) => Object.values(cardOf(approval)?.values ?? {}).join('\n'),
    labels: (approval) =>
      ['stop_label', 'retry_label', 'output_label']
        .map((name) => cardOf(approval)?.values[name] ?? '')
        .filter((label) => label !== ''),
    async press(approval, person, what) {
      const { outTrackId = '', values = {} } = cardOf(approval) ?? {};
      const pressed = await cloud.dingtalk.pressCard(outTrackId, person, what, { request_id: approval.requestId });
      if (!pressed.accepted) return undefined;
      return cardOf(approval)?.privateValues[person]?.['answer'] ?? JSON.stringify(values);
    },
  };
}

const cardSchema = z.object({
  header: z.object({ title: z.object({ content: z.string() }) }),
  body: z.object({
    elements: z.array(
      z.object({
        content: z.string().optional(),
        text: z.object({ content: z.string() }).optional(),
        behaviors: z.tuple([z.object({ value: z.object({ press: z.string() }) })]).optional(),
      }),
    ),
  }),
});

export function larkHand(loop: Loop): Hand {
  const { lark } = loop.cloud;
  const find = (approval: Approval) => {
    const shown = lark.messages().map(({ message_id: id, content }) => ({ id, content, card: readCard(content) }));
    const { id, card } = shown.findLast((one) => isOf(approval, one.card.header.title.content, one.content)) ?? {};
    if (id === undefined || !card) throw new Error(`no card of ${approval.requestId}`);
    return { id, card };
  };
  return {
    submit: (employee) => loop.submitInLark({ emp_id: employee, role: 'devops' }),
    text: (approval) => {
      const { header, body } = find(approval).card;
      return [header.title.content, ...body.elements.map(({ content = '' }) => content)].join('\n');
    },
    labels: (approval) => find(approval).card.body.elements.flatMap(({ text }) => text?.content ?? []),
    async press(approval, person, what) {
      const { id } = find(approval);
      const value = { press: what, request_id: approval.requestId };
      const { code, toast } = await lark.press(id, person, { value });
      return code === 0 ? toast?.content : undefined;
    },
  };
}

const readCard = (content: string) => cardSchema.parse(parseJson(content));

/** What a message of its own shows of what was printed. */
export function printed({ cloud }: Loop, { requestId }: Approval): string[] {
  return groupMessages(cloud).flatMap(({ title, text }) =>
    title.startsWith('📄') && text.includes(requestId) ? [text] : [],
  );
}
