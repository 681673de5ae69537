import { EnvironmentError, readVariables } from '../../shared/config/environment.ts';
import { createLarkClient, type LarkClient } from '../../shared/platforms/lark/client.ts';
import { appEnvironmentSchema, endpointOf } from '../../shared/platforms/lark/environment.ts';
import type { PlatformTools, Variables } from '../../shared/platforms/tools.ts';

/** Lark with the app's credentials; undefined where one is missing. */
export function openLark(
  variables: Variables,
  { http, clock }: PlatformTools,
): { client: LarkClient; endpoint: string } | undefined {
  try {
    const environment = readVariables(appEnvironmentSchema, variables);
    const endpoint = endpointOf(environment);
    const app = { appId: environment.LARK_APP_ID, appSecret: environment.LARK_APP_SECRET, endpoint };
    return { client: createLarkClient(app, http, clock), endpoint };
  } catch (fault) {
    if (fault instanceof EnvironmentError) return undefined;
    throw fault;
  }
}
