import { readVariables } from '../../config/environment.ts';
import type { ApprovalSource } from '../platform.ts';
import type { PlatformTools, Variables } from '../tools.ts';
import { createDingtalkReader } from './create-reader.ts';
import { sourceEnvironmentSchema } from './environment.ts';
import { listDecided } from './list-decided.ts';
import { openCallback, recognisesCallback } from './open-callback.ts';
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
  return {
    ...reader,
    recognises: recognisesCallback,
    openCallback: (request) => openCallback(request, callback, tools),
    listDecided: (code, since) => listDecided({ client, clock: tools.clock }, code, since),
    takeUndelivered: (keep) => takeUndelivered(client, keep),
  };
}
