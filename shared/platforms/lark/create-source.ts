import { readVariables } from '../../config/environment.ts';
import type { ApprovalSource } from '../platform.ts';
import type { PlatformTools, Variables } from '../tools.ts';
import { createLarkReader } from './create-reader.ts';
import { sourceEnvironmentSchema } from './environment.ts';
import { listApproved } from './list-approved.ts';
import { openCallback, recognisesCallback } from './open-callback.ts';

export function createLarkSource(variables: Variables, tools: PlatformTools): ApprovalSource {
  const environment = readVariables(sourceEnvironmentSchema, variables);
  const { client, ...reader } = createLarkReader(environment, tools);
  const callback = {
    encryptKey: environment.LARK_ENCRYPT_KEY ?? '',
    verificationToken: environment.LARK_VERIFICATION_TOKEN,
  };
  return {
    ...reader,
    recognises: recognisesCallback,
    openCallback: (request) => openCallback(request, callback),
    listDecided: (code, since) => listApproved({ client, clock: tools.clock }, code, since),
    // Lark has no list of what it could not deliver: after four retries within about seven hours an event is gone.
    takeUndelivered: async () => undefined,
  };
}
