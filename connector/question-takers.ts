import type { TakeQuestion } from '../functions/ingest/group/take-question.ts';
import type { PlatformName } from '../shared/ids.ts';
import type { Question } from '../shared/platforms/desk.ts';
import { ROBOT_TOPIC, readRobotMessage } from '../shared/platforms/dingtalk/robot-message.ts';
import { BOT_MESSAGE, readBotMessage } from '../shared/platforms/lark/bot-message.ts';
import { readEnvelope } from '../shared/platforms/lark/envelope.ts';
import { type ApprovalReader, findByName } from '../shared/platforms/platform.ts';
import { isAskedInGroups } from '../shared/workflows/lookups.ts';
import type { Workflows } from '../shared/workflows/schema.ts';
import type { CallbackTakers, TakeCallback } from './answer-callback.ts';

/** Takes what people ask robots in groups as ingest does; none where nobody can ask, so that another process may have them. */
export function createQuestionTakers(options: {
  workflows: Workflows;
  sources: readonly ApprovalReader[];
  takeQuestion: TakeQuestion;
}): CallbackTakers {
  const { workflows, sources, takeQuestion } = options;
  if (!isAskedInGroups(workflows)) return {};
  const taker =
    (platform: PlatformName, read: (data: unknown) => Question | { reason: string }): TakeCallback =>
    async ({ data }, deadline) => {
      const question = read(data);
      // The answer itself is a message of its own; what is none of our business is taken all the same.
      if (!('reason' in question)) await takeQuestion(platform, question, deadline);
      return {};
    };
  const corpId = () => findByName(sources, 'dingtalk').tenant;
  return {
    [ROBOT_TOPIC]: taker('dingtalk', (data) => readRobotMessage(data, corpId())),
    [BOT_MESSAGE]: taker('lark', (data) => readBotMessage(readEnvelope(data)?.event)),
  };
}
