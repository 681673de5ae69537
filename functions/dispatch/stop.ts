import type { AlarmName } from '../../shared/alarms.ts';
import { errorMessage, PermanentError } from '../../shared/errors.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { EFFECT_LEASE_MS } from '../../shared/journal/leases.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import { pendingPress } from '../../shared/request/presses.ts';
import { findFact } from '../../shared/request/records.ts';
import type { DispatchOptions } from './dispatch-options.ts';

/** Stop: end the run that somebody wants stopped. Where that is refused the run goes on, and the chain says why. */
export function createStop(options: DispatchOptions): CarryOut {
  const { journal, leases, stopInvocation, clock, log } = options;
  return async (chain) => {
    const invokeId = findFact(chain.facts, 'dispatched')?.invoke_id;
    // Named one by one, so that the role need not reach beyond the instances of the environment.
    const instances = findFact(chain.facts, 'planned')?.input.instances;
    if (invokeId === undefined) throw new Error('there is no dispatched record to stop');
    const lease = await leases.take(chain.requestId, 'stop', EFFECT_LEASE_MS);
    if (!lease) return undefined;
    try {
      const outcome = await tryTo(() => stopInvocation(invokeId, instances));
      const noted = await note(chain, outcome);
      log.info('stopped', { request_id: chain.requestId, invoke_id: invokeId, outcome });
      return noted;
    } finally {
      await lease.release();
    }
  };

  /** The end of the run may be written at the same moment: the answer then stands behind it. */
  async function note(read: Chain, outcome: string): Promise<Chain> {
    const fact = { type: 'answered', at: new Date(clock.now()).toISOString(), what: 'stop', outcome } as const;
    for (let chain = read; ; ) {
      if (!pendingPress(chain.facts, ['stop'])) return chain;
      const { chain: next, won } = await journal.append(chain, fact);
      if (won) return next;
      chain = next;
    }
  }

  async function tryTo(effect: () => Promise<void>): Promise<string> {
    try {
      await effect();
      return 'done';
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      log.error('a run could not be stopped', { error: errorMessage(error), alarm: 'stop_failed' satisfies AlarmName });
      return error.code.slice(0, 128);
    }
  }
}
