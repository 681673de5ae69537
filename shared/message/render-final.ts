import type { Person } from '../events.ts';
import type { InstanceResult, Refusal, RunEnd } from '../request/records.ts';
import type { Language } from '../workflows/schema.ts';
import { oneLine, stripInvisible } from './neutralise.ts';
import { fill, TEXTS, type Texts } from './texts.ts';

/** All that the final message says; whatever is unknown at the end a request came to is absent. */
export interface FinalMessage {
  requestId: string;
  workflowTitle: string;
  /** The parameter people tell requests apart by: the first of the workflow. */
  subject: string;
  end: RunEnd | 'Refused';
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

const MAX_FOREIGN_BYTES = 256;
const MAX_INSTANCES_WITH_OUTPUT = 3;
const MAX_INSTANCES = 20;
const SYMBOLS: Partial<Record<FinalMessage['end'], string>> = {
  Success: '✅',
  Cancelled: '⏹',
  Terminated: '⏹',
  Refused: '⛔',
  PartialFailed: '⚠️',
};

/** Title and markdown text of the message that ends a request: what, for whom, by whom, where, and how it went. */
export function renderFinal(message: FinalMessage, options: RenderOptions): { title: string; text: string } {
  const texts = TEXTS[options.language];
  const foreign = (text: string) => options.escape(oneLine(text, MAX_FOREIGN_BYTES));
  const subject = message.subject === '' ? '' : ` · ${foreign(message.subject)}`;
  const title = `${SYMBOLS[message.end] ?? '❌'} ${foreign(message.workflowTitle)}${subject} ${texts.ends[message.end]}`;
  const lines = [
    ...whyLines(message, texts, foreign),
    ...requestLines(message, texts, options, foreign),
    ...message.instances.slice(0, MAX_INSTANCES).map((instance) => instanceLine(instance, texts, foreign)),
    ...message.instances.flatMap((instance) => factsLine(instance, message, texts, foreign)),
    `- ${texts.labels.id}${texts.colon}${message.requestId}${texts.separator}[${texts.labels.link}](${message.link})`,
  ];
  const failed = message.instances.filter(({ status }) => status !== 'Success').slice(0, MAX_INSTANCES_WITH_OUTPUT);
  const outputs = failed.flatMap((instance) => outputLines(instance, texts, options.escape));
  return { title, text: [`### ${title}`, '', ...lines, ...outputs].join('\n') };
}

function whyLines(message: FinalMessage, texts: Texts, foreign: (text: string) => string): string[] {
  if (message.refusal) {
    const { code, values } = message.refusal;
    const safe = Object.fromEntries(Object.entries({ code, ...values }).map(([key, value]) => [key, foreign(value)]));
    return [`- ${texts.labels.reason}${texts.colon}${fill(texts.refusals[code] ?? texts.refusals.other, safe)}`];
  }
  if (message.end === 'Success' || message.end === 'Refused') return [];
  return [`- ${texts.labels.reason}${texts.colon}${texts.advice[message.end]}`];
}

function requestLines(
  message: FinalMessage,
  texts: Texts,
  options: RenderOptions,
  foreign: (text: string) => string,
): string[] {
  const line = (label: string, value: string) => `- ${label}${texts.colon}${value}`;
  const approvers = message.approvers.map(({ id, name, at }) => {
    const time = formatTime(at, options);
    return `${foreign(name || id)}${time === '' ? '' : ` (${time})`}`;
  });
  const parameters = Object.entries(message.parameters).map(([name, value]) => `${name} = ${foreign(value)}`);
  return [
    ...(message.approval
      ? [line(texts.labels.title, foreign(`${message.approval.title} ${message.approval.number}`))]
      : []),
    ...(message.requester
      ? [line(texts.labels.requester, foreign(message.requester.name || message.requester.id))]
      : []),
    ...(message.approval ? [line(texts.labels.approvers, approvers.join(texts.separator) || texts.nobody)] : []),
    ...(parameters.length > 0 ? [line(texts.labels.parameters, parameters.join(texts.separator))] : []),
  ];
}

function instanceLine(instance: InstanceResult, texts: Texts, foreign: (text: string) => string): string {
  const parts = [
    `${instance.instance_id} ${texts.ends[instance.status]}`,
    ...(instance.exit_code === null ? [] : [fill(texts.exitCode, { code: String(instance.exit_code) })]),
    ...(instance.duration_ms === null ? [] : [fill(texts.duration, { seconds: seconds(instance.duration_ms) })]),
    ...(instance.error_code === '' || instance.status === 'Success' ? [] : [foreign(instance.error_code)]),
  ];
  return `- ${texts.labels.run}${texts.colon}${parts.join(texts.separator)}`;
}

/** What the message says already, or what only a program reads. */
const HIDDEN_FACTS = new Set(['version', 'action', 'request', 'host', 'status']);

/** What the script says of itself is the instance's word, and the message says so. */
function factsLine(
  { instance_id, facts }: InstanceResult,
  message: FinalMessage,
  texts: Texts,
  foreign: (text: string) => string,
): string[] {
  const told = ([name, value]: [string, string]) => !HIDDEN_FACTS.has(name) && message.parameters[name] !== value;
  const shown = Object.entries(facts)
    .filter(told)
    .map(([name, value]) => `${foreign(name)} = ${foreign(value)}`);
  if (shown.length === 0) return [];
  return [`- ${fill(texts.labels.facts, { instance: instance_id })}${texts.colon}${shown.join(texts.separator)}`];
}

function outputLines(instance: InstanceResult, texts: Texts, foreign: (text: string) => string): string[] {
  const lines = stripInvisible(instance.output_tail)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('PROVISION_RESULT '));
  if (lines.length === 0) return [];
  const omitted =
    instance.output_omitted > 0 ? [fill(texts.labels.omitted, { bytes: String(instance.output_omitted) })] : [];
  const quoted = [...omitted, ...lines.map((line) => foreign(line))].map((line) => `> ${line}  `);
  return ['', `${fill(texts.labels.output, { instance: instance.instance_id })}${texts.colon}`, '', ...quoted];
}

/** Cloud Assistant counts whole seconds. */
function seconds(durationMs: number): string {
  return durationMs < 1000 ? '<1' : String(Math.round(durationMs / 1000));
}

function formatTime(at: string, { language, timeZone }: RenderOptions): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) return '';
  return new Intl.DateTimeFormat(language, {
    timeZone,
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(time);
}
