import { EnvironmentError, isSet } from '../config/environment.ts';
import type { PlatformName } from '../ids.ts';
import type { Workflows } from '../workflows/schema.ts';
import { createDingtalkMessenger } from './dingtalk/create-messenger.ts';
import { createLarkMessenger } from './lark/create-messenger.ts';
import type { Messenger } from './platform.ts';
import type { PlatformTools, Variables } from './tools.ts';

/** Each platform's side of notify, and the variable that says that the environment means it. */
const MESSENGERS = {
  dingtalk: { variable: 'DINGTALK_CORP_ID', create: createDingtalkMessenger },
  lark: { variable: 'LARK_APP_ID', create: createLarkMessenger },
} as const;
const NAMES = ['dingtalk', 'lark'] as const satisfies PlatformName[];

export function configuredMessengers(variables: Variables): PlatformName[] {
  return NAMES.filter((name) => isSet(variables[MESSENGERS[name].variable]));
}

/** The platforms whose groups this environment writes to. */
export function createMessengers(variables: Variables, chats: Workflows['chats'], tools: PlatformTools): Messenger[] {
  const names = configuredMessengers(variables);
  if (names.length > 0) return names.map((name) => MESSENGERS[name].create(variables, chats, tools));
  const wanted = NAMES.map((name) => `${MESSENGERS[name].variable} (${name})`).join(' or ');
  throw new EnvironmentError(`the function's environment is wrong: no platform is configured; set ${wanted}`);
}
