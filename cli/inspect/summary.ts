import { isRequestId } from '../../shared/ids.ts';
import { BrokenChainError } from '../../shared/journal/journal.ts';
import type { Marker } from '../../shared/journal/markers.ts';
import { ALL_KEYS } from '../../shared/journal/object-store.ts';
import { listPauses, type StandingPause } from '../../shared/journal/pauses.ts';
import { endOf } from '../../shared/request/end-of.ts';
import { type FunctionName, nextStep } from '../../shared/request/next-step.ts';
import { listParked } from '../../shared/request/park.ts';
import { lastStep } from '../../shared/request/presses.ts';
import { type Fact, findFact } from '../../shared/request/records.ts';
import { findWorkflow } from '../../shared/workflows/lookups.ts';
import type { Access } from './access.ts';

/** A request in one line of a list. */
export interface Summary {
  request_id: string;
  workflow: string;
  /** The value of the workflow's first parameter, by which people tell requests apart. */
  subject: string;
  /** How it ended, once it has: the run's status, Refused, Withdrawn, Parked, Redirected. */
  end: string | null;
  /** Open: with an open marker. Stuck: unfinished and without one. */
  state: 'open' | 'parked' | 'ended' | 'stuck' | 'broken';
  received_at: string | null;
  age_ms: number | null;
  last_fact: string | null;
  last_fact_at: string | null;
  next_step: string | null;
  by: FunctionName | 'operator' | null;
}

export type Which = 'open' | 'parked' | 'all';

const PARALLEL = 16;
const ALL = { limit: ALL_KEYS };
export const FINISHED: readonly string[] = ['closed', 'redirected'];

export async function listOpen({ markers }: Pick<Access, 'markers'>): Promise<string[]> {
  return markers.list(ALL);
}

/** Ids of requests that have a first record. */
export async function listAccepted({ records }: Pick<Access, 'records'>): Promise<string[]> {
  const keys = await records.list('accepted/', ALL);
  return keys.map((key) => key.replace(/^accepted\/(.*)\.json$/, '$1')).filter(isRequestId);
}

/** Oldest first. */
export async function summarise(access: Access, which: Which): Promise<Summary[]> {
  const [open, parked, accepted, pauses] = await Promise.all([
    which === 'parked' ? [] : listOpen(access),
    listParked(access.work),
    which === 'all' ? listAccepted(access) : [],
    listPauses(access.work),
  ]);
  const ids = which === 'parked' ? parked : [...new Set([...open, ...(which === 'all' ? parked : []), ...accepted])];
  const onList = new Set(parked);
  const all = await inParallel(ids.filter(isRequestId), (id) => summaryOf(access, id, onList.has(id), pauses));
  return all.sort((a, b) => (a.received_at ?? '').localeCompare(b.received_at ?? ''));
}

export async function summaryOf(
  access: Access,
  requestId: string,
  isParked: boolean,
  pauses: readonly StandingPause[],
): Promise<Summary> {
  const { journal, markers, clock } = access;
  const marker = await markers.get(requestId).catch(() => undefined);
  try {
    const { facts } = await journal.read(requestId);
    return summarised(access, { requestId, facts, marker, isParked, pauses, now: clock.now() });
  } catch (error) {
    if (!(error instanceof BrokenChainError)) throw error;
    const base = summarised(access, { requestId, facts: [], marker, isParked, pauses, now: clock.now() });
    return { ...base, state: 'broken', last_fact: null, next_step: 'audit verify', by: 'operator' };
  }
}

interface Known {
  requestId: string;
  facts: readonly Fact[];
  marker: Marker | undefined;
  isParked: boolean;
  pauses: readonly StandingPause[];
  now: number;
}

/** The pause that keeps the run of a request with these facts from starting now. */
export function holdingPause(
  facts: readonly Fact[],
  pauses: readonly StandingPause[],
  now: number,
): StandingPause | undefined {
  const request = findFact(facts, 'accepted')?.request;
  const { name } = nextStep(facts, now);
  if (!request || request.action === 'revoke' || (name !== 'dispatch' && name !== 'confirm')) return undefined;
  return pauses.find(({ workflow }) => workflow === null || workflow === request.workflow);
}

function summarised({ workflows }: Access, { requestId, facts, marker, isParked, pauses, now }: Known): Summary {
  const last = lastStep(facts);
  const finished = last !== undefined && FINISHED.includes(last.type);
  const receivedAt = marker?.received_at ?? (facts[0] && Date.parse(facts[0].at));
  const state = isParked ? 'parked' : marker ? 'open' : finished ? 'ended' : 'stuck';
  const step = nextStep(facts, now);
  const named = marker && findWorkflow(workflows, marker.platform, marker.code)?.name;
  const parameters = findFact(facts, 'accepted')?.request.parameters ?? {};
  const next =
    state === 'parked' && finished
      ? { next_step: 'retry', by: 'operator' as const }
      : state === 'ended'
        ? { next_step: null, by: null }
        : state === 'stuck'
          ? { next_step: 'approvals pull', by: 'operator' as const }
          : holdingPause(facts, pauses, now)
            ? { next_step: 'resume', by: 'operator' as const }
            : { next_step: step.name, by: step.by };
  return {
    request_id: requestId,
    workflow: workflowOf(facts) ?? named ?? '',
    subject: Object.values(parameters)[0] ?? '',
    end: endOf(facts) ?? null,
    state,
    received_at: receivedAt === undefined ? null : new Date(receivedAt).toISOString(),
    age_ms: receivedAt === undefined ? null : Math.max(0, now - receivedAt),
    last_fact: last?.type ?? null,
    last_fact_at: last?.at ?? null,
    ...next,
  };
}

export function workflowOf(facts: readonly Fact[]): string | undefined {
  const name =
    findFact(facts, 'accepted')?.request.workflow ??
    findFact(facts, 'refused')?.workflow ??
    findFact(facts, 'parked')?.workflow;
  return name === '' ? undefined : name;
}

/** Every item's result in the order of the items, some at a time. */
export async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  return results;
}
