import { readVariables } from '../../config/environment.ts';
import type { ApprovalSource } from '../platform.ts';
import type { PlatformTools, Variables } from '../tools.ts';
import { createDingtalkReader } from './create-reader.ts';
import { sourceEnvironmentSchema } from './environment.ts';
import { listInstances } from './list-instances.ts';
import { openCallback, recognisesCallback } from './open-callback.ts';
import { openCardCallback, recognisesCardCallback } from './open-card-callback.ts';
import { openRobotMessage, recognisesRobotMessage } from './robot-message.ts';
import { takeUndelivered } from './take-undelivered.ts';

export function createDingtalkSource(variables: Variables, tools: PlatformTools): ApprovalSource {
  const environment = readVariables(sourceEnvironmentSchema, variables);
  const { client, ...reader } = createDingtalkReader(environment, tools);
  const listed = environment.DINGTALK_CALLBACK_OWNER_KEYS?.split(',').map((key) => key.trim());
  const callback = {
    token: environment.DINGTALK_CALLBACK_TOKEN,
    aesKey: environment.DINGTALK_CALLBACK_AES_KEY,
    // A comma too many must not make "no owner key" one of those that are accepted.
    ownerKeys: listed?.filter((key) => key !== '') ?? [environment.DINGTALK_APP_KEY, environment.DINGTALK_CORP_ID],
  };
  const robot = { appSecret: environment.DINGTALK_APP_SECRET, corpId: environment.DINGTALK_CORP_ID };
  const card = { secret: environment.DINGTALK_CARD_SECRET ?? '', corpId: environment.DINGTALK_CORP_ID };
  const calls = { client, clock: tools.clock };
  return {
    ...reader,
    recognises: (request) =>
      recognisesCallback(request) || recognisesCardCallback(request) || recognisesRobotMessage(request),
    openCallback(request) {
      if (recognisesCardCallback(request)) return openCardCallback(request, card, tools);
      if (recognisesRobotMessage(request)) return openRobotMessage(request, robot, tools.clock);
      return openCallback(request, callback, tools);
    },
    listDecided: (processCode, since) => listInstances(calls, { processCode, statuses: ['COMPLETED'] }, since),
    takeUndelivered: (keep) => takeUndelivered(client, keep),
  };
}
