import { type Io, paint } from '../io.ts';
import type { SeenStep } from './steps.ts';

/** What a step says beside its name: ids and codes of its log line. */
const DETAILS = [
  'workflow',
  'event_type',
  'rule',
  'bus',
  'command',
  'instances',
  'invoke_id',
  'instance_id',
  'status',
  'code',
  'bytes',
  'chat',
  'end',
];

/** One line a step: elapsed milliseconds, name, detail. */
export function formatStep(step: SeenStep, io: Pick<Io, 'color'>): string {
  const style = paint(io);
  const details = DETAILS.flatMap((name) => {
    const value = step.entry.fields[name];
    return value === undefined ? [] : [`${name}=${Array.isArray(value) ? value.join(',') : value}`];
  });
  const name = step.name === 'refused' ? style.yellow(step.name) : step.name;
  const line = `${style.dim(`${String(step.at_ms).padStart(6)} ms`)}  ${name}`;
  if (details.length === 0) return line;
  return `${line}${' '.repeat(Math.max(2, 20 - step.name.length))}${style.dim(details.join('  '))}`;
}

/** The message as the people of a group see it. */
export function formatMessage(
  message: { chat: string; text: string; updates?: number; answers?: string },
  io: Pick<Io, 'color'>,
): string {
  const style = paint(io);
  const bar = style.cyan('│');
  const answers = message.answers === undefined ? '' : style.dim(` in answer to “${message.answers}”`);
  return [
    `${style.cyan('╭─')} ${style.bold(message.chat)}${answers}`,
    ...message.text.split('\n').map((line) => (line === '' ? bar : `${bar} ${line}`)),
    `${style.cyan('╰─')}${message.updates ? style.dim(` changed ${times(message.updates)} since it was posted`) : ''}`,
  ].join('\n');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
