import { type Io, paint } from '../cli/io.ts';
import { holds, type Verdict } from './oracle.ts';

export interface Report extends Verdict {
  /** Final messages that were sent again under their key, which the channel showed once. */
  repeats_after_crash: number;
  /** How often the loop was told by each way beside the callbacks. */
  ways: { connection: number; posted: number };
  seed: number;
  duration_ms: number;
  /** What was done to it, by kind. */
  faults: Record<string, number>;
  /** Kinds of faults that this run did not meet: it says nothing about them. */
  not_drawn: string[];
}

/** The report for people. */
export function formatReport(report: Report, io: Pick<Io, 'color'>): string[] {
  const style = paint(io);
  const total = Object.values(report.faults).reduce((sum, count) => sum + count, 0);
  const mark = (good: boolean, text: string) => `${good ? style.green('✓') : style.red('✗')} ${text}`;
  const kinds = Object.entries(report.faults).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `${report.approvals} approvals, seed ${report.seed}, ${Math.round(report.duration_ms / 1000)} s: ${report.provisioned} provisioned, ${report.refused} refused, ${report.declined} declined by the approver, ${report.failed} ended otherwise`,
    style.dim(`told also over connections ${report.ways.connection} times, by flows ${report.ways.posted}`),
    style.dim(`${total} faults: ${kinds.map(([kind, count]) => `${kind} ${count}`).join(', ')}`),
    ...(report.not_drawn.length > 0 ? [style.yellow(`not met by this run: ${report.not_drawn.join(', ')}`)] : []),
    mark(report.lost === 0, `${report.lost} lost`),
    mark(report.double_runs === 0, `${report.double_runs} double runs`),
    mark(report.wrong_values === 0, `${report.wrong_values} runs with other values than approved`),
    mark(report.overlaps === 0, `${report.overlaps} runs at the same time for one person`),
    mark(report.missing_final === 0, `${report.missing_final} without final message`),
    mark(
      report.duplicate_final === 0,
      `${report.duplicate_final} with more than one (${report.repeats_after_crash} sent again under the same key; ${report.repeats_shown} shown twice where there is none)`,
    ),
    mark(report.misleading === 0, `${report.misleading} messages that say something is under way, or in a wrong group`),
    mark(
      report.uninvited === 0,
      `${report.uninvited} accounts, workspaces, messages and answers for what nobody approved`,
    ),
    mark(report.left_open === 0, `${report.left_open} still open`),
    style.dim(`${report.litter} leases and notices left by processes that came late`),
    mark(report.journal_ok, report.journal_ok ? 'every chain of records verifies' : 'the records do not verify'),
    ...report.problems.map((problem) => `  ${problem}`),
    ...(holds(report) ? [] : [style.red('not everything holds that must hold')]),
  ];
}
