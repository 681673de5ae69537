import type { AlarmName } from '../../shared/alarms.ts';
import { createCloudAssistant } from '../../shared/alicloud/cloud-assistant.ts';
import { createEcsCaller, ecsEndpoint } from '../../shared/alicloud/ecs-caller.ts';
import { createStopInvocation } from '../../shared/alicloud/stop-invocation.ts';
import { parseTrigger } from '../../shared/events.ts';
import { createLocks } from '../../shared/journal/locks.ts';
import { answerProbe, leaveTrace } from '../../shared/journal/signs-of-life.ts';
import type { Variables } from '../../shared/platforms/tools.ts';
import { createAdvance } from '../../shared/request/advance.ts';
import { createGiveUp } from '../../shared/request/park.ts';
import { sweep } from '../../shared/request/sweep.ts';
import { createRuntime } from '../../shared/runtime/create-runtime.ts';
import { currentVariables } from '../../shared/runtime/current-variables.ts';
import { files, scripts } from '../../workflows.yaml';
import { createDispatchSteps } from './dispatch.ts';

const SWEEP_BUDGET_MS = 40_000;

function wire(context: unknown, variables: Variables) {
  const runtime = createRuntime('dispatch', context, files, ['run'], variables);
  const { environment, region, credentials } = runtime;
  const ecs = createEcsCaller({ ...ecsEndpoint(region, environment.ECS_ENDPOINT), regionId: region, credentials });
  const cloudAssistant = createCloudAssistant(ecs, region);
  const stopInvocation = createStopInvocation(ecs, region);
  const locks = createLocks(runtime);
  const steps = createDispatchSteps({ ...runtime, scripts, locks, cloudAssistant, stopInvocation });
  return {
    ...runtime,
    giveUp: createGiveUp('dispatch', runtime),
    advance: createAdvance({ ...runtime, me: 'dispatch', steps }),
  };
}

let wired: ReturnType<typeof wire> | undefined;

/** Function Compute's entry: ProvisionRequest and ProvisionPressed events, probes, and the timer of the sweep. */
export async function handler(event: Buffer, context: unknown): Promise<void> {
  const variables = await currentVariables(context);
  if (wired?.variables !== variables) wired = wire(context, variables);
  wired.enter(context);
  const trigger = parseTrigger(event);
  if (trigger.kind === 'timer') {
    await sweep({ ...wired, budgetMs: SWEEP_BUDGET_MS });
    return leaveTrace('dispatch', wired);
  }
  if (trigger.kind === 'probe') return answerProbe(wired.work, trigger.probeId, 'dispatch');
  if (trigger.kind !== 'request') {
    wired.log.warn('event ignored', { reason: 'neither a ProvisionRequest nor a timer', bytes: event.length });
    return;
  }
  const { facts } = await wired.advance(trigger.requestId);
  if (facts.length === 0) {
    // An event without an accepted record is forged or for another environment: nothing runs, somebody should look.
    wired.log.error('event for a request that was never accepted', {
      request_id: trigger.requestId,
      alarm: 'request_unknown' satisfies AlarmName,
    });
  }
}
