import { EnvironmentError, pairOf, readVariables } from '../../shared/config/environment.ts';
import { createLarkClient, type LarkClient } from '../../shared/platforms/lark/client.ts';
import { appEnvironmentSchema, endpointOf, START_APP } from '../../shared/platforms/lark/environment.ts';
import type { PlatformTools, Variables } from '../../shared/platforms/tools.ts';

/** Lark with the app's credentials, and with those of the one that starts approvals; undefined where one is missing. */
export function openLark(
  variables: Variables,
  { http, clock }: PlatformTools,
): { client: LarkClient; starter: LarkClient | undefined; endpoint: string } | undefined {
  try {
    const environment = readVariables(appEnvironmentSchema, variables);
    const endpoint = endpointOf(environment);
    const open = (appId: string, appSecret: string) => createLarkClient({ appId, appSecret, endpoint }, http, clock);
    const startApp = pairOf(environment, START_APP);
    return {
      client: open(environment.LARK_APP_ID, environment.LARK_APP_SECRET),
      starter: startApp && open(...startApp),
      endpoint,
    };
  } catch (fault) {
    if (fault instanceof EnvironmentError) return undefined;
    throw fault;
  }
}
