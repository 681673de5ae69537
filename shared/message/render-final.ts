import type { PressKind } from '../events.ts';
import type { FinalEnd } from '../request/end-of.ts';
import type { InstanceResult, Refusal } from '../request/records.ts';
import { fill } from './fill.ts';
import { fitBlocks, type MessageBlock, type OutgoingMessage } from './outgoing-message.ts';
import { buttonsOf, commandLines } from './render-buttons.ts';
import {
  type Foreign,
  factsLines,
  failedFirst,
  instanceLines,
  listed,
  outputLines,
  sizeOf,
} from './render-instances.ts';
import {
  foreignOf,
  MAX_FOREIGN_BYTES,
  type RenderOptions,
  type RequestMessage,
  referenceLine,
  requestLines,
  subjectLine,
} from './render-request.ts';
import { spanText } from './span-text.ts';
import { TEXTS, type Texts } from './texts.ts';

/** All that the final message says; whatever is unknown at the end a request came to is absent. */
export interface FinalMessage extends RequestMessage {
  end: FinalEnd;
  instances: readonly InstanceResult[];
  refusal?: Refusal | undefined;
  /** What would have run, of a request that is only observed. */
  observed?: { command: string; instances: readonly string[]; offline: readonly string[] } | undefined;
  /** Instances that run when their agent answers, and how long that is waited for. */
  later?: { instances: readonly string[]; waitMs: number } | undefined;
  /** A chat that this message should have gone to, and why it did not. */
  missed?: { chat: string; code: string } | undefined;
}

const SYMBOLS: Partial<Record<FinalMessage['end'], string>> = {
  Success: '✅',
  Observed: '🔍',
  Cancelled: '⏹',
  Terminated: '⏹',
  Refused: '⛔',
  Withdrawn: '⏹',
  Parked: '⚠️',
  PartialFailed: '⚠️',
};
const TONES: Partial<Record<FinalMessage['end'], OutgoingMessage['tone']>> = {
  Success: 'success',
  Observed: 'neutral',
  Cancelled: 'neutral',
  Terminated: 'neutral',
  Withdrawn: 'neutral',
  Refused: 'warning',
  Parked: 'warning',
  PartialFailed: 'warning',
};

/** Ends after which an operator may want to run it once more. */
const RETRIED: readonly FinalEnd[] = ['Failed', 'PartialFailed', 'Error', 'Timeout', 'Terminated', 'Aborted', 'Parked'];

/** The message that ends a request: what, for whom, by whom, where, and how it went. */
export function renderFinal(
  message: FinalMessage,
  options: RenderOptions,
): Pick<OutgoingMessage, 'title' | 'blocks' | 'tone' | 'buttons'> {
  const texts = TEXTS[options.language];
  const foreign = foreignOf(options);
  const title = `${SYMBOLS[message.end] ?? '❌'} ${subjectLine(message, options)} ${texts.ends[message.end]}`;
  const instances = failedFirst(message.instances);
  const { buttons } = buttonsOf(wantedAfter(message), message, options);
  const lines = {
    reason: [
      ...observedLines(message, texts),
      ...laterLines(message, texts),
      ...whyLines(message, texts, foreign),
      ...(buttons?.some(({ what }) => what === 'retry') ? [] : retryLines(message, texts)),
      ...(hasOutput(message) ? commandLines(['output'], message, options) : []),
      ...missedLines(message, texts, foreign),
    ],
    request: requestLines(message, options),
    run: [...instanceLines(instances, texts, foreign), ...factsLines(instances, message.parameters, texts, foreign)],
    reference: [referenceLine(message, options)],
  };
  const room = options.maxBytes - sizeOf([title, ...Object.values(lines).flat()]);
  const blocks: MessageBlock[] = [
    { name: 'reason', text: lines.reason.join('\n') },
    { name: 'request', text: lines.request.join('\n') },
    { name: 'run', text: lines.run.join('\n') },
    { name: 'reference', text: lines.reference.join('\n') },
    { name: 'output', text: outputLines(instances.filter(isFailed), texts, foreign, room).join('\n') },
  ];
  return {
    title,
    blocks: fitBlocks(blocks, options.maxBytes - sizeOf([title])),
    tone: TONES[message.end] ?? 'failure',
    ...(buttons && { buttons }),
  };
}

