import type { PlatformName } from '../../shared/ids.ts';
import { groupIdOf } from '../../shared/workflows/lookups.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

/** Whether people may ask for anything in a group of this platform, so that an app has to start approvals. */
export function asksIn({ workflows, chats }: Workflows, platform: PlatformName): boolean {
  const isGroup = (chat: string) => groupIdOf(chats[chat] ?? {}, platform) !== undefined;
  return Object.values(workflows).some(
    ({ words, chats: asked = [], on }) => words !== undefined && on[platform] !== undefined && asked.some(isGroup),
  );
}
