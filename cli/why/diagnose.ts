import type { StandingPause } from '../../shared/journal/pauses.ts';
import { fill } from '../../shared/message/fill.ts';
import { TEXTS } from '../../shared/message/texts.ts';
import { type FunctionName, nextStep } from '../../shared/request/next-step.ts';
import { lastStep } from '../../shared/request/presses.ts';
import { type Fact, findFact, type RunEnd } from '../../shared/request/records.ts';
import type { Language } from '../../shared/workflows/schema.ts';
import type { Inspection } from '../inspect/inspect-request.ts';
import { FINISHED } from '../inspect/summary.ts';
import { foreign, span } from '../inspect/terminal.ts';
import type { Diagnosis, DiagnosisCode } from './explanation.ts';

/** Why a request that is known here is where it is. */
export function diagnose(found: Inspection, now: number, language: Language): Diagnosis {
  const { summary, records, faults } = found;
  const facts = records.map(({ fact }) => fact);
  const last = lastStep(facts);
  if (faults.length > 0) return { code: 'broken', values: { fault: foreign(faults[0]?.message ?? '') } };
  if (summary.state === 'stuck') return { code: 'stuck', values: { last: last?.type ?? '-' } };
  if (last && FINISHED.includes(last.type)) return diagnoseEnd(facts, language);
  return diagnoseOpen(facts, found, now);
}

function diagnoseEnd(facts: readonly Fact[], language: Language): Diagnosis {
  const completed = findFact(facts, 'completed');
  if (completed) return completed.status === 'Success' ? of('succeeded') : runFailed(completed.status, language);
  const input = findFact(facts, 'observed') && findFact(facts, 'planned')?.input;
  if (input) return of('observed', { command: foreign(input.command_name), instances: input.instances.join(', ') });
  const refused = findFact(facts, 'refused');
  if (refused) {
    const { code, values } = refused.refusal;
    const { refusals } = TEXTS[language];
    const safe = Object.fromEntries(Object.entries({ code, ...values }).map(([name, text]) => [name, foreign(text)]));
    return of('refused', { reason: fill(refusals[code] ?? refusals.other, safe) });
  }
  const parked = findFact(facts, 'parked');
  if (parked) {
    const { step, code, message } = parked;
    return of('parked', { step: foreign(step), code: foreign(code), message: foreign(message) });
  }
  const redirected = findFact(facts, 'redirected');
  if (redirected) return of('redirected', { to: redirected.to });
  return of('withdrawn', { reason: findFact(facts, 'cancelled')?.reason ?? '' });
}

function runFailed(status: Exclude<RunEnd, 'Success'>, language: Language): Diagnosis {
  const texts = TEXTS[language];
  return of('run_failed', { status, end: texts.ends[status], advice: texts.advice[status] });
}

const STEPS: Record<ReturnType<typeof nextStep>['name'], DiagnosisCode> = {
  accept: 'to_accept',
  confirm: 'to_confirm',
  plan: 'to_plan',
  dispatch: 'to_dispatch',
  cancel: 'to_cancel',
  stop: 'to_stop',
  collect: 'to_collect',
  announce: 'to_announce',
  comment: 'to_close',
  close: 'to_close',
  answer: 'to_answer',
  forget: 'to_close',
};

/** Effects that a lease guards, by the step that needs it. */
const LEASES: Partial<Record<DiagnosisCode, string>> = {
  to_dispatch: 'run',
  to_cancel: 'run',
  to_announce: 'announce',
  to_stop: 'stop',
  to_answer: 'announce',
};

function diagnoseOpen(facts: readonly Fact[], found: Inspection, now: number): Diagnosis {
  const step = nextStep(facts, now);
  const code = STEPS[step.name];
  const { lock, leases, notice, pause, summary } = found;
  if (pause) return diagnosePause(pause);
  if (code === 'to_dispatch' && lock && lock.held_by !== null && lock.held_by !== summary.request_id)
    return of('waiting_lock', { subject: foreign(lock.subject), other: lock.held_by });
  if (code === 'to_dispatch' && notice?.kind === 'offline')
    return of('waiting_agents', { instances: foreign(notice.instances.join(', ')) });
  const lease = leases.find(({ effect, held }) => held && effect === LEASES[code]);
  if (lease) return of('waiting_lease', { ...forStep(step), until: lease.until, holder: foreign(lease.holder, 64) });
  if (code === 'to_collect') return diagnoseRun(facts, found, now);
  return of(code, forStep(step));
}

function diagnosePause({ workflow, pause }: StandingPause): Diagnosis {
  const command = workflow === null ? 'resume' : `resume ${workflow}`;
  const values = { command, what: workflow ?? '', since: new Date(pause.at).toISOString() };
  if (pause.kind === 'limit') return of('paused_by_limit', { ...values, count: String(pause.per_hour) });
  return of('paused', { ...values, by: foreign(pause.by), reason: foreign(pause.reason, 512) });
}

function forStep({ name, by }: { name: string; by: FunctionName }) {
  return { step: name, by };
}

function diagnoseRun(facts: readonly Fact[], { run }: Inspection, now: number): Diagnosis {
  const dispatched = findFact(facts, 'dispatched');
  const timeout = findFact(facts, 'planned')?.input.timeout_seconds ?? 0;
  if (!dispatched || !run) return of('run_unknown', { run: dispatched?.invoke_id ?? '' });
  const having = (...statuses: string[]) =>
    run.instances.filter(({ status }) => statuses.includes(status)).map(({ instanceId }) => instanceId);
  const pending = having('Pending', 'Scheduled');
  const running = having('Running', 'Stopping');
  const since = span(now - Date.parse(dispatched.at));
  const values = { run: run.invokeId, since, timeout: span(timeout * 1000) };
  if (running.length > 0) return of('running', { ...values, instances: running.join(', ') });
  if (pending.length > 0) return of('run_pending', { ...values, instances: pending.join(', ') });
  return of('to_collect', values);
}

function of(code: DiagnosisCode, values: Record<string, string> = {}): Diagnosis {
  return { code, values };
}
