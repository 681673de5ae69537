import * as z from 'zod';
import { PLATFORM_NAMES } from '../../shared/ids.ts';
import { groupIdOf } from '../../shared/workflows/lookups.ts';
import type { Cloud } from './cloud.ts';

/** What a person writes in a group, mentioning the app's own robot. */
export const saidSchema = z.strictObject({
  platform: z.enum(PLATFORM_NAMES),
  /** The chat by its name in workflows.yaml. */
  chat: z.string(),
  person: z.string(),
  text: z.string().max(4_000),
});
export type Said = z.infer<typeof saidSchema>;

/** Rejects where nobody could write that: no such group or person, or the platform could not hand it to the robot. */
export async function sayInGroup(
  { dingtalk, lark, workflows }: Pick<Cloud, 'dingtalk' | 'lark' | 'workflows'>,
  { platform, chat, person, text }: Said,
): Promise<void> {
  const group = groupIdOf(workflows.chats[chat] ?? {}, platform);
  if (group === undefined) throw new Error(`the app's own robot is in no ${platform} group ${chat}`);
  if (platform === 'lark') return void lark.sayToBot(person, group, text);
  const outcome = await dingtalk.sayToBot(person, group, text);
  if (!outcome.accepted) throw new Error(`the robot did not take it: ${outcome.reason}`);
}