/** The message that shows what the script printed on every instance, whether it went well or not. */
export function renderOutput(
  message: FinalMessage,
  options: RenderOptions,
): Pick<OutgoingMessage, 'title' | 'blocks' | 'tone'> {
  const texts = TEXTS[options.language];
  const title = `📄 ${subjectLine(message, options)} ${texts.printed}`;
  const reference = referenceLine(message, options);
  const room = options.maxBytes - sizeOf([title, reference]);
  const lines = outputLines(failedFirst(message.instances), texts, foreignOf(options), room);
  const blocks = [
    { name: 'reference', text: reference },
    { name: 'output', text: lines.join('\n') },
  ] as const;
  return { title, blocks: fitBlocks(blocks, options.maxBytes - sizeOf([title])), tone: 'neutral' };
}

function hasOutput({ instances }: FinalMessage): boolean {
  return instances.some(({ output_tail }) => output_tail.trim() !== '');
}

/** What people may want of a request that has ended like this. */
function wantedAfter(message: FinalMessage): PressKind[] {
  const { end, instances, later } = message;
  const canRetry = instances.some(isFailed) && RETRIED.includes(end) && !later;
  return [...(canRetry ? (['retry'] as const) : []), ...(hasOutput(message) ? (['output'] as const) : [])];
}

function isDoneOrLater(later: readonly string[]): (instance: InstanceResult) => boolean {
  return ({ instance_id, status }) => status === 'Success' || later.includes(instance_id);
}

function isFailed({ status }: InstanceResult): boolean {
  return status !== 'Success';
}

function observedLines({ observed }: FinalMessage, texts: Texts): string[] {
  if (!observed) return [];
  const { command, instances, offline } = observed;
  const lines = [fill(texts.observed, { command, instances: listed(instances, texts) })];
  if (offline.length > 0) lines.push(fill(texts.unreachable, { instances: listed(offline, texts) }));
  return lines.map((line) => `- ${line}`);
}

function laterLines({ later }: FinalMessage, texts: Texts): string[] {
  if (!later) return [];
  return [`- ${fill(texts.later, { instances: listed(later.instances, texts), time: spanText(later.waitMs, texts) })}`];
}

function retryLines({ end, requestId, later, instances }: FinalMessage, texts: Texts): string[] {
  if (later && instances.every(isDoneOrLater(later.instances))) return [];
  if (!RETRIED.includes(end)) return [];
  const only = end === 'PartialFailed' ? ' --failed-only' : '';
  const command = `npm run -s loop -- requests retry ${requestId}${only} --reason …`;
  return [`- ${texts.labels.again}${texts.colon}${command}`];
}

function missedLines({ missed }: FinalMessage, texts: Texts, foreign: Foreign): string[] {
  if (!missed) return [];
  const values = { chat: foreign(missed.chat, MAX_FOREIGN_BYTES), code: foreign(missed.code, MAX_FOREIGN_BYTES) };
  return [`- ${fill(texts.missed, values)}`];
}

function hasAdvice(end: FinalEnd, { advice }: Texts): end is keyof Texts['advice'] {
  return Object.hasOwn(advice, end);
}

function whyLines(message: FinalMessage, texts: Texts, foreign: Foreign): string[] {
  if (message.refusal) {
    const { code, values } = message.refusal;
    const safe = Object.fromEntries(
      Object.entries({ code, ...values }).map(([key, value]) => [key, foreign(value, MAX_FOREIGN_BYTES)]),
    );
    return [`- ${texts.labels.reason}${texts.colon}${fill(texts.refusals[code] ?? texts.refusals.other, safe)}`];
  }
  if (!hasAdvice(message.end, texts)) return [];
  // What waits for its agent needs nobody's hands.
  if (message.later && message.instances.every(isDoneOrLater(message.later.instances))) return [];
  return [`- ${texts.labels.reason}${texts.colon}${texts.advice[message.end]}`];
}
