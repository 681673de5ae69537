import type { Person, PressKind } from '../events.ts';
import { LATER } from '../request/offline.ts';
import type { Language } from '../workflows/schema.ts';
import { fill } from './fill.ts';
import { oneLine } from './neutralise.ts';
import { type Foreign, listed } from './render-instances.ts';
import { TEXTS, type Texts } from './texts.ts';

/** What every message about a request says of it. */
export interface RequestMessage {
  requestId: string;
  workflowTitle: string;
  /** The parameter people tell requests apart by: the first of the workflow. */
  subject: string;
  action: 'provision' | 'revoke';
  retry?: { reason: string; by: string } | undefined;
  approval?: { title: string; number: string } | undefined;
  requester?: Person | undefined;
  approvers: readonly (Person & { at: string })[];
  parameters: Readonly<Record<string, string>>;
  link: string;
  /** The buttons that were pressed, and by whom. */
  presses?: readonly { what: PressKind; by: Person; at: string }[] | undefined;
  /** The beginning of the hash of the journal's last record, by which `audit show` finds it. */
  digest?: string | undefined;
}

export interface RenderOptions {
  language: Language;
  timeZone: string;
  /** The platform's way of making foreign text harmless. */
  escape: (text: string) => string;
  /** Of all text, as JSON. */
  maxBytes: number;
  /** What may be asked for by a press; where the channel has no buttons the message names the command. */
  buttons?: { kinds: readonly PressKind[]; pressable: boolean } | undefined;
}

export const MAX_FOREIGN_BYTES = 256;
const MAX_NAME_BYTES = 64;

/** How texts of others get into a message. */
export function foreignOf(options: RenderOptions): Foreign {
  return (text, maxBytes) => options.escape(oneLine(text, maxBytes));
}

/** `新员工入职 · E123`, and whether it undoes something. */
export function subjectLine(message: RequestMessage, options: RenderOptions): string {
  const foreign = foreignOf(options);
  const subject = message.subject === '' ? '' : ` · ${foreign(message.subject, MAX_NAME_BYTES)}`;
  const revoke = message.action === 'revoke' ? TEXTS[options.language].revoke : '';
  return `${revoke}${foreign(message.workflowTitle, MAX_FOREIGN_BYTES)}${subject}`;
}

/** The line by which people find the request again. */
export function referenceLine({ requestId, digest, link }: RequestMessage, { language }: RenderOptions): string {
  const { labels, colon, separator } = TEXTS[language];
  const record = digest === undefined ? '' : `${separator}${labels.record} ${digest}`;
  return `- ${labels.id}${colon}${requestId}${record}${separator}[${labels.link}](${link})`;
}

/** Who asked for what, and who agreed. */
export function requestLines(
  { approval, requester, approvers, parameters, retry, presses = [] }: RequestMessage,
  options: RenderOptions,
): string[] {
  const texts: Texts = TEXTS[options.language];
  const foreign = foreignOf(options);
  const line = (label: string, value: string) => `- ${label}${texts.colon}${value}`;
  const personName = (person: Person) => foreign(person.name, MAX_NAME_BYTES) || foreign(person.id, MAX_NAME_BYTES);
  const agreed = approvers.map((person) => {
    const time = formatTime(person.at, options);
    return time === '' ? personName(person) : fill(texts.approvedAt, { name: personName(person), time });
  });
  const values = Object.entries(parameters).map(([key, value]) => `${key} = ${foreign(value, MAX_FOREIGN_BYTES)}`);
  const title = approval && foreign(`${approval.title} ${approval.number}`, MAX_FOREIGN_BYTES);
  return [
    ...(title === undefined ? [] : [line(texts.labels.title, title)]),
    ...(requester ? [line(texts.labels.requester, personName(requester))] : []),
    ...(approval ? [line(texts.labels.approvers, listed(agreed, texts) || texts.nobody)] : []),
    ...(values.length > 0 ? [line(texts.labels.parameters, listed(values, texts))] : []),
    ...(retry
      ? [
          line(
            texts.labels.retry,
            retry.by === LATER
              ? texts.back
              : fill(texts.retriedBy, {
                  reason: foreign(retry.reason, MAX_FOREIGN_BYTES),
                  by: foreign(retry.by, MAX_NAME_BYTES),
                }),
          ),
        ]
      : []),
    ...presses.map(({ what, by, at }) => {
      const values = { button: texts.buttons[what], name: personName(by), time: formatTime(at, options) };
      return line(texts.labels.pressed, fill(texts.pressedBy, values));
    }),
  ];
}

function formatTime(at: string, { language, timeZone }: RenderOptions): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return '';
  return new Intl.DateTimeFormat(language, {
    timeZone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(time);
}
