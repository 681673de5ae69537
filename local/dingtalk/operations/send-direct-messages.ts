import { z } from 'zod';
import { NewApiError } from '../api-errors.ts';
import { type Operation, parseBody } from '../operation.ts';
import { findUser, type Organisation } from '../organisation.ts';
import { templateMessage } from '../template-message.ts';

const MAX_PEOPLE = 20;

const BodySchema = z.object({
  robotCode: z.string().min(1),
  userIds: z.array(z.string()).min(1),
  msgKey: z.string().min(1),
  msgParam: z.string(),
});

/**
 * https://open.dingtalk.com/document/development/chatbots-send-one-on-one-chat-messages-in-batches ; not idempotent.
 * It succeeds if anybody is known: the answer names those whom nothing reached.
 */
export const sendDirectMessages: Operation = {
  name: 'oToMessages/batchSend',
  method: 'POST',
  path: '/v1.0/robot/oToMessages/batchSend',
  pot: 'apiCalls',
  needsToken: true,
  answer({ appRobot, organisation }, request) {
    const { robotCode, userIds, msgKey, msgParam } = parseBody(request, BodySchema, {
      robotCode: ['invalidParameter.robotCode.empty', '机器人robotCode为空'],
      userIds: ['invalidParameter.userIds.empty', '用户userId列表为空'],
      msgKey: ['invalidParameter.msgKey.empty', '缺少msgKey'],
      msgParam: ['invalidParameter.msgParam.invalid', 'msgParam必须是json格式'],
      other: ['invalidParameter.msgBody.invalid', 'body必须是JSON'],
    });
    if (userIds.length > MAX_PEOPLE) {
      throw new NewApiError('invalidParameter.userIds.overMax', '用户userId列表超过最大限制');
    }
    appRobot.checkCode(robotCode);
    const content = templateMessage(msgKey, msgParam);
    const { users, invalidStaffIdList } = peopleOf(organisation, userIds);
    if (users.length === 0) throw new NewApiError('staffId.notExisted', 'staffId不存在');
    const { processQueryKey, flowControlled } = appRobot.sayToPeople(users, content, request.body.length);
    const flowControlledStaffIdList = flowControlled.map((user) => user.userid);
    return { processQueryKey, invalidStaffIdList, flowControlledStaffIdList };
  },
};

function peopleOf(organisation: Organisation, userIds: string[]) {
  const known = [...new Set(userIds)].map((userId) => ({ userId, user: findUser(organisation, userId) }));
  return {
    users: known.flatMap(({ user }) => (user?.active ? [user] : [])),
    invalidStaffIdList: known.filter(({ user }) => !user?.active).map(({ userId }) => userId),
  };
}
