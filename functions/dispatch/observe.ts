import type { Chain } from '../../shared/journal/journal.ts';
import { type CommandInput, findFact } from '../../shared/request/records.ts';
import { publishHint } from '../../shared/runtime/publish.ts';
import type { DispatchOptions } from './dispatch-options.ts';

/** Whether the workflow of this request only shows what it would do. */
export function isObserved({ facts }: Chain, { workflows }: DispatchOptions): boolean {
  const request = findFact(facts, 'accepted')?.request;
  return request !== undefined && workflows.workflows[request.workflow]?.mode === 'observe';
}

/**
 * The end of a request that is only observed: the plan is what would have run, and the instances are asked whether they
 * can be reached. Under the lease of the run, so that no other version of this function starts it meanwhile.
 */
export async function observe(chain: Chain, input: CommandInput, options: DispatchOptions): Promise<Chain> {
  const { journal, cloudAssistant, publish, clock, log } = options;
  const online = await cloudAssistant.findOnline(input.instances);
  const offline = input.instances.filter((id) => !online.includes(id));
  const at = new Date(clock.now()).toISOString();
  const { chain: next, won } = await journal.append(chain, { type: 'observed', at, offline });
  if (!won) return next;
  log.info('observed', { request_id: chain.requestId, command: input.command_name, instances: input.instances });
  const data = { request_id: chain.requestId, code: 'observed' };
  await publishHint(publish, { type: 'ProvisionRefused', source: 'approval-loop.dispatch', data }, log);
  return next;
}
