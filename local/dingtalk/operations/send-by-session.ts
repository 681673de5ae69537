import { OldApiError } from '../api-errors.ts';
import type { Operation } from '../operation.ts';
import { readRobotMessage } from '../robot-message.ts';

/** The webhook that comes with a message to the robot: https://open.dingtalk.com/document/dingstart/robot-reply-and-send-messages */
export const sendBySession: Operation = {
  name: 'robot/sendBySession',
  method: 'POST',
  path: '/robot/sendBySession',
  pot: 'webhookAndStream',
  needsToken: false,
  answer({ botMessages, appRobot }, request) {
    const openConversationId = botMessages.groupOf(request.query.get('session') ?? '');
    if (openConversationId === undefined) throw new OldApiError(300001, 'session 不存在');
    const entered = appRobot.enter(openConversationId);
    if ('refusal' in entered) throw new OldApiError(errcodeOf(entered.refusal[0]), entered.refusal[1]);
    const content = readRobotMessage(request);
    if (appRobot.sayInGroup(entered.group, content, request.body.length) === undefined) {
      throw new OldApiError(130101, 'send too fast, exceed 20 times per minute');
    }
    return {};
  },
};

/** The codes of a webhook (https://open.dingtalk.com/document/development/custom-robots-send-group-messages). */
function errcodeOf(code: string): number {
  if (code === 'group.disbanded') return 400013;
  return code === 'bot.stopped' ? 400102 : 400106;
}
