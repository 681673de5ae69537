import * as z from 'zod/mini';
import { environmentSchema } from '../../shared/config/environment.ts';
import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import { APP_CREDENTIALS, appWants } from '../../shared/platforms/app-wants.ts';
import * as dingtalk from '../../shared/platforms/dingtalk/environment.ts';
import * as lark from '../../shared/platforms/lark/environment.ts';
import type { FunctionName } from '../../shared/request/next-step.ts';
import { groupsOf, type Part, variablesIn } from '../../shared/workflows/fill-in.ts';
import { isMap } from './fill-in.ts';

/** The variables of a function: those that it needs to start and to do what the file asks for, and all that it reads. */
export interface FunctionVariables {
  needed: string[];
  known: string[];
}

interface Reads {
  schemas: readonly z.ZodMiniObject[];
  /** Of these platforms the function needs one; of the others it needs nothing. */
  platforms?: Partial<Record<PlatformName, z.ZodMiniObject>>;
  parts: readonly Part[];
}

/** What each function reads beside workflows.yaml, and the parts of that file that it fills in; see its handler. */
const READS: Record<FunctionName, Reads> = {
  ingest: {
    schemas: [environmentSchema],
    platforms: { dingtalk: dingtalk.sourceEnvironmentSchema, lark: lark.sourceEnvironmentSchema },
    parts: ['on', 'groups'],
  },
  dispatch: { schemas: [environmentSchema], parts: ['run'] },
  notify: {
    schemas: [environmentSchema],
    platforms: { dingtalk: dingtalk.messengerEnvironmentSchema, lark: lark.messengerEnvironmentSchema },
    parts: ['chats'],
  },
};

/** Optional, but both of a pair or neither. */
const STARTERS = [dingtalk.START_APP, lark.START_APP];

/** Read by the runtime itself: https://help.aliyun.com/document_detail/2512968.html and Node.js. */
const OF_RUNTIME = ['ALIYUN_FC_LOG_LEVEL', 'NODE_OPTIONS', 'TZ'];
/** Read only where a value refers to a secret: shared/secrets/main.ts */
const OF_SECRETS = ['KMS_ENDPOINT'];

/** `workflows` is workflows.yaml as parsed; `given` are the variables that the function has in s.yaml. */
export function functionVariables(
  name: FunctionName,
  workflows: unknown,
  given: readonly string[] = [],
): FunctionVariables {
  const { schemas, platforms = {}, parts } = READS[name];
  const all = PLATFORM_NAMES.flatMap((platform) => platforms[platform] ?? []);
  // Whatever any function needs of a platform says that it is used.
  const isGiven = (platform: PlatformName) =>
    Object.values(READS).some((reads) =>
      neededBy(reads.platforms?.[platform]).some((variable) => given.includes(variable)),
    );
  const chosen = PLATFORM_NAMES.filter(isGiven);
  // Without any platform the function does not start: every one is named.
  const used = chosen.length > 0 ? chosen : PLATFORM_NAMES;
  return {
    needed: unique([
      ...schemas.flatMap(neededBy),
      ...used.flatMap((platform) => neededBy(platforms[platform])),
      ...parts.flatMap((part) => filledIn(workflows, part, used)),
      ...STARTERS.flatMap((pair) =>
        pair.some((variable) => given.includes(variable)) && name === 'ingest' ? pair : [],
      ),
      ...(parts.includes('chats') ? used.flatMap((platform) => credentialsFor(workflows, platform)) : []),
      // Cards that send presses to ingest are of no use where it lets none in.
      ...(name === 'ingest' && given.includes('DINGTALK_CARD_ROUTE') ? ['DINGTALK_CARD_SECRET'] : []),
    ]),
    known: unique([
      ...[...schemas, ...all].flatMap(({ shape }) => Object.keys(shape)),
      ...parts.flatMap((part) => filledIn(workflows, part, PLATFORM_NAMES)),
      ...OF_RUNTIME,
      ...OF_SECRETS,
    ]),
  };
}

function neededBy(schema: z.ZodMiniObject | undefined): string[] {
  const entries = Object.entries(schema?.shape ?? {});
  return entries.filter(([, value]) => !z.safeParse(value, undefined).success).map(([variable]) => variable);
}

const tolerant = <T extends z.ZodMiniType>(schema: T) => z.catch(z.optional(schema), undefined);
const present = z.optional(z.unknown());
const byPlatform = tolerant(z.object({ dingtalk: present, lark: present }));
const mapOf = <T extends z.ZodMiniType>(schema: T) => z.catch(z.record(z.string(), schema), {});
const chatSchema = z.object({
  dingtalk: tolerant(z.object({ group: present })),
  lark: tolerant(z.object({ chat_id: present })),
});
/** What of workflows.yaml may want the app; whatever is wrong there is said by the check of that file. */
const appFileSchema = z.object({
  chats: mapOf(chatSchema),
  operators: byPlatform,
  workflows: mapOf(z.object({ comment_as: byPlatform })),
});

function credentialsFor(workflows: unknown, platform: PlatformName): readonly string[] {
  const file = appFileSchema.safeParse(workflows).data;
  return file && appWants(file, platform).length > 0 ? APP_CREDENTIALS[platform] : [];
}

function filledIn(workflows: unknown, part: Part, platforms: readonly PlatformName[]): string[] {
  return variablesIn(JSON.stringify(partOf(workflows, part, platforms)) ?? '');
}

function partOf(workflows: unknown, part: Part, platforms: readonly PlatformName[]): unknown {
  if (!isMap(workflows)) return undefined;
  const { chats, workflows: all } = workflows;
  if (part === 'chats') return valuesOf(chats).map((chat) => ofPlatforms(chat, platforms));
  if (part === 'groups') {
    const asked = groupsOf(workflows);
    const groups = isMap(chats) ? Object.entries(chats).filter(([chat]) => asked.has(chat)) : [];
    return groups.flatMap(([, chat]) => ofPlatforms(chat, platforms).map(groupOf));
  }
  const parts = valuesOf(all).map((workflow) => (isMap(workflow) ? workflow[part] : undefined));
  return part === 'on' ? parts.map((on) => ofPlatforms(on, platforms)) : parts;
}

/** The id of the group alone: whatever else a chat has is not read there. */
function groupOf(chat: unknown): unknown {
  return isMap(chat) ? [chat['group'], chat['chat_id']] : undefined;
}

function valuesOf(map: unknown): unknown[] {
  return isMap(map) ? Object.values(map) : [];
}

/** What stands there for these platforms, as the function fills it in. */
function ofPlatforms(map: unknown, platforms: readonly PlatformName[]): unknown[] {
  return isMap(map) ? platforms.map((platform) => map[platform]) : [];
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
