import { ENVIRONMENT_TAG } from '../../shared/request/tags.ts';
import { type AlarmRule, alarmCondition, alarmQuery, alertName, SEVERITIES } from '../alarm-queries.ts';
import type { LogPlace } from '../log-place.ts';
import { MADE_BY } from '../ownership.ts';

/** Whom the alerts of an environment tell: `alarms` of env.yaml. */
export interface AlarmSettings {
  /** The id of an action policy of Simple Log Service that is there already. */
  action_policy?: string | undefined;
}

/** The service's own action policy. It is everybody's, and reaches those whom somebody has put into it. */
const BUILT_IN_ACTION_POLICY = 'sls.builtin';
/** The alert policy of an alert that names its action policy itself. */
const DYNAMIC_ALERT_POLICY = 'sls.builtin.dynamic';

/**
 * The alert of a rule, in the fields of `@alicloud/sls20201230`. Empty values are left out, so that an answer without them
 * is no difference. https://www.alibabacloud.com/help/en/sls/developer-reference/data-structure-of-an-alert-monitoring-rule
 */
export function alertDefinition(rule: AlarmRule, environmentName: string, place: LogPlace, settings: AlarmSettings) {
  const severity = SEVERITIES[rule.severity];
  const cure = `docs/operations.md#alarms says what to do about ${rule.alarm}`;
  const title = `${titleOf(rule)} (${environmentName})`;
  return {
    name: alertName(rule, environmentName),
    displayName: title,
    description: `${MADE_BY}: ${cure}`,
    schedule: { type: 'FixedRate', interval: `${rule.minutes}m` },
    configuration: {
      version: '2.0',
      type: 'default',
      dashboard: 'internal-alert-analysis',
      queryList: [queryOf(rule, environmentName, place)],
      groupConfiguration: { type: 'no_group' },
      severityConfigurations: [{ severity, evalCondition: { condition: alarmCondition(rule) } }],
      // Labels tell whose it is, as the tag of a bucket does; annotations are what people read.
      labels: [{ key: ENVIRONMENT_TAG, value: environmentName }],
      annotations: [
        { key: 'title', value: title },
        { key: 'desc', value: `${cure}; lines found: \${lines}` },
      ],
      autoAnnotation: true,
      sendResolved: false,
      threshold: 1,
      noDataFire: rule.fires === 'none',
      noDataSeverity: severity,
      policyConfiguration: {
        alertPolicyId: DYNAMIC_ALERT_POLICY,
        actionPolicyId: settings.action_policy ?? BUILT_IN_ACTION_POLICY,
        repeatInterval: '1h',
      },
    },
  };
}
export type AlertDefinition = ReturnType<typeof alertDefinition>;

function titleOf({ alarm, functions }: AlarmRule): string {
  return alarm === 'sweep_alive' ? `approval-loop: the sweep of ${functions[0]} is silent` : `approval-loop: ${alarm}`;
}

function queryOf(rule: AlarmRule, environmentName: string, { region, project, logstore }: LogPlace) {
  const query = alarmQuery(rule, environmentName);
  const period = { timeSpanType: 'Relative', start: `-${rule.minutes}m`, end: 'now' };
  return { storeType: 'log', region, project, store: logstore, query, ...period, powerSqlMode: 'auto' };
}
