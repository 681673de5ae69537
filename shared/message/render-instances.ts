import type { InstanceResult } from '../request/records.ts';
import { fill } from './fill.ts';
import { stripInvisible } from './neutralise.ts';
import { spanText } from './span-text.ts';
import type { Texts } from './texts.ts';

/** The text of others on one line, harmless in the platform's markup, cut to so many bytes before it is escaped. */
export type Foreign = (text: string, maxBytes: number) => string;

/** More than this nobody reads in a chat; the journal has everything. */
const MAX_INSTANCES = 10;
const MAX_WITH_DETAILS = 3;
const MAX_OUTPUT_LINES = 20;
const MAX_HEAD_LINES = 3;
const MAX_LINE_BYTES = 256;
const MAX_CODE_BYTES = 64;
const MAX_LIST_BYTES = 1_800;

/** The instances in the order in which people want to see them: what needs their hands first. */
export function failedFirst(instances: readonly InstanceResult[]): InstanceResult[] {
  const failed = ({ status }: InstanceResult) => status !== 'Success';
  return [...instances.filter(failed), ...instances.filter((instance) => !failed(instance))];
}

/** A line for each of the first instances, and one that counts the others. */
export function instanceLines(instances: readonly InstanceResult[], texts: Texts, foreign: Foreign): string[] {
  const rest = instances.slice(MAX_INSTANCES).map(({ status }) => texts.ends[status]);
  const counts = [...new Set(rest)].map((end) => {
    const count = rest.filter((other) => other === end).length;
    return fill(texts.instancesCount, { count: String(count), end });
  });
  const others = fill(texts.otherInstances, { count: String(rest.length), ends: counts.join(texts.separator) });
  return [
    ...instances.slice(0, MAX_INSTANCES).map((instance) => instanceText(instance, texts, foreign)),
    ...(rest.length > 0 ? [others] : []),
  ].map((text) => `- ${texts.labels.run}${texts.colon}${text}`);
}

function instanceText(instance: InstanceResult, texts: Texts, foreign: Foreign): string {
  const { instance_id, status, exit_code, duration_ms, error_code } = instance;
  return [
    `${instance_id} ${texts.ends[status]}`,
    ...(exit_code === null ? [] : [fill(texts.exitCode, { code: String(exit_code) })]),
    ...(duration_ms === null ? [] : [durationText(duration_ms, texts)]),
    ...(error_code === '' || status === 'Success' ? [] : [foreign(error_code, MAX_CODE_BYTES)]),
  ].join(texts.separator);
}

/** Cloud Assistant counts whole seconds. */
function durationText(durationMs: number, texts: Texts): string {
  return durationMs < 1000 ? texts.shortDuration : fill(texts.duration, { time: spanText(durationMs, texts) });
}

/** What the message says already, or what only a program reads. */
const HIDDEN_FACTS = new Set(['version', 'action', 'request', 'host', 'status']);

/** What the script says of itself is the instance's word, and the message says so. */
export function factsLines(
  instances: readonly InstanceResult[],
  parameters: Readonly<Record<string, string>>,
  texts: Texts,
  foreign: Foreign,
): string[] {
  const told = ([name, value]: [string, string]) => !HIDDEN_FACTS.has(name) && parameters[name] !== value;
  const lines = instances.map(({ instance_id, facts }) => {
    const shown = Object.entries(facts).filter(told);
    const parts = shown.map((fact) => fact.map((part) => foreign(part, MAX_CODE_BYTES)).join(' = '));
    const label = fill(texts.labels.facts, { instance: instance_id });
    return parts.length === 0 ? '' : `- ${label}${texts.colon}${listed(parts, texts)}`;
  });
  return lines.filter((line) => line !== '').slice(0, MAX_WITH_DETAILS);
}

/** The ends of the outputs of the first of these, quoted, in at most `maxBytes` together. */
export function outputLines(
  instances: readonly InstanceResult[],
  texts: Texts,
  foreign: Foreign,
  maxBytes: number,
): string[] {
  const shown = instances.filter(({ output_tail }) => output_tail.trim() !== '').slice(0, MAX_WITH_DETAILS);
  return shown.flatMap((instance) => outputOf(instance, texts, foreign, Math.floor(maxBytes / shown.length)));
}

function outputOf(instance: InstanceResult, texts: Texts, foreign: Foreign, maxBytes: number) {
  const readable = (output: string) =>
    stripInvisible(output)
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('PROVISION_RESULT '))
      .map((line) => foreign(line, MAX_LINE_BYTES));
  const head = readable(instance.output_head ?? '');
  const tail = readable(instance.output_tail);
  const label = fill(texts.labels.output, { instance: instance.instance_id });
  const block = (kept: readonly string[]) => {
    const first = head.slice(0, MAX_HEAD_LINES);
    const left = head.length - first.length + (instance.lines_omitted ?? 0) + tail.length - kept.length;
    const quoted = [...first, ...cutLines(instance, left, texts), ...kept].map((line) => `> ${line}  `);
    return ['', `${label}${texts.colon}`, '', ...quoted];
  };
  let kept = tail.slice(-MAX_OUTPUT_LINES);
  while (kept.length > 0 && sizeOf(block(kept)) > maxBytes) kept = kept.slice(1);
  return kept.length === 0 ? [] : block(kept);
}

/** In the place of what is left out. How many lines the agent has dropped nobody knows. */
function cutLines({ output_head, output_omitted }: InstanceResult, left: number, texts: Texts): string[] {
  if (output_head === undefined && output_omitted > 0) return [texts.labels.omitted];
  return left > 0 ? [fill(texts.linesOmitted, { count: String(left) })] : [];
}

/** Bytes of these lines in a JSON text; the two quotes count for the line break. */
export function sizeOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + Buffer.byteLength(JSON.stringify(line)), 0);
}

/** As many of these as a line has room for, and how many they are in all where some are left out. */
export function listed(parts: readonly string[], texts: Texts): string {
  let shown = parts;
  while (sizeOf(shown) > MAX_LIST_BYTES) shown = shown.slice(0, -1);
  const total = shown.length < parts.length ? [fill(texts.total, { count: String(parts.length) })] : [];
  return [...shown, ...total].join(texts.separator);
}
