import type { ProvisionRequest } from '../../shared/events.ts';
import { MAX_ATTEMPTS, parseRequestId } from '../../shared/ids.ts';
import type { Journal } from '../../shared/journal/journal.ts';
import type { Marker } from '../../shared/journal/markers.ts';
import type { Approval, ApprovalReader } from '../../shared/platforms/platform.ts';
import { failedInstances } from '../../shared/request/failed-instances.ts';
import { type Fact, findFact } from '../../shared/request/records.ts';
import type { Workflow } from '../../shared/workflows/schema.ts';
import { describeApproval } from './describe-approval.ts';
import type { IngestOptions } from './ingest-options.ts';

/** How long the platform's API may lag behind its own callback before "not yet approved" counts as "not approved". */
export const API_LAG_MS = 10 * 60_000;

/** An approval that is being decided on: what the marker says, its workflow, and its platform. */
export interface Candidate {
  marker: Marker;
  name: string;
  workflow: Workflow;
  source: ApprovalReader;
}

/** What a request is, whatever its form says. */
export function requestOf({ marker, name, source }: Candidate, approval: Approval) {
  return {
    request_id: marker.request_id,
    workflow: name,
    action: parseRequestId(marker.request_id)?.revoke ? ('revoke' as const) : ('provision' as const),
    platform: marker.platform,
    tenant: source.tenant,
    ...describeApproval(approval),
  };
}

/** What an attempt that a person asked for has beside that. */
export async function attemptOf(
  { journal }: IngestOptions,
  { retry }: Marker,
): Promise<Pick<ProvisionRequest, 'retry' | 'instances'>> {
  if (!retry) return {};
  const { failed_only, instances, ...link } = retry;
  if (instances) return { retry: link, instances };
  if (!failed_only) return { retry: link };
  return { retry: link, instances: failedInstances(await readBack(journal, retry.of)) };
}

/** This attempt and those before it, oldest first. */
async function readBack({ read }: Journal, requestId: string): Promise<Fact[][]> {
  const attempts: Fact[][] = [];
  for (let id: string | undefined = requestId; id !== undefined && attempts.length < MAX_ATTEMPTS; ) {
    const { facts } = await read(id);
    attempts.unshift(facts);
    id = findFact(facts, 'accepted')?.request.retry?.of;
  }
  return attempts;
}
