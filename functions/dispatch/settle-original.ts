import { attemptsOf } from '../../shared/ids.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { createMarkers } from '../../shared/journal/markers.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import { endOf } from '../../shared/request/end-of.ts';
import { findFact } from '../../shared/request/records.ts';
import type { DispatchOptions } from './dispatch-options.ts';

/** What became of the request that is reversed, all of its attempts together. */
export type Original =
  | { state: 'running' }
  | { state: 'never ran'; code: 'nothing_to_undo' | 'revoked_in_time' }
  | { state: 'ran'; instances: string[] };

/** Ends of a run after which nothing has been changed on an instance. */
const WITHOUT_EFFECT = new Set(['Aborted', 'Cancelled', 'Invalid']);

/** Sees to it that nothing of the original runs from now on, and finds out where something has run. */
export async function settleOriginal(revokeId: string, options: DispatchOptions, cancel: CarryOut): Promise<Original> {
  const markers = createMarkers(options.work);
  const instances = new Set<string>();
  let cancelled = false;
  for (const id of attemptsOf(revokeId)) {
    const marker = await markers.get(id);
    const read = await options.journal.read(id);
    // What nobody has decided on yet may still be accepted.
    if (read.facts.length === 0 && marker) return { state: 'running' };
    if (read.facts.length === 0) break;
    const chain = await withdraw(read, options, cancel);
    if (endOf(chain.facts) === undefined) return { state: 'running' };
    cancelled ||= chain.facts.some(({ type }) => type === 'cancelled');
    for (const id of instancesThatRan(chain)) instances.add(id);
  }
  if (instances.size > 0) return { state: 'ran', instances: [...instances] };
  return { state: 'never ran', code: cancelled ? 'revoked_in_time' : 'nothing_to_undo' };
}

/** What has not run yet is withdrawn and cancelled. */
async function withdraw(read: Chain, { journal, clock }: DispatchOptions, cancel: CarryOut): Promise<Chain> {
  let chain = read;
  // Somebody may take it a step further at the same moment; it has few steps before the run.
  while (waits(chain)) {
    const at = new Date(clock.now()).toISOString();
    chain = (await journal.append(chain, { type: 'withdrawn', at, reason: 'revoked' })).chain;
  }
  return chain.facts.at(-1)?.type === 'withdrawn' ? ((await cancel(chain)) ?? chain) : chain;
}

function waits({ facts }: Chain): boolean {
  const last = facts.at(-1)?.type;
  return last === 'accepted' || last === 'planned' || last === 'confirmed';
}

function instancesThatRan({ facts }: Chain): string[] {
  const completed = findFact(facts, 'completed');
  if (completed)
    return completed.instances.flatMap(({ instance_id, status }) => (WITHOUT_EFFECT.has(status) ? [] : [instance_id]));
  // Parked once it was planned: whether it ran is not known, and undoing what never was does no harm.
  const planned = findFact(facts, 'parked') && findFact(facts, 'planned');
  return planned?.input.instances ?? [];
}
