import { EnvironmentError, isSet } from '../../shared/config/environment.ts';
import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import * as dingtalk from '../../shared/platforms/dingtalk/environment.ts';
import * as lark from '../../shared/platforms/lark/environment.ts';
import { type Variables, variablesIn } from '../../shared/workflows/fill-in.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

/** Platforms that are not embedded: the company's own, which the connector and the functions reach with an app of it. */
export interface RealPlatforms {
  names: readonly PlatformName[];
  /** Credentials and ids, as the deploying shell has them for s.yaml. */
  variables: Readonly<Record<string, string>>;
  /** Addresses in place of the platforms' own. */
  endpoints: Readonly<Record<string, string>>;
}

export const ALL_EMBEDDED: RealPlatforms = { names: [], variables: {}, endpoints: {} };

/** Each variable of an app, and where the consoles show it. */
const CREDENTIALS: Record<PlatformName, Readonly<Record<string, string>>> = {
  dingtalk: {
    DINGTALK_CORP_ID: 'CorpId, at the top right of the first page of open-dev.dingtalk.com',
    DINGTALK_APP_KEY: "Client ID, on the app's page 基础信息 > 凭证与基础信息",
    DINGTALK_APP_SECRET: 'Client Secret, on the same page',
  },
  lark: {
    LARK_APP_ID: "App ID (cli_…), on the app's page 凭证与基础信息",
    LARK_APP_SECRET: 'App Secret, on the same page',
  },
};

/** Where the value is found that stands under this key of workflows.yaml. */
const PLACES: Record<PlatformName, Readonly<Record<string, string>>> = {
  dingtalk: {
    process_code: "PROC-…, on the form's edit page in OA 审批, 基础设置, at the bottom",
    access_token: "behind access_token= in the webhook address of the group's custom robot",
    secret: 'SEC…, of the same robot: 安全设置 > 加签',
    conversation: 'openConversationId (cid…) of the group',
    robot_code: "the robot's code, normally the Client ID",
    card_template: "the template's id (….schema), in 卡片平台",
  },
  lark: {
    approval_code: "definitionCode in the address of the definition's edit page in the approval administration",
    chat_id: "oc_…, in the group's settings: 群 ID",
    token: "behind /hook/ in the webhook address of the group's custom bot",
    secret: 'of the same bot: 安全设置 > 签名校验',
  },
};

const OPTIONAL: Record<PlatformName, readonly string[]> = {
  dingtalk: dingtalk.START_APP,
  lark: [...lark.START_APP, 'LARK_DOMAIN', 'LARK_TENANT_KEY'],
};
const ENDPOINTS: Record<PlatformName, readonly string[]> = {
  dingtalk: ['DINGTALK_API_ENDPOINT', 'DINGTALK_OAPI_ENDPOINT'],
  lark: ['LARK_ENDPOINT'],
};

/**
 * What the environment says of these platforms, under the names that functions and connector use. Throws one
 * EnvironmentError that names everything that is missing, and where it is found.
 */
export function readRealPlatforms(
  workflows: Workflows,
  names: readonly PlatformName[],
  environment: Variables,
): RealPlatforms {
  const needed = new Map(names.flatMap((name) => [...Object.entries(CREDENTIALS[name]), ...openIn(workflows, name)]));
  const missing = [...needed].filter(([variable]) => !isSet(environment[variable]));
  if (missing.length > 0) {
    const width = Math.max(...missing.map(([variable]) => variable.length));
    const lines = missing.map(([variable, place]) => `  ${variable.padEnd(width)}  ${place}`);
    const pages = names.map((name) => `docs/first-try.md#${name}`).join(', ');
    throw new EnvironmentError(
      `the environment lacks what ${names.join(' and ')} needs:\n${lines.join('\n')}\n${pages}`,
    );
  }
  const read = (wanted: Iterable<string>) =>
    Object.fromEntries([...wanted].flatMap((name) => (isSet(environment[name]) ? [[name, environment[name]]] : [])));
  const listed = (table: Record<PlatformName, readonly string[]>) => names.flatMap((name) => table[name]);
  return { names, variables: read([...needed.keys(), ...listed(OPTIONAL)]), endpoints: read(listed(ENDPOINTS)) };
}

/** The variables that workflows.yaml leaves open for a platform, each with the place where its value is found. */
function openIn({ workflows, chats }: Workflows, platform: PlatformName): [string, string][] {
  const places = [
    ...Object.values(workflows).map(({ on }) => on[platform]),
    ...Object.values(chats).map((c) => c[platform]),
  ];
  return places
    .flatMap((place) => leavesOf(place))
    .flatMap(([key, text]) =>
      variablesIn(text).map((name): [string, string] => [name, PLACES[platform][key] ?? `${key} in workflows.yaml`]),
    );
}

function leavesOf(value: unknown, key = ''): [string, string][] {
  if (typeof value === 'string') return [[key, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => leavesOf(item, name));
}

/** Without what belongs to other platforms, so that the connector holds connections to these alone. */
export function variablesOf(
  names: readonly PlatformName[],
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  const others = PLATFORM_NAMES.filter((name) => !names.includes(name)).map((name) => `${name.toUpperCase()}_`);
  return Object.fromEntries(
    Object.entries(variables).filter(([name]) => !others.some((prefix) => name.startsWith(prefix))),
  );
}
