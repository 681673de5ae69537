import { CLOUD_ASSISTANT_ACTIONS, type CloudAssistant } from '../../shared/alicloud/cloud-assistant.ts';
import { EVENT_PUBLISHER_ACTIONS } from '../../shared/alicloud/put-events.ts';
import { STOP_INVOCATION_ACTIONS } from '../../shared/alicloud/stop-invocation.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import { OBJECT_STORE_ACTIONS } from '../../shared/journal/oss-store.ts';
import { namesOf } from '../../shared/names.ts';
import type { FunctionName } from '../../shared/request/next-step.ts';
import { ENVIRONMENT_TAG } from '../../shared/request/tags.ts';
import { SECRET_ACTIONS } from '../../shared/secrets/secret-client.ts';
import { isAskedInGroups, offlineWaitMs } from '../../shared/workflows/lookups.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { logPlaceOf } from '../log-place.ts';
import type { FunctionSecrets } from '../secrets/secret-names.ts';
import type { Policy, Statement } from './policy.ts';

/** The environment that the policies are for. */
export interface PolicyInput {
  environmentName: string;
  region: string;
  accountId: string;
  workflows: Workflows;
  /** Every command that setup has made for the environment; nothing else may be invoked. */
  commandIds: readonly string[];
  /** What each function reads from KMS. */
  secrets: FunctionSecrets;
}

/** So many fit into a policy, of which RAM takes 6,144 characters: https://www.alibabacloud.com/help/en/ram/product-overview/limits */
export const MAX_COMMANDS = 40;

/** Folders of the records bucket: record 1 of each request, the others, and where in a group it was asked for. */
type Folder = 'accepted' | 'records' | 'origins';

/** The calls that a function makes; what no function is listed with, no function may do. */
interface Calls {
  /** Folders of the records bucket in which it creates records; all of them read both. */
  creates: readonly Folder[];
  cloudAssistant: readonly (keyof CloudAssistant | 'stop')[];
}

const ECS_ACTIONS = { ...CLOUD_ASSISTANT_ACTIONS, stop: STOP_INVOCATION_ACTIONS };

/** Record 1 of a request is ingest's alone, so that nothing runs that the accept step has not accepted. */
const CALLS: Record<FunctionName, Calls> = {
  ingest: { creates: ['accepted', 'records', 'origins'], cloudAssistant: [] },
  dispatch: {
    creates: ['records'],
    cloudAssistant: ['findCommandId', 'run', 'findInvocationsByTag', 'findOnline', 'stop'],
  },
  notify: { creates: ['records'], cloudAssistant: ['findInvocation'] },
};

/** What the function may do, and no more. */
export function functionPolicy(name: FunctionName, input: PolicyInput): Policy {
  const { creates, cloudAssistant } = CALLS[name];
  return {
    Version: '1',
    Statement: [
      ...journalStatements(
        creates.filter((folder) => folder !== 'origins' || isAskedInGroups(input.workflows)),
        input,
      ),
      publishStatement(input),
      ...cloudAssistantStatements(cloudAssistant, input),
      ...secretStatements(input.secrets[name], input),
      logStatement(input),
    ],
  };
}

function allow(Action: readonly string[], Resource: readonly string[]): Statement {
  return { Effect: 'Allow', Action: [...new Set(Action)], Resource };
}

/** All functions read the records. */
const READ: readonly Folder[] = ['accepted', 'records'];

/** https://www.alibabacloud.com/help/en/oss/user-guide/ram-policy: listing is about the bucket, the rest about objects. */
function journalStatements(creates: Calls['creates'], { environmentName, accountId }: PolicyInput): Statement[] {
  const { recordsBucket, workBucket } = namesOf(environmentName, accountId);
  const arn = (path: string) => `acs:oss:*:${accountId}:${path}`;
  const actions = (...calls: (keyof ObjectStore)[]) => calls.flatMap((call) => OBJECT_STORE_ACTIONS[call]);
  return [
    allow(actions('list'), [arn(recordsBucket), arn(workBucket)]),
    allow(
      actions('get'),
      [...READ, ...creates.filter((folder) => folder === 'origins')].map((folder) =>
        arn(`${recordsBucket}/${folder}/*`),
      ),
    ),
    allow(
      actions('createIfAbsent'),
      creates.map((folder) => arn(`${recordsBucket}/${folder}/*`)),
    ),
    allow(actions('createIfAbsent', 'get', 'delete'), [arn(`${workBucket}/*`)]),
  ];
}

