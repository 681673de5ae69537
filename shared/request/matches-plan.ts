import type { Invocation } from '../alicloud/cloud-assistant.ts';
import { sha256Hex } from '../ids.ts';
import type { CommandInput } from './records.ts';

/**
 * Whether an invocation is the run of this plan. A tag only finds candidates, and anyone who may run commands can set
 * it: command, content, parameters and instances must be those of the plan too.
 */
export function matchesPlan(invocation: Invocation, input: CommandInput): boolean {
  const instances = invocation.instances.map(({ instanceId }) => instanceId).sort();
  return (
    invocation.commandName === input.command_name &&
    sha256Hex(invocation.commandContent) === input.content_sha256 &&
    sameEntries(invocation.parameters, input.parameters) &&
    Object.entries(input.tags).every(([key, value]) => invocation.tags[key] === value) &&
    JSON.stringify(instances) === JSON.stringify([...input.instances].sort())
  );
}

function sameEntries(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(b);
  return Object.keys(a).length === names.length && names.every((name) => a[name] === b[name]);
}
