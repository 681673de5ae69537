import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import { instanceTextsOf } from '../../shared/workflows/lookups.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { derivedId } from '../lark/ids.ts';

/** `${NAME}` standing alone, the way a secret or an id is left open in workflows.yaml. */
const PLACEHOLDER = /^\$\{([A-Z][A-Z0-9_]*)\}$/;

/** What the embedded DingTalk must have. */
export interface DingtalkValues {
  /** Process codes by workflow. */
  processCodes: Record<string, string>;
  /** Custom robots by the chat they are in. */
  robots: { chat: string; accessToken: string; secret: string }[];
  /** Groups with the app's own robot. */
  groups: { chat: string; conversation: string }[];
  /** The code of the app's own robot. */
  robotCode: string;
  cardTemplates: string[];
}

/** What the embedded Lark must have. */
export interface LarkValues {
  /** Approval codes by workflow. */
  approvalCodes: Record<string, string>;
  /** Groups with the app's own bot. */
  chats: { chat: string; chatId: string }[];
  /** Custom bots by the chat they are in. */
  customBots: { chat: string; token: string; secret: string | undefined }[];
}

/** What the embedded cloud puts where workflows.yaml leaves something open, and what it must make so that it fits. */
export interface LocalValues {
  /** Values of the placeholders, by variable name. */
  variables: Record<string, string>;
  /** Those that some workflow starts on or some chat is in. */
  platforms: PlatformName[];
  dingtalk: DingtalkValues;
  lark: LarkValues;
  instanceIds: string[];
}

export interface Defaults {
  instanceIds: readonly string[];
  /** The code of the DingTalk app's own robot. */
  robotCode: string;
  secretFor: (name: string) => string;
}

/** A text of workflows.yaml as it is, or the value for what it leaves open. */
type Settle = (text: string, value: string) => string;

/**
 * Goes through workflows.yaml and settles every open value: what the file spells out is taken as it is, what it leaves
 * open gets a value of the embedded cloud's own.
 */
export function settlePlaceholders(file: Workflows, defaults: Defaults): LocalValues {
  const variables: Record<string, string> = {};
  const settle: Settle = (text, value) => {
    const name = PLACEHOLDER.exec(text)?.[1];
    if (name === undefined) return text;
    variables[name] ??= value;
    return variables[name];
  };
  const instanceIds = Object.values(file.workflows)
    .flatMap((workflow) => instanceTextsOf(workflow).map((text) => settle(text, defaults.instanceIds.join(','))))
    .flatMap((text) => text.split(','));
  return {
    variables,
    platforms: PLATFORM_NAMES.filter((name) => isUsed(file, name)),
    dingtalk: settleDingtalk(file, settle, defaults),
    lark: settleLark(file, settle, defaults),
    instanceIds: [...new Set(instanceIds)],
  };
}

function isUsed({ workflows, chats }: Workflows, platform: PlatformName): boolean {
  const places = [...Object.values(workflows).map(({ on }) => on), ...Object.values(chats)];
  return places.some((place) => place[platform] !== undefined);
}

function settleDingtalk({ workflows, chats }: Workflows, settle: Settle, defaults: Defaults): DingtalkValues {
  const values: DingtalkValues = {
    processCodes: {},
    robots: [],
    groups: [],
    robotCode: defaults.robotCode,
    cardTemplates: [],
  };
  for (const [name, { on }] of Object.entries(workflows))
    if (on.dingtalk) values.processCodes[name] = settle(on.dingtalk.process_code, `PROC-${name.toUpperCase()}`);
  for (const [chat, { dingtalk }] of Object.entries(chats)) {
    if (dingtalk?.robot) {
      const accessToken = settle(dingtalk.robot.access_token, defaults.secretFor(`robot-token-${chat}`));
      const secret = settle(dingtalk.robot.secret, `SEC${defaults.secretFor(`robot-secret-${chat}`)}`);
      values.robots.push({ chat, accessToken, secret });
    }
    if (!dingtalk?.group) continue;
    const { conversation, robot_code, card_template } = dingtalk.group;
    const id = settle(conversation, derivedId('cid', chat));
    // Two chats may be one group.
    if (!values.groups.some((group) => group.conversation === id)) values.groups.push({ chat, conversation: id });
    if (robot_code !== undefined) values.robotCode = settle(robot_code, defaults.robotCode);
    if (card_template !== undefined) values.cardTemplates.push(settle(card_template, `${chat}.schema`));
  }
  return values;
}

function settleLark({ workflows, chats }: Workflows, settle: Settle, defaults: Defaults): LarkValues {
  const values: LarkValues = { approvalCodes: {}, chats: [], customBots: [] };
  for (const [name, { on }] of Object.entries(workflows))
    if (on.lark) values.approvalCodes[name] = settle(on.lark.approval_code, `APPROVAL-${name.toUpperCase()}`);
  for (const [chat, { lark }] of Object.entries(chats)) {
    if (lark?.bot) {
      const token = settle(lark.bot.token, defaults.secretFor(`bot-token-${chat}`));
      const secret = lark.bot.secret && settle(lark.bot.secret, defaults.secretFor(`bot-secret-${chat}`));
      values.customBots.push({ chat, token, secret });
    }
    if (lark?.chat_id === undefined) continue;
    const chatId = settle(lark.chat_id, derivedId('oc_', chat));
    if (!values.chats.some((known) => known.chatId === chatId)) values.chats.push({ chat, chatId });
  }
  return values;
}
