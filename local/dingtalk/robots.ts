import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { MessageContent } from './chat-message.ts';
import { equalSecrets } from './equal-secrets.ts';
import type { MessageBoard } from './message-board.ts';
import type { Robot } from './organisation.ts';

/** https://open.dingtalk.com/document/development/custom-robots-send-group-messages */
const MESSAGES_PER_MINUTE = 20;
const THROTTLED_MS = 600_000;

/** The custom robots: a webhook into one group each. */
export interface Robots {
  find(accessToken: string): Robot | undefined;
  /** Shows a message in the robot's group. `repeated`: this msgUuid was shown before, so nothing happens. */
  post(robot: Robot, content: MessageContent, bytes: number): 'shown' | 'repeated' | 'throttled';
}

export function createRobots(tools: { clock: Clock; log: Log; robots: Robot[]; board: MessageBoard }): Robots {
  const { clock, log, robots, board } = tools;
  const throttledUntil = new Map<string, number>();
  return {
    find: (accessToken) => robots.find((robot) => equalSecrets(robot.accessToken, accessToken)),
    post({ chat, accessToken }, content, bytes) {
      const now = clock.now();
      const robot = createHash('sha256').update(accessToken).digest('hex').slice(0, 12);
      const sent = board.all().filter((message) => message.robot === robot);
      if (content.msgUuid && sent.some(({ msgUuid }) => msgUuid === content.msgUuid)) {
        log.info('message repeated', { chat, platform: 'dingtalk' });
        return 'repeated';
      }
      if ((throttledUntil.get(robot) ?? 0) > now) return 'throttled';
      if (sent.filter(({ time }) => time > now - 60_000).length >= MESSAGES_PER_MINUTE) {
        throttledUntil.set(robot, now + THROTTLED_MS);
        return 'throttled';
      }
      board.show({ kind: 'customRobot', chat, robot, ...content }, bytes);
      return 'shown';
    },
  };
}
