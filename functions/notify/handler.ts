import { createCloudAssistant } from '../../shared/alicloud/cloud-assistant.ts';
import { createEcsCaller, ecsEndpoint } from '../../shared/alicloud/ecs-caller.ts';
import { parseTrigger } from '../../shared/events.ts';
import { answerProbe, leaveTrace } from '../../shared/journal/signs-of-life.ts';
import { createSlots } from '../../shared/journal/slots.ts';
import { configuredMessengers, createMessengers } from '../../shared/platforms/create-messengers.ts';
import type { Variables } from '../../shared/platforms/tools.ts';
import { createGiveUp } from '../../shared/request/park.ts';
import { sweep } from '../../shared/request/sweep.ts';
import { createRuntime } from '../../shared/runtime/create-runtime.ts';
import { currentVariables } from '../../shared/runtime/current-variables.ts';
import { files } from '../../workflows.yaml';
import { createNotify } from './notify.ts';
import { reportMissing } from './report-missing.ts';

const SWEEP_BUDGET_MS = 40_000;

function wire(context: unknown, variables: Variables) {
  const runtime = createRuntime('notify', context, files, ['chats'], variables, configuredMessengers);
  const { environment, region, credentials } = runtime;
  const ecs = createEcsCaller({ ...ecsEndpoint(region, environment.ECS_ENDPOINT), regionId: region, credentials });
  const cloudAssistant = createCloudAssistant(ecs, region);
  reportMissing(runtime, configuredMessengers(runtime.variables));
  const messengers = createMessengers(runtime.variables, runtime.workflows.chats, runtime.tools);
  return {
    ...runtime,
    giveUp: createGiveUp('notify', runtime),
    ...createNotify({ ...runtime, slots: createSlots(runtime), cloudAssistant, messengers }),
  };
}

let wired: ReturnType<typeof wire> | undefined;

/** Function Compute's entry: ends of runs, ProvisionStarted and ProvisionRefused events, probes, and the timer of the sweep. */
export async function handler(event: Buffer, context: unknown): Promise<void> {
  const variables = await currentVariables(context);
  if (wired?.variables !== variables) wired = wire(context, variables);
  wired.enter(context);
  const trigger = parseTrigger(event);
  switch (trigger.kind) {
    case 'timer':
      await sweep({ ...wired, budgetMs: SWEEP_BUDGET_MS });
      await leaveTrace('notify', wired);
      return wired.usage.flush();
    case 'probe':
      return answerProbe(wired.work, trigger.probeId, 'notify');
    case 'request':
      await wired.advance(trigger.requestId);
      return;
    case 'invocation':
      return wired.advanceInvocation(trigger.invokeId);
    case 'unknown':
      wired.log.warn('event ignored', { reason: 'neither an event of ours nor a timer', bytes: event.length });
  }
}
