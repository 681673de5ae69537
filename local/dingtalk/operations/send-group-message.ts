import { z } from 'zod';
import { NewApiError } from '../api-errors.ts';
import { type Operation, parseBody } from '../operation.ts';
import { templateMessage } from '../template-message.ts';

const BodySchema = z.object({
  robotCode: z.string().min(1),
  openConversationId: z.string().min(1),
  msgKey: z.string().min(1),
  msgParam: z.string(),
});

/** https://open.dingtalk.com/document/development/the-robot-sends-a-group-message ; not idempotent. */
export const sendGroupMessage: Operation = {
  name: 'groupMessages/send',
  method: 'POST',
  path: '/v1.0/robot/groupMessages/send',
  pot: 'apiCalls',
  needsToken: true,
  answer({ appRobot }, request) {
    const { robotCode, openConversationId, msgKey, msgParam } = parseBody(request, BodySchema, {
      robotCode: ['invalidParameter.robotCode.empty', '机器人robotCode为空'],
      openConversationId: ['miss.openConversationId', '缺少openConversationId'],
      msgKey: ['invalidParameter.msgKey.empty', '缺少msgKey'],
      msgParam: ['invalidParameter.msgParam.invalid', 'msgParam必须是json格式'],
      other: ['invalidParameter.msgBody.invalid', 'body必须是JSON'],
    });
    appRobot.checkCode(robotCode);
    const content = templateMessage(msgKey, msgParam);
    const entered = appRobot.enter(openConversationId);
    if ('refusal' in entered) throw new NewApiError(...entered.refusal);
    const processQueryKey = appRobot.sayInGroup(entered.group, content, request.body.length);
    if (processQueryKey === undefined) throw new NewApiError('send.too.fast', '发送消息频率过快，请稍后再试');
    return { processQueryKey };
  },
};
