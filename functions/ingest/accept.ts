import type { Clock } from '../../shared/clock.ts';
import { TransientError } from '../../shared/errors.ts';
import type { Chain, Journal } from '../../shared/journal/journal.ts';
import type { Marker, Markers } from '../../shared/journal/markers.ts';
import type { Log } from '../../shared/log.ts';
import { type Approval, type ApprovalSource, findByName } from '../../shared/platforms/platform.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import type { Fact, Refusal } from '../../shared/request/records.ts';
import { type Publish, publishHint } from '../../shared/runtime/publish.ts';
import { findWorkflow } from '../../shared/workflows/lookups.ts';
import { mapParameters } from '../../shared/workflows/map-parameters.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { checkGuards } from './check-guards.ts';

/** How long the platform's API may lag behind its own callback before "not yet approved" counts as "not approved". */
const API_LAG_MS = 10 * 60_000;

export interface AcceptOptions {
  sources: readonly ApprovalSource[];
  workflows: Workflows;
  journal: Journal;
  markers: Markers;
  publish: Publish;
  clock: Clock;
  log: Log;
}

/**
 * Accept: read the approval again from the platform, check the guards, map the form, and write record 1: `accepted` or
 * `refused`. Nothing of the callback itself is believed. This is the only step that writes record 1.
 */
export function createAccept(options: AcceptOptions): (signal?: AbortSignal) => CarryOut {
  const { journal, markers, publish, clock, log } = options;
  return (signal) => async (chain) => {
    const marker = await markers.get(chain.requestId);
    // Closed and forgotten, or never received: without a marker there is nothing to accept.
    if (!marker) return undefined;
    const fact = await decide(options, marker, signal);
    const { chain: next, won } = await journal.append(chain, fact);
    if (won) await tell(next, fact, publish, log);
    return next;
  };

  async function decide({ sources, workflows }: AcceptOptions, marker: Marker, signal?: AbortSignal): Promise<Fact> {
    const found = findWorkflow(workflows, marker.platform, marker.code);
    if (!found) throw new Error(`no workflow starts on template ${marker.code} any more; the request stays open`);
    const at = new Date(clock.now()).toISOString();
    const source = findByName(sources, marker.platform);
    const read = await source.readApproval(marker, signal);
    if (read.kind === 'refused') return { type: 'refused', at, workflow: found.name, refusal: read.refusal };
    const { approval } = read;
    log.info('form read', { request_id: marker.request_id, fields: approval.fields.length });
    if (approval.state === 'pending' && clock.now() - marker.received_at < API_LAG_MS) {
      throw new TransientError('approval.pending', 'the platform still shows the approval as running');
    }
    const known = describeApproval(approval);
    const refuse = (refusal: Refusal): Fact => ({ type: 'refused', at, workflow: found.name, refusal, ...known });
    const refusal = checkGuards(found.workflow, approval);
    if (refusal) return refuse(refusal);
    const mapped = mapParameters(found.workflow, marker.platform, approval.fields);
    if (mapped.kind === 'refused') return refuse(mapped.refusal);
    return {
      type: 'accepted',
      at,
      request: {
        request_id: marker.request_id,
        workflow: found.name,
        action: 'provision',
        platform: marker.platform,
        tenant: source.tenant,
        ...known,
        parameters: mapped.parameters,
      },
    };
  }
}

/** The approval as records and events name it; texts of the platform are cut to what a record holds. */
function describeApproval(approval: Approval) {
  return {
    approval: {
      instance_id: approval.instance_id,
      code: approval.code.slice(0, 128),
      title: approval.title.slice(0, 256),
      number: approval.number.slice(0, 64),
    },
    requester: { id: approval.requester.id.slice(0, 128), name: approval.requester.name.slice(0, 128) },
    approvers: approval.approvers.slice(0, 50).map(({ id, name, at }) => ({
      id: id.slice(0, 128),
      name: name.slice(0, 128),
      at: at.slice(0, 40),
    })),
  };
}

/** Sends the event that wakes the next function; the sweep would find the request without it too. */
async function tell(chain: Chain, fact: Fact, publish: Publish, log: Log): Promise<void> {
  const { requestId } = chain;
  if (fact.type === 'accepted') {
    log.info('accepted', { request_id: requestId, workflow: fact.request.workflow });
    await publishHint(
      publish,
      { type: 'ProvisionRequest', source: `${fact.request.platform}.approval`, data: fact.request },
      log,
    );
  }
  if (fact.type === 'refused') {
    log.warn('refused', { request_id: requestId, code: fact.refusal.code });
    const data = { request_id: requestId, code: fact.refusal.code };
    await publishHint(publish, { type: 'ProvisionRefused', source: 'approval-loop.ingest', data }, log);
  }
}
