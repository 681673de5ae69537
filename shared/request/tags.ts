/** Tags on every invocation: a completion finds its request by them, even before `dispatched` is written. */
export const REQUEST_TAG = 'approval-loop-request';
export const ENVIRONMENT_TAG = 'approval-loop-environment';
