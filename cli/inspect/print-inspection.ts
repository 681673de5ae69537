import { formatMessage } from '../approval/print-steps.ts';
import { type Io, paint } from '../io.ts';
import { describeFact } from './describe-fact.ts';
import { describePause } from './describe-pause.ts';
import type { Inspection } from './inspect-request.ts';
import { foreign, span } from './terminal.ts';

/** Everything about one request, for people. */
export function inspectionLines(found: Inspection, io: Pick<Io, 'color'>): string[] {
  const { bold } = paint(io);
  const { summary } = found;
  const age = summary.age_ms === null ? '' : `, ${span(summary.age_ms)} old`;
  const about = [summary.workflow, summary.subject].filter((text) => text !== '').map((text) => foreign(text));
  return [
    `${bold(summary.request_id)}  ${about.join(' · ')}`,
    `${summary.state}${summary.end === null ? '' : ` (${summary.end})`}${age}${nextOf(found)}`,
    ...section('facts', factLines(found), io),
    ...section('now', nowLines(found), io),
    ...section('run', runLines(found), io),
    ...section('attempts', attemptLines(found), io),
    ...(found.message ? ['', formatMessage(withoutControls(found.message), io)] : []),
  ];
}

function nextOf({ summary: { next_step, by }, next_try }: Inspection): string {
  if (next_step === null) return '';
  const when = next_try === null ? '' : `, looked at again at ${next_try} at the latest`;
  return `; next: ${next_step} by ${by}${when}`;
}

function section(name: string, lines: readonly string[], io: Pick<Io, 'color'>): string[] {
  return lines.length === 0 ? [] : ['', paint(io).dim(name), ...lines.map((line) => `  ${line}`)];
}

function factLines({ records, faults }: Inspection): string[] {
  return [
    ...records.map(({ seq, by, fact }) => {
      const head = `${String(seq).padStart(2)}  ${fact.at}  ${fact.type.padEnd(10)}`;
      return `${head}  ${describeFact(fact)}  [${foreign(by, 64)}]`.replace(/ {3,}\[/, '  [');
    }),
    ...faults.map(({ object, message }) => `✗   ${foreign(object)}: ${foreign(message)}`),
  ];
}

function nowLines({ marker, leases, lock, notice, pause, summary }: Inspection): string[] {
  const open = marker && `open marker since ${new Date(marker.received_at).toISOString()}`;
  const other = lock && lock.held_by !== summary.request_id ? lock.held_by : null;
  return [
    ...(open ? [open] : []),
    ...leases.map(({ effect, holder, until, held }) =>
      held
        ? `lease on ${foreign(effect, 32)} held by ${foreign(holder, 64)} until ${until}`
        : `lease on ${foreign(effect, 32)} expired at ${until}`,
    ),
    ...(marker && lock ? [`lock ${foreign(lock.subject, 80)}: ${other ? `held by ${other}` : 'free or its own'}`] : []),
    ...(pause ? [`waits for "resume": ${describePause(pause)}`] : []),
    ...(notice?.kind === 'waiting' ? [`waits for ${notice.for}`] : []),
    ...(notice?.kind === 'offline' ? [`waits for the agents of ${foreign(notice.instances.join(', '))}`] : []),
  ];
}

function runLines({ run }: Inspection): string[] {
  if (!run) return [];
  return run.instances.map((instance) => {
    const code = instance.exitCode === undefined ? '' : `, exit code ${instance.exitCode}`;
    const error = [instance.errorCode, instance.errorInfo].filter((text) => text !== '').map((text) => foreign(text));
    return [`${run.invokeId} on ${instance.instanceId}: ${instance.status}${code}`, ...error].join(', ');
  });
}

function attemptLines({ attempts }: Inspection): string[] {
  if (attempts.length < 2) return [];
  return attempts.map(({ request_id, state, end }) => `${request_id}  ${end ?? state}`);
}

function withoutControls({ chat, text }: { chat: string; text: string }) {
  return {
    chat: foreign(chat),
    text: text
      .split('\n')
      .map((line) => foreign(line, 4096))
      .join('\n'),
  };
}
