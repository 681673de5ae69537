import { EnvironmentError, pairOf, readVariables } from '../../shared/config/environment.ts';
import { createDingtalkClient, type DingtalkClient } from '../../shared/platforms/dingtalk/client.ts';
import { appEnvironmentSchema, START_APP } from '../../shared/platforms/dingtalk/environment.ts';
import type { PlatformTools, Variables } from '../../shared/platforms/tools.ts';

/** DingTalk with the app's credentials, and with those of the one that starts approvals; undefined where one is missing. */
export function openDingtalk(
  variables: Variables,
  { http, clock }: PlatformTools,
): { client: DingtalkClient; starter: DingtalkClient | undefined; oapiEndpoint: string } | undefined {
  try {
    const environment = readVariables(appEnvironmentSchema, variables);
    const { DINGTALK_API_ENDPOINT: apiEndpoint, DINGTALK_OAPI_ENDPOINT: oapiEndpoint } = environment;
    const open = (appKey: string, appSecret: string) =>
      createDingtalkClient({ appKey, appSecret, apiEndpoint, oapiEndpoint }, http, clock);
    const startApp = pairOf(environment, START_APP);
    return {
      client: open(environment.DINGTALK_APP_KEY, environment.DINGTALK_APP_SECRET),
      starter: startApp && open(...startApp),
      oapiEndpoint,
    };
  } catch (fault) {
    if (fault instanceof EnvironmentError) return undefined;
    throw fault;
  }
}
