import { createEcsCaller, type EcsCaller, ecsEndpoint } from '../shared/alicloud/ecs-caller.ts';
import type { Scripts } from '../shared/workflows/command-content.ts';
import type { Workflows } from '../shared/workflows/schema.ts';
import type { AlarmSettings } from './alerts/alert-definition.ts';
import { setUpAlerts } from './alerts/set-up-alerts.ts';
import { setUpBuckets } from './buckets.ts';
import type { Change } from './change.ts';
import { type CommandIds, listCommandIds, setUpCommands } from './commands.ts';
import { setUpEventBus } from './event-bus.ts';
import { checkInstances } from './instances.ts';
import { type LarkSetup, setUpSubscriptions } from './lark-subscriptions.ts';
import { MAX_COMMANDS } from './roles/function-policies.ts';
import { setUpRoles } from './roles/set-up-roles.ts';
import { setUpScripts } from './scripts.ts';
import { checkSecrets } from './secrets/check-secrets.ts';
import type { FunctionSecrets } from './secrets/secret-names.ts';
import { inService } from './service-error.ts';
import type { SetupTarget } from './target.ts';

/** What the environment should be made for. */
export interface SetupInput {
  workflows: Workflows;
  scripts: Scripts;
  /** Text of each script by its path in the repository. */
  texts: Readonly<Record<string, string>>;
  /** Instances that run commands. */
  instances: readonly string[];
  /** Absent where Lark is not used. */
  lark?: LarkSetup | undefined;
  /** What each function reads from KMS. */
  secrets: FunctionSecrets;
  /** Whom alerts tell; absent where none are wanted. */
  alarms?: AlarmSettings | undefined;
  /** Before the functions are there nothing can wake them, and they have no log: bus, rules and alerts come later. */
  withoutBus?: boolean;
}

/**
 * Makes what s.yaml cannot: buckets, bus, event sources, rules, commands, the scripts on the instances, the roles of the
 * functions, Lark's subscriptions, and alerts on what the functions log. Safe to run again at any time; it touches only what carries the environment's
 * name.
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
  const setUpCommandsAndAccess = async () => {
    const { changes, commandIds } = await inService('ECS', setUpCommands(target, ecs, input));
    return { changes, commandIds, access: await setUpAccess(target, ecs, input, Object.values(commandIds)) };
  };
  const [buckets, bus, commands, scripts, subscriptions, secrets, alerts] = await Promise.all([
    inService('OSS', setUpBuckets(target)),
    input.withoutBus ? [] : inService('EventBridge', setUpEventBus(target, input.workflows)),
    setUpCommandsAndAccess(),
    inService('ECS', setUpScripts(target, ecs, input)),
    input.lark ? setUpSubscriptions(target, input.lark) : [],
    inService('KMS', checkSecrets(target, input.secrets)),
    input.alarms && !input.withoutBus ? inService('Simple Log Service', setUpAlerts(target, input.alarms)) : [],
  ]);
  const { commandIds, access } = commands;
  const made = [...buckets, ...bus, ...commands.changes, ...scripts, ...access, ...subscriptions];
  return { changes: [...made, ...secrets, ...alerts], commandIds };
}

/** Who may do what: the roles of the functions, and the tags of the instances. */
export async function setUpAccess(
  target: SetupTarget,
  ecs: EcsCaller,
  { workflows, instances, secrets }: SetupInput,
  current: readonly string[],
): Promise<Change[]> {
  const all = [...new Set([...current, ...(await inService('ECS', listCommandIds(target, ecs)))])];
  const commandIds = all.slice(0, MAX_COMMANDS).sort();
  const roles = await inService('RAM', setUpRoles(target, { workflows, commandIds, secrets }));
  return [...roles, ...(await inService('ECS', checkInstances(target, ecs, instances)))];
}
