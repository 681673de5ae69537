import type { Workflows } from '../workflows/schema.ts';
import { createDingtalkMessenger } from './dingtalk/create-messenger.ts';
import type { Messenger } from './platform.ts';
import type { PlatformTools, Variables } from './tools.ts';

/** The platforms whose groups this environment writes to. */
export function createMessengers(variables: Variables, chats: Workflows['chats'], tools: PlatformTools): Messenger[] {
  return [createDingtalkMessenger(variables, chats, tools)];
}
