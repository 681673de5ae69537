import type { Summary } from '../inspect/summary.ts';

/** One thing that happened on the way of a request. */
export interface Hop {
  at: string;
  what: string;
  detail: string;
  /** Whether something went wrong here. */
  trouble: boolean;
}

/** Why a request is where it is: `code` is stable and names a text in each language, `values` fill it in. */
export interface Diagnosis {
  code: DiagnosisCode;
  values: Readonly<Record<string, string>>;
}

export interface Explanation {
  request_id: string;
  workflow: string;
  subject: string;
  received_at: string | null;
  diagnosis: Diagnosis;
  hops: Hop[];
  next_try: string | null;
  leases: { effect: string; holder: string; until: string; held: boolean }[];
  attempts: Pick<Summary, 'request_id' | 'state' | 'end'>[];
}

export const DIAGNOSES = [
  'broken',
  'stuck',
  'parked',
  'succeeded',
  'run_failed',
  'observed',
  'refused',
  'withdrawn',
  'redirected',
  'to_accept',
  'to_plan',
  'to_confirm',
  'to_dispatch',
  'to_cancel',
  'paused',
  'paused_by_limit',
  'waiting_lock',
  'waiting_agents',
  'waiting_lease',
  'run_pending',
  'running',
  'run_unknown',
  'to_collect',
  'to_announce',
  'to_close',
  'to_stop',
  'to_answer',
  'not_decided',
  'declined',
  'missed',
  'missed_failed',
  'no_workflow',
  'unreadable',
  'unreachable',
  'not_configured',
  'other_environment',
  'no_attempt',
  'nowhere',
] as const;
export type DiagnosisCode = (typeof DIAGNOSES)[number];
