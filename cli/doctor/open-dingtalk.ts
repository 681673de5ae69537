import { EnvironmentError, readVariables } from '../../shared/config/environment.ts';
import { createDingtalkClient, type DingtalkClient } from '../../shared/platforms/dingtalk/client.ts';
import { appEnvironmentSchema } from '../../shared/platforms/dingtalk/environment.ts';
import type { PlatformTools, Variables } from '../../shared/platforms/tools.ts';

/** DingTalk with the app's credentials; undefined where one is missing. */
export function openDingtalk(
  variables: Variables,
  { http, clock }: PlatformTools,
): { client: DingtalkClient; oapiEndpoint: string } | undefined {
  try {
    const environment = readVariables(appEnvironmentSchema, variables);
    const { DINGTALK_API_ENDPOINT: apiEndpoint, DINGTALK_OAPI_ENDPOINT: oapiEndpoint } = environment;
    const app = { appKey: environment.DINGTALK_APP_KEY, appSecret: environment.DINGTALK_APP_SECRET };
    return { client: createDingtalkClient({ ...app, apiEndpoint, oapiEndpoint }, http, clock), oapiEndpoint };
  } catch (fault) {
    if (fault instanceof EnvironmentError) return undefined;
    throw fault;
  }
}