function publishStatement({ environmentName, region, accountId }: PolicyInput): Statement {
  const { bus } = namesOf(environmentName, accountId);
  return allow(EVENT_PUBLISHER_ACTIONS.putEvents, [`acs:eventbridge:${region}:${accountId}:eventbus/${bus}`]);
}

/**
 * Commands carry no tags that a condition could name, so they are listed by id; instances are those that carry the tag
 * of the environment: https://www.alibabacloud.com/help/en/ecs/user-guide/use-ram-to-implement-permission-control
 */
function cloudAssistantStatements(calls: Calls['cloudAssistant'], input: PolicyInput): Statement[] {
  const needed = neededActions(calls, input.workflows);
  const arn = (path: string) => `acs:ecs:${input.region}:${input.accountId}:${path}`;
  const lookUps = needed.filter((action) => LOOK_UPS.has(action));
  const onInstances = needed.filter((action) => !LOOK_UPS.has(action));
  const commands = onInstances.includes(INVOKE) ? input.commandIds.map((id) => arn(`command/${id}`)) : [];
  return [
    ...(lookUps.length > 0 ? [allow(lookUps, [arn('command/*'), arn('instance/*')])] : []),
    ...(commands.length > 0 ? [allow([INVOKE], commands)] : []),
    ...(onInstances.length > 0 ? [onTagged(onInstances, arn('instance/*'), input.environmentName)] : []),
  ];
}

const INVOKE = 'ecs:InvokeCommand';
/** They change nothing, and a search by tag has no resource of its own to be limited to. */
const LOOK_UPS = new Set<string>(['ecs:DescribeCommands', 'ecs:DescribeInvocations']);

function onTagged(actions: readonly string[], resource: string, environment: string): Statement {
  return {
    ...allow(actions, [resource]),
    Condition: { StringEquals: { [`acs:ResourceTag/${ENVIRONMENT_TAG}`]: [environment] } },
  };
}

/** Without those that no workflow leads to: RunCommand takes any script. */
function neededActions(calls: Calls['cloudAssistant'], { commands, workflows }: Workflows): string[] {
  const all = calls.flatMap((call): readonly string[] => ECS_ACTIONS[call]);
  const used = Object.values(commands);
  const isNeeded = (action: string) => {
    if (action === INVOKE || action === 'ecs:DescribeCommands') return used.some(({ path }) => path !== undefined);
    if (action === 'ecs:RunCommand') return used.some(({ path }) => path === undefined);
    if (action === 'ecs:DescribeCloudAssistantStatus')
      return Object.values(workflows).some((one) => offlineWaitMs(one) > 0 || one.mode === 'observe');
    if (action === 'ecs:StopInvocation') return Object.values(workflows).some(({ buttons }) => buttons?.stop);
    return true;
  };
  return [...new Set(all)].filter(isNeeded);
}

/** These and no others: https://www.alibabacloud.com/help/doc-detail/28953.html */
function secretStatements(names: readonly string[], { region, accountId }: PolicyInput): Statement[] {
  const resources = names.map((name) => `acs:kms:${region}:${accountId}:secret/${name}`);
  return resources.length > 0 ? [allow(SECRET_ACTIONS.getSecretValue, resources)] : [];
}

/** What the platform itself does under the function's role. */
export const PLATFORM_ACTIONS: readonly string[] = ['log:PostLogStoreLogs'];

/**
 * The function's lines go to its log project under its role:
 * https://www.alibabacloud.com/help/en/functioncompute/fc/grant-function-compute-permissions-to-access-other-alibaba-cloud-services
 */
function logStatement({ region, accountId }: PolicyInput): Statement {
  const { project } = logPlaceOf({ region, accountId });
  return allow(PLATFORM_ACTIONS, [`acs:log:${region}:${accountId}:project/${project}/logstore/*`]);
}
