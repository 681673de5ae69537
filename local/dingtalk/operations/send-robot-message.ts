import { createHmac } from 'node:crypto';
import { OldApiError } from '../api-errors.ts';
import type { MessageContent } from '../chat-message.ts';
import { equalSecrets } from '../equal-secrets.ts';
import type { Operation } from '../operation.ts';
import type { Robot } from '../organisation.ts';
import { readRobotMessage } from '../robot-message.ts';

const CLOCK_TOLERANCE_MS = 3_600_000;
const MORE = 'more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]';

/** https://open.dingtalk.com/document/development/custom-robots-send-group-messages ; answers HTTP 200 whatever happens. */
export const sendRobotMessage: Operation = {
  name: 'robot/send',
  method: 'POST',
  path: '/robot/send',
  pot: 'webhookAndStream',
  needsToken: false,
  answer({ robots, clock }, request) {
    const accessToken = request.query.get('access_token');
    if (!accessToken) throw new OldApiError(40035, '缺少参数 access_token');
    const robot = robots.find(accessToken);
    if (!robot) throw new OldApiError(300001, 'token is not exist');
    if (robot.groupGone) throw new OldApiError(400013, '群已被解散');
    if (robot.disabled) throw new OldApiError(400102, '机器人已停用');
    checkSignature(robot, request.query, clock.now());
    const message = readRobotMessage(request);
    checkKeywords(robot, message);
    if (robots.post(robot, message, request.body.length) === 'throttled') {
      throw new OldApiError(130101, 'send too fast, exceed 20 times per minute');
    }
    return {};
  },
};

/** sign = Base64(HmacSHA256(secret, timestamp + "\n" + secret)), the clock within an hour. */
function checkSignature({ secret }: Robot, query: URLSearchParams, now: number): void {
  if (secret === undefined) return;
  const timestamp = query.get('timestamp') ?? '';
  const age = /^\d{13}$/.test(timestamp) ? Math.abs(now - Number(timestamp)) : Number.POSITIVE_INFINITY;
  if (age > CLOCK_TOLERANCE_MS) throw new OldApiError(310000, `invalid timestamp, ${MORE}`);
  const expected = createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64');
  if (!equalSecrets(query.get('sign') ?? '', expected)) throw new OldApiError(310000, `sign not match, ${MORE}`);
}

function checkKeywords({ keywords }: Robot, { title, text, buttons }: MessageContent): void {
  const shown = [title, text, ...buttons.map((button) => button.title)].join('\n');
  if (keywords && !keywords.some((keyword) => shown.includes(keyword))) {
    throw new OldApiError(310000, `keywords not in content, ${MORE}`);
  }
}
