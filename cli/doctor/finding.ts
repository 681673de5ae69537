export const SEVERITIES = ['ok', 'note', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What doctor says of one thing. */
export interface Finding {
  /** `error`: requests do not go their way; `warning`: they do, and something will go wrong; `note`: worth knowing. */
  severity: Severity;
  /** Which thing: a rule, a function, a chat. */
  what: string;
  /** How it is. No value of a variable, no secret. */
  seen: string;
  /** What makes it right. */
  mend?: string;
}

const of =
  (severity: Severity) =>
  (what: string, seen: string, mend?: string): Finding => ({
    severity,
    what,
    seen,
    ...(mend === undefined ? {} : { mend }),
  });

export const ok = of('ok');
export const note = of('note');
export const warning = of('warning');
export const error = of('error');

/** The worst of them; `ok` where there are none. */
export function worstOf(findings: readonly Finding[]): Severity {
  return SEVERITIES.findLast((severity) => findings.some((finding) => finding.severity === severity)) ?? 'ok';
}
