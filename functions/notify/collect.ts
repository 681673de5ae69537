import type { AlarmName } from '../../shared/alarms.ts';
import type { CloudAssistant, Invocation, InvocationInstance } from '../../shared/alicloud/cloud-assistant.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Chain, Journal } from '../../shared/journal/journal.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import type { Log } from '../../shared/log.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import { matchesPlan } from '../../shared/request/matches-plan.ts';
import { park } from '../../shared/request/park.ts';
import { findFact } from '../../shared/request/records.ts';
import { aggregateStatus, isFinal, toInstanceResult } from './instance-results.ts';

export interface CollectOptions {
  journal: Journal;
  work: ObjectStore;
  cloudAssistant: Pick<CloudAssistant, 'findInvocation'>;
  clock: Clock;
  log: Log;
}

/** A run that has not ended so long after its time-out never will; its result may be gone then, too. */
const MARGIN_MS = 3600_000;

function lastMoment({ facts }: Chain): number {
  const timeoutSeconds = findFact(facts, 'planned')?.input.timeout_seconds ?? 0;
  const started = Date.parse(findFact(facts, 'dispatched')?.at ?? '');
  return started + timeoutSeconds * 1000 + MARGIN_MS;
}

/** Collect: read the whole invocation by API and, once every instance has ended, write `completed`. */
export function createCollect(options: CollectOptions): CarryOut & { from(invocation: Invocation): CarryOut } {
  const { journal, cloudAssistant, clock, log } = options;

  async function complete(chain: Chain, invocation: Invocation): Promise<Chain | undefined> {
    const planned = findFact(chain.facts, 'planned');
    if (!planned || !matchesPlan(invocation, planned.input)) {
      log.error('an invocation does not equal the plan of the request it names', {
        request_id: chain.requestId,
        invoke_id: invocation.invokeId,
        alarm: 'run_differs' satisfies AlarmName,
      });
      return undefined;
    }
    if (!invocation.instances.every(isFinal)) return undefined;
    const instances = invocation.instances.map((instance: InvocationInstance) => toInstanceResult(instance));
    const status = aggregateStatus(instances.map((instance) => instance.status));
    const at = new Date(clock.now()).toISOString();
    const fact = { type: 'completed', at, invoke_id: invocation.invokeId, status, instances } as const;
    const { chain: next, won } = await journal.append(chain, fact);
    if (won) log.info('completed', { request_id: chain.requestId, status });
    return next;
  }

  const collect: CarryOut = async (chain) => {
    const dispatched = findFact(chain.facts, 'dispatched');
    if (!dispatched) throw new Error('there is no dispatched record to collect from');
    const invocation = await cloudAssistant.findInvocation(dispatched.invoke_id);
    const next = invocation && (await complete(chain, invocation));
    if (next || clock.now() < lastMoment(chain)) return next;
    const code = invocation ? 'run_without_end' : 'result_lost';
    const message = `Cloud Assistant ${invocation ? 'shows the run as going on long after its time-out' : 'does not know the run any more'}`;
    return park(chain, { step: 'collect', code, message }, options);
  };
  return Object.assign(collect, {
    from:
      (invocation: Invocation): CarryOut =>
      (chain) =>
        complete(chain, invocation),
  });
}
