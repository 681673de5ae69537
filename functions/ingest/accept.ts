import { TransientError } from '../../shared/errors.ts';
import { parseRequestId, requestIdOf, revokeIdOf } from '../../shared/ids.ts';
import type { Marker } from '../../shared/journal/markers.ts';
import { type Approval, findByName } from '../../shared/platforms/platform.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import type { Fact, Refusal } from '../../shared/request/records.ts';
import { findWorkflow } from '../../shared/workflows/lookups.ts';
import { mapParameters } from '../../shared/workflows/map-parameters.ts';
import { API_LAG_MS, attemptOf, type Candidate, requestOf } from './candidate.ts';
import { checkGuards, checkRevocation } from './check-guards.ts';
import { chosenChat } from './chosen-chat.ts';
import { decideReversal } from './decide-reversal.ts';
import { describeApproval } from './describe-approval.ts';
import { findOrigin } from './group/find-origin.ts';
import type { IngestOptions } from './ingest-options.ts';
import { isRevoked } from './is-revoked.ts';
import { tell } from './tell.ts';

/**
 * Accept: read the approval again from the platform, check the guards, map the form, and write record 1: `accepted` or
 * `refused`, or `redirected` for the reversal of another one. Nothing of the callback itself is believed. This is the
 * only step that writes record 1.
 */
export function createAccept(options: IngestOptions, signal?: AbortSignal): CarryOut {
  const { journal, markers } = options;
  return async (chain) => {
    const marker = await markers.get(chain.requestId);
    // Closed and forgotten, or never received: without a marker there is nothing to accept.
    if (!marker) return undefined;
    const candidate = findCandidate(options, marker);
    const fact = parseRequestId(marker.request_id)?.revoke
      ? await decideReversal(options, candidate, signal)
      : await decide(options, candidate, signal);
    const { chain: next, won } = await journal.append(chain, fact);
    if (won) await tell(next, fact, options);
    return next;
  };
}

function findCandidate({ workflows, sources }: IngestOptions, marker: Marker): Candidate {
  const found = findWorkflow(workflows, marker.platform, marker.code);
  if (!found) throw new Error(`no workflow starts on template ${marker.code} any more; the request stays open`);
  return { marker, ...found, source: findByName(sources, marker.platform) };
}

async function decide(options: IngestOptions, candidate: Candidate, signal?: AbortSignal): Promise<Fact> {
  const { marker, name, workflow, source } = candidate;
  const at = new Date(options.clock.now()).toISOString();
  const read = await source.readApproval(marker, signal);
  if (read.kind === 'refused') return { type: 'refused', at, workflow: name, refusal: read.refusal };
  const { approval } = read;
  options.log.info('form read', { request_id: marker.request_id, fields: approval.fields.length });
  if (approval.state === 'pending' && options.clock.now() - marker.received_at < API_LAG_MS) {
    throw new TransientError('approval.pending', 'the platform still shows the approval as running');
  }
  const where = await findOrigin(options, marker, workflow, approval.requester.id);
  const known = { ...describeApproval(approval), ...where, ...chosenChat(candidate, approval) };
  const refuse = (refusal: Refusal): Fact => ({ type: 'refused', at, workflow: name, refusal, ...known });
  const to = reversalOf(candidate, approval);
  // One that was not granted is refused by its own name: there is one reversal, and it is for one that counts.
  const refusal = to ? checkRevocation(workflow, approval) : checkGuards(workflow, approval);
  if (to && !refusal) return redirect(options, candidate, to, at);
  if (refusal) return refuse(refusal);
  if (await isRevoked(source, approval, marker.code, signal)) return refuse({ code: 'revoked_before', values: {} });
  const mapped = mapParameters(workflow, marker.platform, approval.fields);
  if (mapped.kind === 'refused') return refuse(mapped.refusal);
  const attempt = await attemptOf(options, marker);
  if (attempt.instances?.length === 0) return refuse({ code: 'nothing_failed', values: {} });
  const { parameters } = mapped;
  return { type: 'accepted', at, request: { ...requestOf(candidate, approval), ...where, parameters, ...attempt } };
}

/** The approval instance that this one revokes, where the workflow undoes runs by itself. */
function reversalOf({ workflow }: Candidate, { kind, about }: Approval): string | undefined {
  return kind === 'revocation' && workflow.revoke && workflow.on_revoke === 'auto' ? about : undefined;
}

/** The reversal is a request of its own, named after the approval that it reverses. */
async function redirect({ markers }: IngestOptions, { marker }: Candidate, about: string, at: string): Promise<Fact> {
  const to = revokeIdOf(requestIdOf(marker.platform, about));
  await markers.put({ ...marker, request_id: to, instance_id: about, revocation: marker.instance_id });
  return { type: 'redirected', at, to };
}
