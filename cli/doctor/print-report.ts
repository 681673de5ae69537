import { foreign } from '../inspect/terminal.ts';
import { type Io, paint } from '../io.ts';
import type { Report } from './examine.ts';
import { type Finding, SEVERITIES, type Severity } from './finding.ts';

const MARKS: Record<Severity, string> = { ok: '✓', note: '·', warning: '!', error: '✗' };
/** What is wrong may name many variables or files. */
const MAX_BYTES = 600;

/** One line for each finding, and one below it that says how to mend it. */
export function printReport(io: Io, { findings }: Report): void {
  for (const { severity, what, seen, mend } of findings) {
    io.out(`${styleOf(io, severity)(MARKS[severity])} ${foreign(what)}: ${foreign(seen, MAX_BYTES)}`);
    if (mend !== undefined) io.out(`  ${paint(io).dim('→')} ${foreign(mend, MAX_BYTES)}`);
  }
}

/** `2 errors, 1 warning`, or that all is well. */
export function summaryOf(findings: readonly Finding[]): string {
  const counts = SEVERITIES.toReversed().flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return severity === 'ok' || count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`];
  });
  return counts.length === 0 ? 'nothing to mend' : counts.join(', ');
}

function styleOf(io: Io, severity: Severity): (text: string) => string {
  const { green, dim, yellow, red } = paint(io);
  return { ok: green, note: dim, warning: yellow, error: red }[severity];
}
