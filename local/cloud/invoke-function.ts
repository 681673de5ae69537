import type { RuleTarget } from '../event-bridge/rule-target.ts';
import type { FunctionCompute } from '../function-compute/create-function-compute.ts';

/** Delivers an event to the function that a rule's target names; a function that cannot be called is a failed delivery. */
export async function invokeFunction(functions: FunctionCompute, target: RuleTarget, body: unknown): Promise<void> {
  const constant = (key: string) =>
    target.ParamList.find(({ ResourceKey, Form }) => ResourceKey === key && Form === 'CONSTANT')?.Value;
  const name = constant('functionName') ?? target.Endpoint.split('/').at(-1) ?? '';
  const type = constant('InvocationType') === 'Async' ? 'Async' : 'Sync';
  const result = await functions.invoke(name, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), {
    type,
  });
  if (result.kind === 'refused') throw new Error(`Function Compute refused ${name}: ${result.code} ${result.message}`);
}
