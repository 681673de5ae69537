import { z } from 'zod';
import { NewApiError } from '../api-errors.ts';
import { type Operation, parseBody } from '../operation.ts';

const MAX_KEYS = 20;

const BodySchema = z.object({
  openConversationId: z.string().min(1),
  robotCode: z.string().min(1),
  processQueryKeys: z.array(z.string().min(1)).min(1),
});

/** https://open.dingtalk.com/document/development/enterprise-chatbot-withdraws-internal-group-messages */
export const recallGroupMessages: Operation = {
  name: 'groupMessages/recall',
  method: 'POST',
  path: '/v1.0/robot/groupMessages/recall',
  pot: 'apiCalls',
  needsToken: true,
  answer({ appRobot }, request) {
    const { openConversationId, robotCode, processQueryKeys } = parseBody(request, BodySchema, {
      openConversationId: ['miss.openConversationId', '缺少openConversationId'],
      robotCode: ['miss.chatbotId', '缺少robotCode'],
      processQueryKeys: ['invalidParameter.processQueryKey.missing', '缺少processQueryKey'],
      other: ['invalidParameter.param.invalid', '参数不合法，请检查参数是否为空'],
    });
    if (processQueryKeys.length > MAX_KEYS) {
      throw new NewApiError('invalidParameter.processQueryKeys.overMax', 'processQueryKeys超过数量上限20');
    }
    appRobot.checkCode(robotCode);
    const entered = appRobot.enter(openConversationId);
    if ('refusal' in entered) throw new NewApiError(...entered.refusal);
    const keys = [...new Set(processQueryKeys)];
    const successResult = keys.filter((key) => appRobot.recall(entered.group, key));
    const failed = keys.filter((key) => !successResult.includes(key));
    return { successResult, failedResult: Object.fromEntries(failed.map((key) => [key, 'invalid.processQueryKey'])) };
  },
};
