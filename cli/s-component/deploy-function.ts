import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import { createFaults } from '../../local/faults.ts';
import { createFunctionCompute, type FunctionCompute } from '../../local/function-compute/create-function-compute.ts';
import type { FunctionDefinition, TriggerDefinition } from '../../local/function-compute/function-definition.ts';
import { createIdentities } from '../../local/identities.ts';
import { createSystemClock } from '../../shared/clock.ts';
import { createLog } from '../../shared/log.ts';
import type { Inputs } from './inputs.ts';
import type { OpenCloud } from './open-cloud.ts';

/** A Function Compute of its own with this one function in it, whose calls go to `cloud` with the cloud's key. */
export async function deployFunction(
  { props, root }: Inputs,
  cloud: OpenCloud,
  options: { triggers: TriggerDefinition[]; onLine: (line: string) => void },
): Promise<FunctionCompute> {
  const { description, pace } = cloud;
  const clock = createSystemClock(pace);
  const functions = await createFunctionCompute({
    region: description.region,
    identities: createIdentities(description.account_id),
    clock,
    // Whatever the function logs is in its lines already.
    log: createLog({ clock, write: () => {} }),
    faults: createFaults(),
    newId: () => randomUUID(),
    random: Math.random,
    runtimeFile: join(root, 'dist', 'local', 'fc-runtime.js'),
    credentials: {
      accessKeyId: description.access_key_id,
      accessKeySecret: description.access_key_secret,
      securityToken: '',
    },
    onLine: options.onLine,
  });
  try {
    await functions.putFunction(definitionOf(props, root, cloud, options.triggers));
    return functions;
  } catch (error) {
    await functions.close();
    throw error;
  }
}

/** The variables that s.yaml names: a value that the cloud has for one wins, since another would be another cloud's. */
function definitionOf(
  { code, environmentVariables, ...settings }: Inputs['props'],
  root: string,
  cloud: OpenCloud,
  triggers: TriggerDefinition[],
): FunctionDefinition {
  const own = Object.entries(environmentVariables).map(([name, value]) => [name, cloud.variables[name] ?? value]);
  return {
    ...settings,
    codeDirectory: resolve(root, code),
    environmentVariables: { ...Object.fromEntries(own), ...cloud.environment },
    triggers,
  };
}
