import { readVariables } from '../../config/environment.ts';
import type { ApprovalSource } from '../platform.ts';
import type { PlatformTools, Variables } from '../tools.ts';
import { createLarkClient } from './client.ts';
import { endpointOf, sourceEnvironmentSchema } from './environment.ts';
import { listApproved } from './list-approved.ts';
import { openCallback, recognisesCallback } from './open-callback.ts';
import { readApproval } from './read-approval.ts';

export function createLarkSource(variables: Variables, tools: PlatformTools): ApprovalSource {
  const environment = readVariables(sourceEnvironmentSchema, variables);
  const { LARK_APP_ID: appId, LARK_APP_SECRET: appSecret } = environment;
  const client = createLarkClient({ appId, appSecret, endpoint: endpointOf(environment) }, tools.http, tools.clock);
  const callback = {
    encryptKey: environment.LARK_ENCRYPT_KEY ?? '',
    verificationToken: environment.LARK_VERIFICATION_TOKEN,
  };
  return {
    name: 'lark',
    tenant: environment.LARK_TENANT_KEY ?? appId,
    recognises: recognisesCallback,
    openCallback: (request) => openCallback(request, callback),
    readApproval: (hint, signal) => readApproval(client, hint, signal),
    listDecided: (code, since) => listApproved({ client, clock: tools.clock }, code, since),
    // Lark has no list of what it could not deliver: after four retries within about seven hours an event is gone.
    takeUndelivered: async () => undefined,
  };
}
