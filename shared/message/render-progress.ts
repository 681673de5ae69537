import type { Pause } from '../journal/pauses.ts';
import type { InstanceResult } from '../request/records.ts';
import { fill } from './fill.ts';
import { fitBlocks, type OutgoingMessage } from './outgoing-message.ts';
import { buttonsOf, commandLines } from './render-buttons.ts';
import { type Foreign, instanceLines, listed } from './render-instances.ts';
import {
  foreignOf,
  MAX_FOREIGN_BYTES,
  type RenderOptions,
  type RequestMessage,
  referenceLine,
  requestLines,
  subjectLine,
} from './render-request.ts';
import { TEXTS, type Texts } from './texts.ts';

/** How a request stands that has not ended. */
export type Progress =
  | { kind: 'accepted' }
  /** Another request for the same subject comes first. */
  | { kind: 'waiting'; for: string }
  /** The agents of these instances do not answer. */
  | { kind: 'offline'; instances: readonly string[] }
  /** No run of its workflow starts. */
  | { kind: 'paused'; pause: Pause }
  /** `ended` are the instances that are through with it, out of `instances`. */
  | { kind: 'running'; instances: readonly string[]; ended: readonly InstanceResult[] };

export interface ProgressMessage extends RequestMessage {
  progress: Progress;
}

/** What the title of such a message begins with, and no other's. */
export const PROGRESS_SYMBOLS = { accepted: '📝', waiting: '⏳', offline: '💤', paused: '⏸️', running: '▶️' } as const;

/** The message of a request on its way. */
export function renderProgress(
  message: ProgressMessage,
  options: RenderOptions,
): Pick<OutgoingMessage, 'title' | 'blocks' | 'tone' | 'buttons'> {
  const { progress } = message;
  const wanted = progress.kind === 'running' ? (['stop'] as const) : [];
  const title = `${PROGRESS_SYMBOLS[progress.kind]} ${subjectLine(message, options)} ${TEXTS[options.language].progress[progress.kind]}`;
  const blocks = [
    { name: 'reason', text: [...waitingLines(message, options), ...commandLines(wanted, message, options)].join('\n') },
    { name: 'request', text: requestLines(message, options).join('\n') },
    { name: 'run', text: runLines(message, options).join('\n') },
    { name: 'reference', text: referenceLine(message, options) },
  ] as const;
  return {
    title,
    blocks: fitBlocks(blocks, options.maxBytes - Buffer.byteLength(title)),
    tone: 'running',
    ...buttonsOf(wanted, message, options),
  };
}

function waitingLines({ progress }: ProgressMessage, options: RenderOptions): string[] {
  const texts = TEXTS[options.language];
  const reason = (text: string) => [`- ${texts.labels.reason}${texts.colon}${text}`];
  if (progress.kind === 'waiting') return reason(fill(texts.waiting, { other: progress.for }));
  if (progress.kind === 'offline') return reason(fill(texts.offline, { instances: listed(progress.instances, texts) }));
  if (progress.kind === 'paused') return reason(pauseText(progress.pause, texts, foreignOf(options)));
  return [];
}

function pauseText(pause: Pause, { paused, limited }: Texts, foreign: Foreign): string {
  if (pause.kind === 'limit') return fill(limited, { count: String(pause.per_hour) });
  const { by, reason } = pause;
  return fill(paused, { by: foreign(by, MAX_FOREIGN_BYTES), reason: foreign(reason, MAX_FOREIGN_BYTES) });
}

function runLines({ progress }: ProgressMessage, options: RenderOptions): string[] {
  if (progress.kind !== 'running') return [];
  const texts = TEXTS[options.language];
  const ended = new Set(progress.ended.map(({ instance_id }) => instance_id));
  const going = progress.instances.filter((id) => !ended.has(id));
  const line = (text: string) => `- ${texts.labels.run}${texts.colon}${text}`;
  const shown = going.slice(0, MAX_GOING).map((id) => line(`${id} ${texts.progress.running}`));
  const more = going.length - shown.length;
  const rest = fill(texts.otherInstances, {
    count: String(more),
    ends: fill(texts.instancesCount, { count: String(more), end: texts.progress.running }),
  });
  return [...instanceLines(progress.ended, texts, foreignOf(options)), ...shown, ...(more > 0 ? [line(rest)] : [])];
}

/** More than this nobody reads in a chat. */
const MAX_GOING = 10;
