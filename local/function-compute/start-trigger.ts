import { serve } from '../http/server.ts';
import type { DeployedFunction, DeployedHttpTrigger, DeployedTrigger } from './deployed-function.ts';
import type { HttpTriggerDefinition, TimerTriggerDefinition, TriggerDefinition } from './function-definition.ts';
import { createHttpTrigger } from './http-trigger.ts';
import type { Invocations } from './invocations.ts';
import type { Platform } from './platform.ts';
import { runTimer } from './timer-trigger.ts';

interface TriggerParts {
  platform: Platform;
  invocations: Invocations;
  target: DeployedFunction;
}

/** Opens the port of an HTTP trigger, starts the clock of a timer. */
export async function startTrigger(parts: TriggerParts, definition: TriggerDefinition): Promise<DeployedTrigger> {
  const now = parts.platform.clock.now();
  const base = { triggerId: parts.platform.newId(), createdTime: now, lastModifiedTime: now };
  return definition.triggerType === 'http'
    ? startHttpTrigger(parts, definition, base)
    : { ...base, definition, close: startTimer(parts, definition) };
}

async function startHttpTrigger(
  { platform, invocations, target }: TriggerParts,
  definition: HttpTriggerDefinition,
  base: Pick<DeployedTrigger, 'triggerId' | 'createdTime' | 'lastModifiedTime'>,
): Promise<DeployedTrigger> {
  const log = platform.log.with({ function: target.definition.functionName, trigger: definition.triggerName });
  const handle = createHttpTrigger({
    platform,
    invocations,
    target,
    domainPrefix: `${target.definition.functionName}-${base.triggerId}`.toLowerCase().slice(0, 63),
    config: () => trigger.definition.triggerConfig,
  });
  const server = await serve(handle, { onError: (error) => log.error('HTTP trigger broke', { error: String(error) }) });
  const trigger: DeployedHttpTrigger = { ...base, definition, url: server.origin, close: server.close };
  return trigger;
}

/** Gives the function that stops it. */
function startTimer({ platform, invocations, target }: TriggerParts, definition: TimerTriggerDefinition) {
  const stopped = new AbortController();
  const running = runTimer({
    triggerName: definition.triggerName,
    config: definition.triggerConfig,
    clock: platform.clock,
    signal: stopped.signal,
    fire: (event) => void invocations.invoke(target, event, { type: 'Async' }),
  });
  return () => {
    stopped.abort(new Error('the timer was stopped'));
    return running;
  };
}
