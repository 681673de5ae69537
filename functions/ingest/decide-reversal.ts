import { TransientError } from '../../shared/errors.ts';
import { attemptsOf } from '../../shared/ids.ts';
import type { Approval } from '../../shared/platforms/platform.ts';
import { type Fact, type FactOf, findFact, type Refusal } from '../../shared/request/records.ts';
import { API_LAG_MS, attemptOf, type Candidate, requestOf } from './candidate.ts';
import { checkRevocation } from './check-guards.ts';
import { describeApproval } from './describe-approval.ts';
import { findOrigin } from './group/find-origin.ts';
import type { IngestOptions } from './ingest-options.ts';
import { isRevoked } from './is-revoked.ts';

/**
 * Record 1 of a reversal: the revocation must be granted by people as any approval, or the platform itself must say that
 * the approval is revoked, and what it undoes is taken from the record of the request that it reverses.
 */
export async function decideReversal(
  options: IngestOptions,
  candidate: Candidate,
  signal?: AbortSignal,
): Promise<Fact> {
  const { marker, name, source } = candidate;
  const at = new Date(options.clock.now()).toISOString();
  const read = await source.readApproval(
    { instance_id: marker.revocation ?? marker.instance_id, code: marker.code },
    signal,
  );
  if (read.kind === 'refused') return { type: 'refused', at, workflow: name, refusal: read.refusal };
  const { approval } = read;
  const where = await findOrigin(options, marker, candidate.workflow, approval.requester.id);
  const refuse = (refusal: Refusal): Fact => {
    return { type: 'refused', at, workflow: name, refusal, ...describeApproval(approval), ...where };
  };
  const refusal = await whyNotGranted(options, candidate, approval, signal);
  if (refusal) return refuse(refusal);
  const original = await findAccepted(marker.request_id, options);
  if (!original) return refuse({ code: 'nothing_to_undo', values: {} });
  const { parameters } = original.request;
  const attempt = await attemptOf(options, marker);
  return { type: 'accepted', at, request: { ...requestOf(candidate, approval), ...where, parameters, ...attempt } };
}

/** What is to be undone, by the first attempt that was accepted: the one before may have been refused or parked. */
async function findAccepted(
  revokeId: string,
  { journal, markers }: IngestOptions,
): Promise<FactOf<'accepted'> | undefined> {
  for (const id of attemptsOf(revokeId)) {
    const received = await markers.get(id);
    const { facts } = await journal.read(id);
    // It was read before it was revoked, perhaps, and is just being accepted.
    if (received && facts.length === 0)
      throw new TransientError('original.undecided', 'the approval that is revoked has not been decided on yet');
    const accepted = findFact(facts, 'accepted');
    if (accepted || facts.length === 0) return accepted;
  }
  return undefined;
}

async function whyNotGranted(
  { clock }: IngestOptions,
  { marker, workflow, source }: Candidate,
  approval: Approval,
  signal?: AbortSignal,
): Promise<Refusal | undefined> {
  if (marker.revocation !== undefined) return checkRevocation(workflow, approval);
  // No approval asks for it: the platform's own rules say who may revoke one, and its word is all there is.
  if (!(await isRevoked(source, approval, marker.code, signal))) {
    if (clock.now() - marker.received_at < API_LAG_MS)
      throw new TransientError('approval.not_revoked', 'the platform does not show the approval as revoked yet');
    return { code: 'not_approved', values: {} };
  }
  const isAutomatic = workflow.revoke !== undefined && workflow.on_revoke === 'auto';
  return isAutomatic ? undefined : { code: 'not_original', values: {} };
}
