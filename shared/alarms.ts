/**
 * Lines of the functions that call for a person carry one of these names in the field `alarm`; alerts are built on the
 * names, so they stay. Each has its query in `setup/alarm-queries.ts` and its cure in docs/operations.md.
 */
export const ALARM_NAMES = [
  /** A step kept failing for a day: the request is out of the loop until a person tries it again. */
  'request_parked',
  /** No chat takes the final message of a request. */
  'message_undeliverable',
  /** The configuration asks for what only a platform's app can do, and the function has not the app's credentials. */
  'credentials_missing',
  /** An approval was found on the platform's list that no callback has told of. */
  'callback_missed',
  /** A callback that is not genuine or not readable; one is nothing, many are a wrong key or somebody's attempt. */
  'callback_rejected',
  /** 80 % of what the organisation may use in the month is used. */
  'quota_scarce',
  /** An event names a request that was never accepted: forged, or of another environment. */
  'request_unknown',
  /** An invocation says that it belongs to a request and is not what was planned. */
  'run_differs',
  /** A workflow was about to have more runs in an hour than `limits.per_hour` lets it, and is paused. */
  'workflow_paused',
  /** Somebody pressed Stop, and the run could not be stopped. */
  'stop_failed',
  /** More was posted to the HTTP event source than may be looked up in a day. */
  'hints_refused',
  /** No alarm but its opposite, every ten minutes: where it is missing the sweep is silent. */
  'sweep_alive',
] as const;
export type AlarmName = (typeof ALARM_NAMES)[number];
