import type { Person } from '../../shared/events.ts';
import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { type FactOf, findFact, type InstanceResult, type Refusal, type RunEnd } from '../../shared/request/records.ts';

/** A request that has come to an end, put together from its facts. */
export interface EndedRequest {
  requestId: string;
  workflow: string;
  platform: PlatformName;
  instanceId: string;
  end: RunEnd | 'Refused';
  /** The value of the workflow's first parameter, by which people tell requests apart. */
  subject: string;
  approval?: NonNullable<FactOf<'refused'>['approval']> | undefined;
  requester?: Person | undefined;
  approvers: readonly (Person & { at: string })[];
  parameters: Readonly<Record<string, string>>;
  instances: readonly InstanceResult[];
  refusal?: Refusal | undefined;
}

export function endedRequest({ requestId, facts }: Chain): EndedRequest {
  const request = findFact(facts, 'accepted')?.request;
  const completed = findFact(facts, 'completed');
  const refused = findFact(facts, 'refused');
  if (!completed && !refused) throw new Error(`${requestId} has not ended`);
  const [platform = '', instanceId = ''] = requestId.split('.');
  return {
    requestId,
    workflow: request?.workflow ?? refused?.workflow ?? '',
    platform: platformNamed(platform),
    instanceId,
    end: completed?.status ?? 'Refused',
    subject: Object.values(request?.parameters ?? {})[0] ?? '',
    approval: request?.approval ?? refused?.approval,
    requester: request?.requester ?? refused?.requester,
    approvers: request?.approvers ?? refused?.approvers ?? [],
    parameters: request?.parameters ?? {},
    instances: completed?.instances ?? [],
    refusal: refused?.refusal,
  };
}

function platformNamed(name: string): PlatformName {
  const known = PLATFORM_NAMES.find((candidate) => candidate === name);
  if (!known) throw new RangeError(`${name} is no platform`);
  return known;
}
