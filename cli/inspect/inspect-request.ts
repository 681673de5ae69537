import * as z from 'zod';
import type { Invocation } from '../../shared/alicloud/cloud-assistant.ts';
import { sha256Hex } from '../../shared/ids.ts';
import type { Marker } from '../../shared/journal/markers.ts';
import { readNotice } from '../../shared/journal/notices.ts';
import { parseJson } from '../../shared/json.ts';
import { findFact, type JournalRecord } from '../../shared/request/records.ts';
import { isDue } from '../../shared/request/sweep.ts';
import { ENVIRONMENT_TAG, REQUEST_TAG } from '../../shared/request/tags.ts';
import { readMessages } from '../approval/run-approval.ts';
import { checkChain, type Fault, readStoredChain } from '../audit/chain.ts';
import type { Access } from './access.ts';
import { attemptsOf } from './find-requests.ts';
import { FINISHED, type Summary, summaryOf } from './summary.ts';

export interface HeldLease {
  effect: string;
  holder: string;
  until: string;
  /** Whether it holds others off now. */
  held: boolean;
}

/** All there is to be found of one request. */
export interface Inspection {
  summary: Summary;
  /** Records that can be read, with their hashes. */
  records: (JournalRecord & { sha256: string })[];
  faults: Fault[];
  marker: Marker | null;
  /** When the sweeps look at it next, while it is open. */
  next_try: string | null;
  leases: HeldLease[];
  /** Whose turn it is for the subject of its lock; null where the workflow has none. */
  lock: { subject: string; held_by: string | null } | null;
  notice: { kind: string; for: string } | null;
  run: Invocation | null;
  message: { chat: string; text: string } | null;
  /** Every attempt of this request, itself included. */
  attempts: Summary[];
}

export async function inspectRequest(access: Access, requestId: string): Promise<Inspection> {
  const { work, markers, records, clock } = access;
  const [chain, marker, isParked] = await Promise.all([
    readStoredChain(records, requestId),
    markers.get(requestId).catch(() => undefined),
    work.get(`parked/${requestId}`).then((body) => body !== undefined),
  ]);
  const [summary, leases, notice, messages, attempts] = await Promise.all([
    summaryOf(access, requestId, isParked),
    readLeases(access, requestId),
    readNotice(work, requestId),
    readMessages(access.cloud, requestId),
    attemptsOf(access, requestId),
  ]);
  const known = chain.records.flatMap(({ record, sha256 }) => (record ? [{ ...record, sha256 }] : []));
  const [message] = messages;
  return {
    summary,
    records: known,
    faults: checkChain(chain),
    marker: marker ?? null,
    next_try: marker ? nextTry(marker.received_at, clock.now()) : null,
    leases,
    lock: await readLock(access, known),
    notice: notice ?? null,
    run: (await findRun(access, requestId, known)) ?? null,
    message: message ? { chat: message.chat, text: message.text } : null,
    attempts: await Promise.all(attempts.map((id) => summaryOf(access, id, false))),
  };
}

const MINUTE_MS = 60_000;

/** The sweeps run at every full minute and look the less often the older a request is. */
function nextTry(receivedAt: number, now: number): string | null {
  for (let time = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS; time < now + 125 * MINUTE_MS; time += MINUTE_MS)
    if (isDue(receivedAt, time)) return new Date(time).toISOString();
  return null;
}

const leaseSchema = z.object({ holder: z.string(), until: z.number() });

/** The newest generation of each lease; see shared/journal/leases.ts. */
async function readLeases({ work, clock }: Access, requestId: string): Promise<HeldLease[]> {
  const prefix = `leases/${requestId}/`;
  const newest = new Map((await work.list(prefix)).map((key) => [key.slice(prefix.length).split('/')[0] ?? '', key]));
  const leases = await Promise.all(
    [...newest].map(async ([effect, key]): Promise<HeldLease[]> => {
      const body = await work.get(key);
      const lease = leaseSchema.safeParse(body && parseJson(body));
      if (!lease.success) return [];
      const { holder, until } = lease.data;
      return [{ effect, holder, until: new Date(until).toISOString(), held: clock.now() < until }];
    }),
  );
  return leases.flat();
}

const lockSchema = z.object({ request_id: z.string() });

/** The lock that the request needs before its run; see shared/journal/locks.ts. A holder that has ended holds nothing. */
async function readLock(
  { work, workflows, journal }: Access,
  records: readonly JournalRecord[],
): Promise<Inspection['lock']> {
  const request = findFact(
    records.map(({ fact }) => fact),
    'accepted',
  )?.request;
  const parameter = request && workflows.workflows[request.workflow]?.lock;
  if (!request || parameter === undefined) return null;
  const subject = `${parameter}=${request.parameters[parameter] ?? ''}`;
  const key = (await work.list(`locks/${sha256Hex(subject).slice(0, 32)}/`)).at(-1);
  const body = key === undefined ? undefined : await work.get(key);
  const holder = lockSchema.safeParse(body && parseJson(body));
  if (!holder.success) return { subject, held_by: null };
  const { facts } = await journal.read(holder.data.request_id).catch(() => ({ facts: [] }));
  const free = facts.some(({ type }) => LOCK_ENDS.has(type));
  return { subject, held_by: free ? null : holder.data.request_id };
}

const LOCK_ENDS = new Set(['completed', 'refused', 'cancelled', 'parked', 'announced', ...FINISHED]);

/** The run that the records name; while they name none, the one that carries the request's tag. */
async function findRun(
  { cloudAssistant, environment }: Access,
  requestId: string,
  records: readonly JournalRecord[],
): Promise<Invocation | undefined> {
  const facts = records.map(({ fact }) => fact);
  const invokeId = findFact(facts, 'dispatched')?.invoke_id ?? findFact(facts, 'completed')?.invoke_id;
  if (invokeId !== undefined) return cloudAssistant.findInvocation(invokeId);
  if (!findFact(facts, 'planned')) return undefined;
  const tagged = await cloudAssistant.findInvocationsByTag(REQUEST_TAG, requestId);
  const [ours] = tagged.filter(({ tags }) => tags[ENVIRONMENT_TAG] === environment);
  return ours && cloudAssistant.findInvocation(ours.invokeId);
}
