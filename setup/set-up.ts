import { createEcsCaller, ecsEndpoint } from '../shared/alicloud/ecs-caller.ts';
import type { Scripts } from '../shared/workflows/command-content.ts';
import type { Workflows } from '../shared/workflows/schema.ts';
import { setUpBuckets } from './buckets.ts';
import type { Change } from './change.ts';
import { type CommandIds, setUpCommands } from './commands.ts';
import { setUpEventBus } from './event-bus.ts';
import { setUpScripts } from './scripts.ts';
import type { SetupTarget } from './target.ts';

/** What the environment should be made for. */
export interface SetupInput {
  workflows: Workflows;
  scripts: Scripts;
  /** Text of each script by its path in the repository. */
  texts: Readonly<Record<string, string>>;
  /** Instances that run commands. */
  instances: readonly string[];
}

/**
 * Makes what s.yaml cannot: buckets, bus, event sources, rules, commands, and the scripts on the instances. Safe to run
 * again at any time; it touches only what carries the environment's name.
 */
export async function setUp(
  target: SetupTarget,
  input: SetupInput,
): Promise<{ changes: Change[]; commandIds: CommandIds }> {
  const { region, credentials, endpoints } = target;
  const ecs = createEcsCaller({
    ...ecsEndpoint(region, endpoints.ecs),
    regionId: region,
    credentials: () => credentials,
  });
  const [buckets, bus, commands, scripts] = await Promise.all([
    setUpBuckets(target),
    setUpEventBus(target),
    setUpCommands(target, ecs, input),
    setUpScripts(target, ecs, input),
  ]);
  return { changes: [...buckets, ...bus, ...commands.changes, ...scripts], commandIds: commands.commandIds };
}
