import type { CloudAssistant } from '../../shared/alicloud/cloud-assistant.ts';
import type { Clock } from '../../shared/clock.ts';
import { PermanentError } from '../../shared/errors.ts';
import type { Chain, Journal } from '../../shared/journal/journal.ts';
import type { Leases } from '../../shared/journal/leases.ts';
import type { Log } from '../../shared/log.ts';
import type { Names } from '../../shared/names.ts';
import type { CarryOut } from '../../shared/request/advance.ts';
import { matchesPlan } from '../../shared/request/matches-plan.ts';
import { type CommandInput, findFact, type Refusal } from '../../shared/request/records.ts';
import { REQUEST_TAG } from '../../shared/request/tags.ts';
import { type Publish, publishHint } from '../../shared/runtime/publish.ts';
import type { Scripts } from '../../shared/workflows/command-content.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { planRun } from './plan-run.ts';

export interface DispatchOptions {
  journal: Journal;
  leases: Leases;
  cloudAssistant: CloudAssistant;
  workflows: Workflows;
  scripts: Scripts;
  environmentName: string;
  names: Names;
  publish: Publish;
  clock: Clock;
  log: Log;
}

/** The function's time-out and a margin: by then whoever held the lease is gone. */
const LEASE_MS = 90_000;

/** The two steps of dispatch: freeze the plan, then run it once. */
export function createDispatchSteps(options: DispatchOptions): Record<'plan' | 'dispatch', CarryOut> {
  const { journal, leases, cloudAssistant, publish, log } = options;
  const now = () => new Date(options.clock.now()).toISOString();

  async function plan(chain: Chain): Promise<Chain> {
    const accepted = findFact(chain.facts, 'accepted');
    if (!accepted) throw new Error('there is no accepted record to plan from');
    const { input } = planRun(accepted.request, options);
    if (input.operation === 'InvokeCommand') {
      const commandId = await cloudAssistant.findCommandId(input.command_name);
      if (commandId === undefined)
        return refuse(chain, { code: 'command_missing', values: { command: input.command_name } });
      input.command_id = commandId;
    }
    const { chain: next } = await journal.append(chain, { type: 'planned', at: now(), input });
    log.info('planned', { request_id: chain.requestId, command: input.command_name, instances: input.instances });
    return next;
  }

  async function dispatch(chain: Chain): Promise<Chain | undefined> {
    const planned = findFact(chain.facts, 'planned');
    if (!planned) throw new Error('there is no planned record to dispatch from');
    const lease = await leases.take(chain.requestId, 'run', LEASE_MS);
    if (!lease) return undefined;
    let invokeId: string;
    try {
      invokeId = (await findRun(chain, planned.input)) ?? (await cloudAssistant.run(planned.input)).invokeId;
    } catch (error) {
      if (error instanceof PermanentError) return afterRejection(chain, planned.input, error);
      await lease.release();
      throw error;
    }
    log.info('command invoked', { request_id: chain.requestId, invoke_id: invokeId });
    return record(chain, planned.input, invokeId);
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
    return refuse(chain, { code: 'run_rejected', values: { error: error.code } });
  }

  /** The run of this plan, if an earlier try has started it: the life of a ClientToken is not documented, a tag stays. */
  async function findRun(chain: Chain, input: CommandInput): Promise<string | undefined> {
    const candidates = await cloudAssistant.findInvocationsByTag(REQUEST_TAG, chain.requestId);
    return candidates.find((invocation) => matchesPlan(invocation, input))?.invokeId;
  }

  async function refuse(chain: Chain, refusal: Refusal): Promise<Chain> {
    const accepted = findFact(chain.facts, 'accepted');
    const { chain: next, won } = await journal.append(chain, {
      type: 'refused',
      at: now(),
      workflow: accepted?.request.workflow ?? '',
      refusal,
      ...(accepted && {
        approval: accepted.request.approval,
        requester: accepted.request.requester,
        approvers: accepted.request.approvers,
      }),
    });
    if (!won) return next;
    log.error('refused', { request_id: chain.requestId, code: refusal.code });
    const data = { request_id: chain.requestId, code: refusal.code };
    await publishHint(publish, { type: 'ProvisionRefused', source: 'approval-loop.dispatch', data }, log);
    return next;
  }

  return { plan, dispatch };
}
