import type { LarkSetup } from '../../setup/lark-subscriptions.ts';
import { isSet, readVariables } from '../../shared/config/environment.ts';
import { appEnvironmentSchema, endpointOf } from '../../shared/platforms/lark/environment.ts';
import { loadWorkflows } from '../../shared/workflows/load-workflows.ts';
import { templateOf } from '../../shared/workflows/lookups.ts';

/** What setup does at Lark; undefined where the app's credentials are not there. */
export function larkSetupOf(
  file: unknown,
  variables: Readonly<Record<string, string | undefined>>,
): LarkSetup | undefined {
  if (!isSet(variables['LARK_APP_ID']) || !isSet(variables['LARK_APP_SECRET'])) return undefined;
  const environment = readVariables(appEnvironmentSchema, variables);
  const { workflows } = loadWorkflows(file, { variables, used: ['on'], platforms: ['lark'] });
  const codes = Object.values(workflows).flatMap((workflow) => templateOf(workflow, 'lark') ?? []);
  return {
    app: {
      appId: environment.LARK_APP_ID,
      appSecret: environment.LARK_APP_SECRET,
      endpoint: endpointOf(environment),
    },
    approvalCodes: [...new Set(codes)],
  };
}
