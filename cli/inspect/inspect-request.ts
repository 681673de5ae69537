import type { Invocation } from '../../shared/alicloud/cloud-assistant.ts';
import { type HeldLease, readLeases } from '../../shared/journal/leases.ts';
import { createLocks, lockSubject } from '../../shared/journal/locks.ts';
import type { Marker } from '../../shared/journal/markers.ts';
import { type Notice, readNotice } from '../../shared/journal/notices.ts';
import { listPauses, type StandingPause } from '../../shared/journal/pauses.ts';
import { isParked } from '../../shared/request/park.ts';
import { type Fact, findFact, type JournalRecord } from '../../shared/request/records.ts';
import { isDue } from '../../shared/request/sweep.ts';
import { ENVIRONMENT_TAG, REQUEST_TAG } from '../../shared/request/tags.ts';
import { readMessages } from '../approval/group-messages.ts';
import { checkChain, type Fault, readStoredChain } from '../audit/chain.ts';
import type { Access } from './access.ts';
import { attemptsOf } from './find-requests.ts';
import { holdingPause, type Summary, summaryOf } from './summary.ts';

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
  notice: Notice | null;
  /** What keeps its run from starting. */
  pause: StandingPause | null;
  run: Invocation | null;
  message: { chat: string; text: string } | null;
  /** Every attempt of this request, itself included. */
  attempts: Summary[];
}

export async function inspectRequest(access: Access, requestId: string): Promise<Inspection> {
  const { work, markers, records, clock } = access;
  const [chain, marker, parked, pauses] = await Promise.all([
    readStoredChain(records, requestId),
    markers.get(requestId).catch(() => undefined),
    isParked(work, requestId),
    listPauses(work),
  ]);
  const [summary, leases, notice, messages, attempts] = await Promise.all([
    summaryOf(access, requestId, parked, pauses),
    readLeases(work, requestId, clock.now()),
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
    pause: (marker && holdingPause(factsOf(known), pauses, clock.now())) ?? null,
    run: (await findRun(access, requestId, known)) ?? null,
    message: message ? { chat: message.chat, text: message.text } : null,
    attempts: await Promise.all(attempts.map((id) => summaryOf(access, id, false, pauses))),
  };
}

const MINUTE_MS = 60_000;

/** The sweeps run at every full minute and look the less often the older a request is. */
function nextTry(receivedAt: number, now: number): string | null {
  for (let time = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS; time < now + 125 * MINUTE_MS; time += MINUTE_MS)
    if (isDue(receivedAt, time)) return new Date(time).toISOString();
  return null;
}

function factsOf(records: readonly JournalRecord[]): Fact[] {
  return records.map(({ fact }) => fact);
}

/** The lock that the request needs before its run. */
async function readLock(access: Access, records: readonly JournalRecord[]): Promise<Inspection['lock']> {
  const facts = factsOf(records);
  const request = findFact(facts, 'accepted')?.request;
  const parameter = request && access.workflows.workflows[request.workflow]?.lock;
  if (!request || parameter === undefined) return null;
  const subject = lockSubject(parameter, request.parameters);
  // A holder whose records do not fit together has to be looked at; it holds nobody up in what is shown here.
  const holder = await createLocks(access)
    .holder(subject)
    .catch(() => undefined);
  return { subject, held_by: holder ?? null };
}

/** The run that the records name; while they name none, the one that carries the request's tag. */
async function findRun(
  { cloudAssistant, environment }: Access,
  requestId: string,
  records: readonly JournalRecord[],
): Promise<Invocation | undefined> {
  const facts = factsOf(records);
  const invokeId = findFact(facts, 'dispatched')?.invoke_id ?? findFact(facts, 'completed')?.invoke_id;
  if (invokeId !== undefined) return cloudAssistant.findInvocation(invokeId);
  if (!findFact(facts, 'planned')) return undefined;
  const tagged = await cloudAssistant.findInvocationsByTag(REQUEST_TAG, requestId);
  const [ours] = tagged.filter(({ tags }) => tags[ENVIRONMENT_TAG] === environment);
  return ours && cloudAssistant.findInvocation(ours.invokeId);
}
