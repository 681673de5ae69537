import { foreign, table } from '../inspect/terminal.ts';
import { type Io, paint } from '../io.ts';
import type { Checkpoints } from './checkpoint.ts';
import type { Verdict } from './verify-records.ts';

const SHOWN = 20;

/** What was found, faults first. */
export function verdictLines(verdict: Verdict, checkpoints: Checkpoints, io: Pick<Io, 'color'>): string[] {
  const { red, green } = paint(io);
  const { faults } = verdict;
  const rows = faults.map(({ kind, object, message }) => [kind, object, message]);
  const judged = faults.length === 0 ? green('no fault found') : red(`${faults.length} fault${plural(faults.length)}`);
  return [
    ...(faults.length === 0 ? [] : [...table(['FAULT', 'OBJECT', 'WHAT'], rows), '']),
    `${verdict.requests} request${plural(verdict.requests)}, ${verdict.records} record${plural(verdict.records)}: ${judged}`,
    checkpointLine(checkpoints),
    ...listed('not yet covered by a checkpoint, so that a cut end would not be seen', verdict.uncovered),
    ...listed('not at their end yet', verdict.unfinished),
  ];
}

function checkpointLine({ count, newest, signed }: Checkpoints): string {
  if (!newest)
    return 'no checkpoint: requests that are gone as a whole would not be missed; "audit checkpoint" makes one';
  const signatures = signed ? 'signatures checked' : 'signatures not checked, --public-key does';
  return `${count} checkpoint${plural(count)}, the newest of ${newest.at} with hash ${newest.sha256.slice(0, 16)}…; ${signatures}`;
}

function listed(what: string, ids: readonly string[]): string[] {
  if (ids.length === 0) return [];
  const more = ids.length > SHOWN ? [`  … and ${ids.length - SHOWN} more`] : [];
  return [`${ids.length} ${what}:`, ...ids.slice(0, SHOWN).map((id) => `  ${foreign(id)}`), ...more];
}

function plural(count: number): string {
  return count === 1 ? '' : 's';
}
