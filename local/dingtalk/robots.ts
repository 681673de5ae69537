import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { Collection } from '../collection.ts';
import { equalSecrets } from './equal-secrets.ts';
import type { Robot } from './organisation.ts';

/** https://open.dingtalk.com/document/development/custom-robots-send-group-messages */
const MESSAGES_PER_MINUTE = 20;
const THROTTLED_MS = 600_000;

/** A message as the people of a group see it. */
export const ChatMessageSchema = z.object({
  id: z.string(),
  chat: z.string(),
  /** Which of the group's robots; not its access token. */
  robot: z.string(),
  time: z.number(),
  msgtype: z.enum(['text', 'markdown', 'link', 'actionCard', 'feedCard']),
  /** What the notification shows; empty for a text message. */
  title: z.string(),
  text: z.string(),
  /** The links of a link, card or feed message. */
  buttons: z.array(z.object({ title: z.string(), url: z.string() })),
  at: z.object({ mobiles: z.array(z.string()), userIds: z.array(z.string()), everybody: z.boolean() }),
  msgUuid: z.string().optional(),
});
export type ChatMessage = z.infer<typeof ChatMessageSchema>;
export type MessageContent = Omit<ChatMessage, 'id' | 'chat' | 'robot' | 'time'>;

export interface Robots {
  find(accessToken: string): Robot | undefined;
  /** Shows a message in the robot's group. `repeated`: this msgUuid was shown before, so nothing happens. */
  post(robot: Robot, content: MessageContent, bytes: number): 'shown' | 'repeated' | 'throttled';
  messages(): ChatMessage[];
}

export function createRobots(tools: {
  clock: Clock;
  log: Log;
  newId: () => string;
  robots: Robot[];
  messages: Collection<ChatMessage>;
}): Robots {
  const { clock, log, newId, robots, messages } = tools;
  const throttledUntil = new Map<string, number>();
  return {
    find: (accessToken) => robots.find((robot) => equalSecrets(robot.accessToken, accessToken)),
    post({ chat, accessToken }, content, bytes) {
      const now = clock.now();
      const robot = createHash('sha256').update(accessToken).digest('hex').slice(0, 12);
      const sent = messages.all().filter((message) => message.robot === robot);
      if (content.msgUuid && sent.some(({ msgUuid }) => msgUuid === content.msgUuid)) {
        log.info('message repeated', { chat, platform: 'dingtalk' });
        return 'repeated';
      }
      if ((throttledUntil.get(robot) ?? 0) > now) return 'throttled';
      if (sent.filter(({ time }) => time > now - 60_000).length >= MESSAGES_PER_MINUTE) {
        throttledUntil.set(robot, now + THROTTLED_MS);
        return 'throttled';
      }
      messages.put({ id: newId(), chat, robot, time: now, ...content });
      log.info('message shown', { chat, platform: 'dingtalk', bytes });
      return 'shown';
    },
    messages: () => messages.all(),
  };
}
