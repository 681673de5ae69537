import { markWaiting } from '../../shared/journal/waits.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import { findFact } from '../../shared/request/records.ts';
import type { DispatchOptions } from './dispatch-options.ts';
import { planRun } from './plan-run.ts';
import { refuse } from './refuse.ts';
import { settleOriginal } from './settle-original.ts';

/** Plan: freeze the whole input of the run. A reversal first sees to what it reverses. */
export function createPlan(options: DispatchOptions, cancel: CarryOut): CarryOut {
  const { journal, work, cloudAssistant, clock, log } = options;
  return async (chain) => {
    const request = findFact(chain.facts, 'accepted')?.request;
    if (!request) throw new Error('there is no accepted record to plan from');
    let instances = request.instances;
    if (request.action === 'revoke') {
      const original = await settleOriginal(chain.requestId, options, cancel);
      if (original.state === 'running') {
        await markWaiting(work, chain.requestId, clock.now());
        return undefined;
      }
      if (original.state === 'never ran') return refuse(chain, { code: original.code, values: {} }, options);
      instances ??= original.instances;
    }
    const { input } = planRun({ ...request, ...(instances && { instances }) }, options);
    if (input.operation === 'InvokeCommand') {
      const commandId = await cloudAssistant.findCommandId(input.command_name);
      if (commandId === undefined)
        return refuse(chain, { code: 'command_missing', values: { command: input.command_name } }, options);
      input.command_id = commandId;
    }
    const at = new Date(clock.now()).toISOString();
    const { chain: next } = await journal.append(chain, { type: 'planned', at, input });
    log.info('planned', { request_id: chain.requestId, command: input.command_name, instances: input.instances });
    return next;
  };
}
