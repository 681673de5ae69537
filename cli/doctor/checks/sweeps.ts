import { lastTrace, TRACE_MS } from '../../../shared/journal/signs-of-life.ts';
import type { FunctionName } from '../../../shared/request/next-step.ts';
import { span } from '../../inspect/terminal.ts';
import type { Check } from '../check.ts';
import { error, type Finding, note } from '../finding.ts';
import type { Admitted } from '../patient.ts';

/** A trace is for ten minutes; one more may be under way. */
const SILENT_MS = 2 * TRACE_MS;

/** The sweep is what makes every request end, whatever got lost. */
export const sweeps: Check = {
  name: 'sweeps',
  fine: 'the sweep of every function runs',
  needs: ['oss', 'fc'],
  look: async (patient) =>
    (await Promise.all([...patient.functions.keys()].map((name) => lookAt(name, patient)))).flat(),
};

async function lookAt(name: FunctionName, patient: Admitted): Promise<Finding[]> {
  const { work, tools, functions, names } = patient;
  const now = tools.clock.now();
  const last = await lastTrace(work, name);
  const what = `sweep of ${name}`;
  if (last !== undefined && now - last <= SILENT_MS) return [];
  const deployed = functions.get(name)?.changedAt ?? 0;
  if (last === undefined && now - deployed <= SILENT_MS)
    return [note(what, `has not run yet: the function was deployed ${span(now - deployed)} ago`)];
  const seen =
    last === undefined ? 'has never come to its end' : `came to its end ${span(now - last)} ago for the last time`;
  const mend = `see that the timer trigger of ${names.function(name)} is on and what its log says; "replay --function ${name}" starts one now`;
  return [error(what, seen, mend)];
}
