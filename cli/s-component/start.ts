import * as z from 'zod';
import { triggerDefinitionSchema } from '../../local/function-compute/function-definition.ts';
import { UsageError } from '../io.ts';
import { deployFunction } from './deploy-function.ts';
import type { Inputs } from './inputs.ts';
import type { OpenCloud } from './open-cloud.ts';
import type { Terminal } from './terminal.ts';

/** Serves the function's HTTP trigger on a free port, as the real one answers, until Ctrl-C or SIGTERM. */
export async function start(inputs: Inputs, cloud: OpenCloud, terminal: Terminal): Promise<void> {
  const { functionName } = inputs.props;
  const triggers = httpTriggersOf(inputs);
  const functions = await deployFunction(inputs, cloud, { triggers, onLine: terminal.out });
  try {
    terminal.signal.throwIfAborted();
    terminal.out(`${inputs.name} answers on ${functions.httpTriggerUrl(functionName)} until Ctrl-C`);
    await aborted(terminal.signal);
    terminal.err('stopping …');
  } finally {
    await functions.close();
  }
}

/** Refuses a function without one, before anything is started. */
export function httpTriggersOf({ name, props }: Inputs) {
  const triggers = z
    .array(triggerDefinitionSchema)
    .parse(props.triggers.filter(({ triggerType }) => triggerType === 'http'));
  if (triggers.length > 0) return triggers;
  throw new UsageError(`the function ${name} has no HTTP trigger to serve; give it an event with "local invoke"`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
