import type { Check } from './check.ts';
import { checkCredentials } from './checks/credentials.ts';
import { CHECKS } from './checks.ts';
import { describeError } from './describe-error.ts';
import { error, type Finding, note, ok } from './finding.ts';
import { type Admitted, admit, type Patient, type Service } from './patient.ts';

/** What was found by one check. */
export interface Report {
  check: string;
  findings: Finding[];
}

/** One check after the other, each told when it is done: what one puts on the services must not make another late. */
export async function examine(patient: Patient, tell: (report: Report) => void): Promise<Finding[]> {
  const { findings, refused } = await checkCredentials(patient);
  const first = { check: 'credentials', findings: orFine(findings, 'credentials', 'every service takes the key') };
  tell(first);
  const admitted = await admit(patient, refused);
  const all = [...first.findings];
  for (const check of CHECKS) {
    const report = await run(check, admitted, refused);
    tell(report);
    all.push(...report.findings);
  }
  return all;
}

async function run(check: Check, patient: Admitted, refused: ReadonlySet<Service>): Promise<Report> {
  const missing = check.needs.filter((service) => refused.has(service));
  if (missing.length > 0)
    return {
      check: check.name,
      findings: [note(check.name, `not looked at, for ${missing.join(' and ')} gave no answer`)],
    };
  try {
    return { check: check.name, findings: orFine(await check.look(patient), check.name, check.fine) };
  } catch (fault) {
    const mend = 'run doctor again; if it stays, what it says is what to look for';
    return {
      check: check.name,
      findings: [error(check.name, `could not be looked at: ${describeError(fault)}`, mend)],
    };
  }
}

function orFine(findings: Finding[], name: string, fine: string): Finding[] {
  return findings.length > 0 ? findings : [ok(name, fine)];
}
