import { ensureAlerts, UNHEARD } from '../../../setup/alerts/set-up-alerts.ts';
import type { Check } from '../check.ts';
import { type Finding, warning } from '../finding.ts';
import { fromChanges } from '../from-changes.ts';

export const alerts: Check = {
  name: 'alerts',
  fine: 'every alarm has its alert, which is on and tells an action policy',
  needs: ['sls'],
  async look({ target, input: { alarms = {} }, setupCommand }) {
    const changes = await ensureAlerts({ ...target, lookOnly: true }, alarms);
    const muted = changes.flatMap(({ name, did, detail }) =>
      did === 'unchanged' && detail !== undefined ? [warning(`alert ${name}`, detail, 'unmute it in the console')] : [],
    );
    return [...fromChanges(changes, setupCommand), ...muted, ...unheard(alarms.action_policy)];
  },
};

function unheard(actionPolicy: string | undefined): Finding[] {
  if (actionPolicy !== undefined) return [];
  return [warning('action policy of the alerts', UNHEARD.seen, UNHEARD.mend)];
}
