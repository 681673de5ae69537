import { derivedId } from '../lark/ids.ts';
import { type CloudState, secretOf } from './cloud-state.ts';

/** A second app in each platform, which may start approvals and nothing else: docs/security.md. */
export interface StartApps {
  dingtalk: { appKey: string; appSecret: string; permissions: string[] };
  lark: { app_id: string; app_secret: string; scopes: string[] };
}

/** They are there whether anything uses them or not. */
export function startAppsOf(state: CloudState): StartApps {
  return {
    dingtalk: {
      appKey: `ding${secretOf(state, 'dingtalk-start-app-key').slice(0, 16).toLowerCase()}`,
      appSecret: secretOf(state, 'dingtalk-start-app-secret'),
      permissions: ['Workflow.Instance.Write', 'Workflow.Form.Read'],
    },
    lark: {
      app_id: derivedId('cli_', state.lark.app_id, 'start').slice(0, 20),
      app_secret: secretOf(state, 'lark-start-app-secret'),
      scopes: ['approval:instance'],
    },
  };
}

/** What makes functions and connector use them. */
export function startAppVariables(state: CloudState): Record<string, string> {
  const { dingtalk, lark } = startAppsOf(state);
  return {
    DINGTALK_START_APP_KEY: dingtalk.appKey,
    DINGTALK_START_APP_SECRET: dingtalk.appSecret,
    LARK_START_APP_ID: lark.app_id,
    LARK_START_APP_SECRET: lark.app_secret,
  };
}
