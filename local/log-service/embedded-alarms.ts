import type { AlarmSettings } from '../../setup/alerts/alert-definition.ts';

/** Alerts of the embedded cloud are made and never asked: they name the policy that is always there. */
export const EMBEDDED_ALARMS: AlarmSettings = { action_policy: 'sls.builtin' };
