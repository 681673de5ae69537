import type { Person } from '../events.ts';
import type { FinalEnd } from '../request/end-of.ts';
import type { InstanceResult, Refusal } from '../request/records.ts';
import type { Language } from '../workflows/schema.ts';
import { oneLine } from './neutralise.ts';
import {
  type Foreign,
  factsLines,
  failedFirst,
  instanceLines,
  listed,
  outputLines,
  sizeOf,
} from './render-instances.ts';
import { fill, TEXTS, type Texts } from './texts.ts';

/** All that the final message says; whatever is unknown at the end a request came to is absent. */
export interface FinalMessage {
  requestId: string;
  workflowTitle: string;
  /** The parameter people tell requests apart by: the first of the workflow. */
  subject: string;
  end: FinalEnd;
  action: 'provision' | 'revoke';
  retry?: { reason: string; by: string } | undefined;
  approval?: { title: string; number: string } | undefined;
  requester?: Person | undefined;
  approvers: readonly (Person & { at: string })[];
  parameters: Readonly<Record<string, string>>;
  instances: readonly InstanceResult[];
  refusal?: Refusal | undefined;
  link: string;
}

export interface RenderOptions {
  language: Language;
  timeZone: string;
  /** The platform's way of making foreign text harmless. */
  escape: (text: string) => string;
}

/** DingTalk refuses a message of more than 20,000 bytes; the rest of it is the title and what stands around. */
const MAX_TEXT_BYTES = 18_000;
const MAX_FOREIGN_BYTES = 256;
const MAX_NAME_BYTES = 64;
const SYMBOLS: Partial<Record<FinalMessage['end'], string>> = {
  Success: '✅',
  Cancelled: '⏹',
  Terminated: '⏹',
  Refused: '⛔',
  Withdrawn: '⏹',
  Parked: '⚠️',
  PartialFailed: '⚠️',
};

/** Title and markdown text of the message that ends a request: what, for whom, by whom, where, and how it went. */
export function renderFinal(message: FinalMessage, options: RenderOptions): { title: string; text: string } {
  const texts = TEXTS[options.language];
  const foreign: Foreign = (text, maxBytes) => options.escape(oneLine(text, maxBytes));
  const subject = message.subject === '' ? '' : ` · ${foreign(message.subject, MAX_NAME_BYTES)}`;
  const workflow = foreign(message.workflowTitle, MAX_FOREIGN_BYTES);
  const revoke = message.action === 'revoke' ? texts.revoke : '';
  const title = `${SYMBOLS[message.end] ?? '❌'} ${revoke}${workflow}${subject} ${texts.ends[message.end]}`;
  const instances = failedFirst(message.instances);
  const lines = [
    `### ${title}`,
    '',
    ...whyLines(message, texts, foreign),
    ...requestLines(message, texts, options, foreign),
    ...instanceLines(instances, texts, foreign),
    ...factsLines(instances, message.parameters, texts, foreign),
    `- ${texts.labels.id}${texts.colon}${message.requestId}${texts.separator}[${texts.labels.link}](${message.link})`,
  ];
  const outputs = outputLines(instances, texts, foreign, MAX_TEXT_BYTES - sizeOf(lines));
  return { title, text: [...lines, ...outputs].join('\n') };
}

function whyLines(message: FinalMessage, texts: Texts, foreign: Foreign): string[] {
  if (message.refusal) {
    const { code, values } = message.refusal;
    const safe = Object.fromEntries(
      Object.entries({ code, ...values }).map(([key, value]) => [key, foreign(value, MAX_FOREIGN_BYTES)]),
    );
    return [`- ${texts.labels.reason}${texts.colon}${fill(texts.refusals[code] ?? texts.refusals.other, safe)}`];
  }
  if (message.end === 'Success' || message.end === 'Refused' || message.end === 'Withdrawn' || message.end === 'Parked')
    return [];
  return [`- ${texts.labels.reason}${texts.colon}${texts.advice[message.end]}`];
}

function requestLines(
  { approval, requester, approvers, parameters, retry }: FinalMessage,
  texts: Texts,
  options: RenderOptions,
  foreign: Foreign,
): string[] {
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
    ...(retry ? [line(texts.labels.retry, foreign(`${retry.reason} (${retry.by})`, MAX_FOREIGN_BYTES))] : []),
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
