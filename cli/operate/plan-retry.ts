import { MAX_ATTEMPTS, parseRequestId } from '../../shared/ids.ts';
import type { Marker } from '../../shared/journal/markers.ts';
import { attemptMarker } from '../../shared/request/attempt-marker.ts';
import { endOf } from '../../shared/request/end-of.ts';
import { failedInstances } from '../../shared/request/failed-instances.ts';
import { lastStep } from '../../shared/request/presses.ts';
import { type Fact, findFact } from '../../shared/request/records.ts';
import { templateOf } from '../../shared/workflows/lookups.ts';
import type { Access } from '../inspect/access.ts';
import { attemptsOf } from '../inspect/find-requests.ts';
import { FINISHED, workflowOf } from '../inspect/summary.ts';

export interface RetryWish {
  reason: string;
  by: string;
  failedOnly: boolean;
  /** Also after an attempt that ended well. */
  force: boolean;
}

/** The open marker of the new attempt and what is on the parked list for it, or why there is to be none. */
export type RetryPlan = { kind: 'retry'; marker: Marker; unpark: string[] } | { kind: 'refused'; why: string };

interface Attempt {
  id: string;
  facts: readonly Fact[];
  isOpen: boolean;
}

/** Decides on a new attempt of the request that this one is an attempt of. */
export async function planRetry(access: Access, requestId: string, wish: RetryWish): Promise<RetryPlan> {
  const attempts = await readAttempts(access, requestId);
  const last = attempts.at(-1);
  if (!last) return refused(`there is no request ${requestId} to try again`);
  const why = attempts.map(whyNot).find((reason) => reason !== undefined) ?? whyNotAfter(last, wish);
  if (why !== undefined) return refused(why);
  const number = (parseRequestId(last.id)?.attempt ?? 0) + 1;
  if (number > MAX_ATTEMPTS) return refused(`${MAX_ATTEMPTS} attempts have been made; submit a new approval`);
  // What failed is known from the last attempt that ran; one that was refused before its run says nothing of it.
  const of = (wish.failedOnly && attempts.findLast(({ facts }) => findFact(facts, 'completed'))) || last;
  const failed = failedInstances(attempts.map(({ facts }) => facts));
  if (wish.failedOnly && failed.length === 0)
    return refused(`--failed-only: no run of it failed on an instance; leave it out`);
  const approval = describeAttempt(access, last, attempts);
  if (!approval) return refused('its approval template is not known any more; "approvals pull --workflow" names one');
  const retry = { of: of.id, by: wish.by, reason: wish.reason, failed_only: wish.failedOnly };
  const marker = attemptMarker(last.id, number, approval, retry, access.clock.now());
  if (!marker) return refused(`${last.id} is no request id`);
  return { kind: 'retry', marker, unpark: attempts.map(({ id }) => id) };
}

function refused(why: string): RetryPlan {
  return { kind: 'refused', why };
}

async function readAttempts(access: Access, requestId: string): Promise<Attempt[]> {
  const ids = await attemptsOf(access, requestId);
  const read = ids.map(async (id) => {
    const { facts } = await access.journal.read(id);
    return { id, facts, isOpen: (await access.markers.get(id)) !== undefined };
  });
  return Promise.all(read);
}

/** Two attempts at once would run twice. */
function whyNot({ id, facts, isOpen }: Attempt): string | undefined {
  const last = lastStep(facts);
  if (isOpen && !(last && FINISHED.includes(last.type)))
    return `${id} is still open (${last?.type ?? 'not accepted yet'}); "requests stop" ends its run, "why" says what it waits for`;
  if (!last || !FINISHED.includes(last.type))
    return `${id} is not at its end and has no open marker; "approvals pull" puts it back on its way`;
  return undefined;
}

function whyNotAfter({ id, facts }: Attempt, { force }: RetryWish): string | undefined {
  const redirected = findFact(facts, 'redirected');
  if (redirected) return `${id} revokes another approval and is carried out as ${redirected.to}; try that one again`;
  if (endOf(facts) === 'Success' && !force)
    return `${id} ended well, and trying it again would run it twice; --force does so all the same`;
  return undefined;
}

/** What the accept step needs to read the approval again. */
function describeAttempt(
  { workflows }: Access,
  { id, facts }: Attempt,
  attempts: readonly Attempt[],
): { instance_id: string | undefined; code: string } | undefined {
  const parts = parseRequestId(id);
  const approval = approvalOf(facts) ?? attempts.map((each) => approvalOf(each.facts)).find((found) => found);
  const workflow = workflows.workflows[workflowOf(facts) ?? ''];
  const code = approval?.code ?? (workflow && parts && templateOf(workflow, parts.platform));
  return code === undefined ? undefined : { instance_id: approval?.instance_id, code };
}

function approvalOf(facts: readonly Fact[]) {
  return findFact(facts, 'accepted')?.request.approval ?? findFact(facts, 'refused')?.approval;
}
