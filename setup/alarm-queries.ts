import type { AlarmName } from '../shared/alarms.ts';
import { namesOf } from '../shared/names.ts';
import type { FunctionName } from '../shared/request/next-step.ts';

/** What an alert of Simple Log Service needs to know. */
export interface AlarmRule {
  alarm: AlarmName;
  /** Whose lines have it; all three functions are in one logstore. */
  functions: readonly FunctionName[];
  /** Minutes that a query looks back, and how often it is asked. */
  minutes: number;
  /** It fires when so many lines are found: `at least one`, or `none`. */
  fires: { atLeast: number } | 'none';
  severity: keyof typeof SEVERITIES;
}

/** As alerts number them: https://help.aliyun.com/en/sls/create-an-alert-monitoring-rule-for-logs */
export const SEVERITIES = { low: 4, medium: 6, high: 8, critical: 10 } as const;

const ALL = ['ingest', 'dispatch', 'notify'] as const;

export const ALARM_RULES: readonly AlarmRule[] = [
  { alarm: 'request_parked', functions: ALL, minutes: 5, fires: { atLeast: 1 }, severity: 'high' },
  { alarm: 'message_undeliverable', functions: ['notify'], minutes: 5, fires: { atLeast: 1 }, severity: 'high' },
  { alarm: 'credentials_missing', functions: ['notify'], minutes: 60, fires: { atLeast: 1 }, severity: 'high' },
  { alarm: 'callback_missed', functions: ['ingest'], minutes: 60, fires: { atLeast: 1 }, severity: 'medium' },
  { alarm: 'callback_rejected', functions: ['ingest'], minutes: 10, fires: { atLeast: 20 }, severity: 'medium' },
  { alarm: 'quota_scarce', functions: ALL, minutes: 60, fires: { atLeast: 1 }, severity: 'medium' },
  { alarm: 'request_unknown', functions: ['dispatch'], minutes: 5, fires: { atLeast: 1 }, severity: 'high' },
  { alarm: 'run_differs', functions: ['notify'], minutes: 5, fires: { atLeast: 1 }, severity: 'critical' },
  { alarm: 'workflow_paused', functions: ['dispatch'], minutes: 5, fires: { atLeast: 1 }, severity: 'high' },
  { alarm: 'stop_failed', functions: ['dispatch'], minutes: 5, fires: { atLeast: 1 }, severity: 'critical' },
  { alarm: 'hints_refused', functions: ['ingest'], minutes: 60, fires: { atLeast: 1 }, severity: 'low' },
  ...ALL.map(
    (name): AlarmRule => ({
      alarm: 'sweep_alive',
      functions: [name],
      minutes: 30,
      fires: 'none',
      severity: 'critical',
    }),
  ),
];

/**
 * The query of an alert for the logstore of an environment's functions. A line of a function has the topic
 * `FCLogs:<function>`, and the name of the alarm is a word of its full text:
 * https://help.aliyun.com/en/functioncompute/fc/print-function-logs ,
 * https://www.alibabacloud.com/help/en/sls/user-guide/search-syntax
 */
export function alarmQuery({ alarm, functions }: AlarmRule, environmentName: string): string {
  const names = namesOf(environmentName, '');
  const topics = functions.map((name) => `__topic__: "FCLogs:${names.function(name)}"`);
  const where = topics.length === 1 ? topics[0] : `(${topics.join(' or ')})`;
  return `${where} and ${alarm} | select count(*) as lines`;
}

/** The id of its alert, which stays: `approval-loop-prod-request-parked`; one for each function where each has a rule. */
export function alertName({ alarm, functions }: AlarmRule, environmentName: string): string {
  const whose = functions.length === 1 && alarm === 'sweep_alive' ? `-${functions[0]}` : '';
  return namesOf(environmentName, '').rule(`${alarm.replaceAll('_', '-')}${whose}`);
}

/** The condition under which the alert fires: https://www.alibabacloud.com/help/en/sls/syntax-of-trigger-conditions-in-alert-rules */
export function alarmCondition({ fires }: AlarmRule): string {
  return fires === 'none' ? 'lines == 0' : `lines >= ${fires.atLeast}`;
}
