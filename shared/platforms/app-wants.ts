import { isSet } from '../config/environment.ts';
import { PermanentError } from '../errors.ts';
import { PLATFORM_NAMES, type PlatformName } from '../ids.ts';
import type { Channel } from './platform.ts';
import type { Variables } from './tools.ts';

/** What the platform's app speaks with, beside what names the platform; custom robots and custom bots do without. */
export const APP_CREDENTIALS: Record<PlatformName, readonly string[]> = {
  dingtalk: ['DINGTALK_APP_KEY', 'DINGTALK_APP_SECRET'],
  lark: ['LARK_APP_SECRET'],
};

/** The parts of workflows.yaml that may ask something of a platform's app. */
export interface AppFile {
  chats: Readonly<
    Record<string, { dingtalk?: { group?: unknown } | undefined; lark?: { chat_id?: unknown } | undefined }>
  >;
  operators?: Partial<Record<PlatformName, unknown>> | undefined;
  workflows: Readonly<Record<string, { comment_as?: Partial<Record<PlatformName, unknown>> | undefined }>>;
}

/** The places in workflows.yaml that only the app itself can fulfil: its own groups and cards, private messages, comments. */
export function appWants(file: AppFile, platform: PlatformName): string[][] {
  const chats = Object.entries(file.chats).flatMap(([name, { dingtalk, lark }]) => {
    const own = platform === 'dingtalk' ? { group: dingtalk?.group } : { chat_id: lark?.chat_id };
    return Object.entries(own).flatMap(([kind, value]) =>
      value === undefined ? [] : [['chats', name, platform, kind]],
    );
  });
  const operators = file.operators?.[platform] === undefined ? [] : [['operators', platform]];
  const comments = Object.entries(file.workflows)
    .filter(([, { comment_as }]) => comment_as?.[platform] !== undefined)
    .map(([name]) => ['workflows', name, 'comment_as', platform]);
  return [...chats, ...operators, ...comments];
}

/** Credentials that this environment lacks, and what of the file cannot be done without them. */
export interface MissingCredentials {
  platform: PlatformName;
  variables: readonly string[];
  wants: readonly string[][];
}

/** For the platforms that this environment means. */
export function missingCredentials(
  file: AppFile,
  variables: Variables,
  platforms: readonly PlatformName[],
): MissingCredentials[] {
  return PLATFORM_NAMES.filter((name) => platforms.includes(name)).flatMap((platform) => {
    const missing = APP_CREDENTIALS[platform].filter((variable) => !isSet(variables[variable]));
    const wants = missing.length === 0 ? [] : appWants(file, platform);
    return wants.length === 0 ? [] : [{ platform, variables: missing, wants }];
  });
}

/** A chat that only the app can write to, where there is none: what is sent there goes to the next chat in line. */
export function closedChannel(platform: PlatformName, chat: string): Channel {
  const reason = `chats.${chat}.${platform} needs ${APP_CREDENTIALS[platform].join(' and ')}`;
  const post = async () => {
    throw new PermanentError(`${platform}.no_credentials`, reason);
  };
  return { maxBytes: 1_000, maxUpdates: 0, isLimited: false, post };
}
