import { UNANSWERED } from '../../shared/alicloud/ecs-caller.ts';
import { PermanentError, TransientError } from '../../shared/errors.ts';
import type { Chain } from '../../shared/journal/journal.ts';
import { EFFECT_LEASE_MS, type Lease } from '../../shared/journal/leases.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import { matchesPlan } from '../../shared/request/matches-plan.ts';
import { type CommandInput, findFact } from '../../shared/request/records.ts';
import { REQUEST_TAG } from '../../shared/request/tags.ts';
import { waitForResume } from '../../shared/request/wait-for-resume.ts';
import { publishHint } from '../../shared/runtime/publish.ts';
import type { DispatchOptions } from './dispatch-options.ts';
import { isObserved, observe } from './observe.ts';
import { refuse } from './refuse.ts';
import { stayWithinLimit } from './stay-within-limit.ts';
import { waitForAgents } from './wait-for-agents.ts';
import { giveLockBack, waitForLock } from './wait-for-lock.ts';

/** The two steps around the run itself: start it once, or make sure that it never starts. */
export function createRunSteps(options: DispatchOptions): Record<'dispatch' | 'cancel', CarryOut> {
  const { journal, leases, cloudAssistant, publish, log } = options;
  const now = () => new Date(options.clock.now()).toISOString();

  async function dispatch(chain: Chain): Promise<Chain | undefined> {
    const planned = findFact(chain.facts, 'planned');
    if (!planned) throw new Error('there is no planned record to dispatch from');
    if (!(await waitForAgents(chain, options))) return undefined;
    const lease = await leases.take(chain.requestId, 'run', EFFECT_LEASE_MS);
    if (!lease) return undefined;
    try {
      // It may have been withdrawn and cancelled since it was read; from here on nothing is cancelled without the lease.
      const current = await journal.read(chain.requestId);
      if (current.facts.length > chain.facts.length) {
        await lease.release();
        return current;
      }
      // A run that has started goes on to its end, whatever holds up others now.
      const invokeId = await findRun(chain, planned.input);
      if (invokeId !== undefined) return await record(chain, planned.input, invokeId);
      if (isObserved(chain, options)) {
        const observed = await observe(chain, planned.input, options);
        await lease.release();
        return observed;
      }
      if (!(await mayStart(chain))) {
        await lease.release();
        return undefined;
      }
    } catch (error) {
      await lease.release();
      throw error;
    }
    return start(chain, planned.input, lease);
  }

  /** Whether nothing holds up the run; what does has been noted then. */
  async function mayStart(chain: Chain): Promise<boolean> {
    if (await waitForResume(chain, options)) {
      if (!(await waitForLock(chain, options))) return false;
      if (await stayWithinLimit(chain, options)) return true;
      // Paused by itself at this moment: from here on it waits like any other.
      await waitForResume(chain, options);
    }
    await giveLockBack(chain, options);
    return false;
  }

  async function start(chain: Chain, input: CommandInput, lease: Lease): Promise<Chain> {
    let invokeId: string;
    try {
      ({ invokeId } = await cloudAssistant.run(input));
    } catch (error) {
      if (error instanceof PermanentError) return afterRejection(chain, input, error);
      // A run that may be on its way keeps its lease: until the lease ends nobody may decide that there is none.
      if (!(error instanceof TransientError) || error.code !== UNANSWERED) await lease.release();
      throw error;
    }
    log.info('command invoked', { request_id: chain.requestId, invoke_id: invokeId });
    return record(chain, input, invokeId);
  }

  /** Under the lease of the run, so that nobody starts it meanwhile; a run that has started goes on to its end. */
  async function cancel(chain: Chain): Promise<Chain | undefined> {
    const lease = await leases.take(chain.requestId, 'run', EFFECT_LEASE_MS);
    if (!lease) return undefined;
    const planned = findFact(chain.facts, 'planned');
    const invokeId = planned && (await findRun(chain, planned.input));
    if (planned && invokeId !== undefined) return record(chain, planned.input, invokeId);
    const reason = findFact(chain.facts, 'withdrawn')?.reason ?? 'not_valid';
    const { chain: next, won } = await journal.append(chain, { type: 'cancelled', at: now(), reason });
    await lease.release();
    if (won) {
      log.info('cancelled', { request_id: chain.requestId, reason });
      const data = { request_id: chain.requestId, code: reason };
      await publishHint(publish, { type: 'ProvisionRefused', source: 'approval-loop.dispatch', data }, log);
    }
    return next;
  }

  async function record(chain: Chain, input: CommandInput, invokeId: string): Promise<Chain> {
    const { chain: next } = await journal.append(chain, { type: 'dispatched', at: now(), invoke_id: invokeId });
    const { command_name: command, instances } = input;
    const data = { request_id: chain.requestId, invoke_id: invokeId, command, instances };
    await publishHint(publish, { type: 'ProvisionStarted', source: 'approval-loop.dispatch', data }, log);
    return next;
  }

  /** A refusal may be the answer to a repeated call whose first one ran: only a run that does not exist is refused. */
  async function afterRejection(chain: Chain, input: CommandInput, error: PermanentError): Promise<Chain> {
    const invokeId = await findRun(chain, input);
    if (invokeId !== undefined) return record(chain, input, invokeId);
    return refuse(chain, { code: 'run_rejected', values: { error: error.code } }, options);
  }

  /** The run of this plan, if an earlier try has started it: the life of a ClientToken is not documented, a tag stays. */
  async function findRun(chain: Chain, input: CommandInput): Promise<string | undefined> {
    const candidates = await cloudAssistant.findInvocationsByTag(REQUEST_TAG, chain.requestId);
    return candidates.find((invocation) => matchesPlan(invocation, input))?.invokeId;
  }

  return { dispatch, cancel };
}
