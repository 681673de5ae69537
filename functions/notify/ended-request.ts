import type { Origin, Person } from '../../shared/events.ts';
import { type PlatformName, parseRequestId } from '../../shared/ids.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { endOf, type FinalEnd } from '../../shared/request/end-of.ts';
import { type FactOf, findFact, type InstanceResult, type Refusal } from '../../shared/request/records.ts';

/** A request that has come to an end, put together from its facts. */
export interface EndedRequest {
  requestId: string;
  workflow: string;
  platform: PlatformName;
  instanceId: string;
  end: FinalEnd;
  action: 'provision' | 'revoke';
  /** Why it was tried again, where a person asked for that. */
  retry?: { of: string; by: string; reason: string } | undefined;
  /** The value of the workflow's first parameter, by which people tell requests apart. */
  subject: string;
  approval?: NonNullable<FactOf<'refused'>['approval']> | undefined;
  requester?: Person | undefined;
  approvers: readonly (Person & { at: string })[];
  parameters: Readonly<Record<string, string>>;
  instances: readonly InstanceResult[];
  refusal?: Refusal | undefined;
  origin?: Origin | undefined;
  /** The chat that was chosen with a form that was refused. */
  chat?: string | undefined;
  /** What would have run, where the workflow is only observed. */
  observed?: { command: string; instances: readonly string[]; offline: readonly string[] } | undefined;
}

export function endedRequest({ requestId, facts }: Chain): EndedRequest {
  const request = findFact(facts, 'accepted')?.request;
  const completed = findFact(facts, 'completed');
  const refused = findFact(facts, 'refused');
  const cancelled = findFact(facts, 'cancelled');
  const parked = findFact(facts, 'parked');
  const id = parseRequestId(requestId);
  const end = endOf(facts);
  if (!id || end === undefined || end === 'Redirected') throw new Error(`${requestId} has not ended`);
  return {
    requestId,
    workflow: request?.workflow ?? refused?.workflow ?? parked?.workflow ?? '',
    platform: id.platform,
    instanceId: id.instanceId,
    end,
    action: id.revoke ? 'revoke' : 'provision',
    retry: request?.retry,
    subject: Object.values(request?.parameters ?? {})[0] ?? '',
    approval: request?.approval ?? refused?.approval,
    requester: request?.requester ?? refused?.requester,
    approvers: request?.approvers ?? refused?.approvers ?? [],
    parameters: request?.parameters ?? {},
    instances: completed?.instances ?? [],
    refusal: refused?.refusal ?? reasonOf(cancelled, completed ? undefined : parked),
    origin: request?.origin ?? refused?.origin,
    chat: refused?.chat,
    observed: observedOf(facts),
  };
}

function observedOf(facts: Chain['facts']): EndedRequest['observed'] {
  const input = findFact(facts, 'planned')?.input;
  const observed = findFact(facts, 'observed');
  return input && observed && { command: input.command_name, instances: input.instances, offline: observed.offline };
}

/** Why nothing ran, in the form of a refusal. */
function reasonOf(cancelled?: FactOf<'cancelled'>, parked?: FactOf<'parked'>): Refusal | undefined {
  if (cancelled) return { code: `withdrawn_${cancelled.reason}`, values: {} };
  return parked && { code: 'parked', values: { step: parked.step, error: parked.code } };
}
