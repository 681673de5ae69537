import {
  aggregateLegacyStatus,
  aggregateStatus,
  isFinal,
  legacyStatus,
  type RunStatus,
} from '../../../local/cloud-assistant/status.ts';

test.each<[RunStatus, string, boolean]>([
  ['Pending', 'Running', false],
  ['Running', 'Running', false],
  ['Stopping', 'Stopping', false],
  ['Success', 'Finished', true],
  ['Failed', 'Finished', true],
  ['Error', 'Failed', true],
  ['Timeout', 'Failed', true],
  ['Cancelled', 'Stopped', true],
  ['Terminated', 'Stopped', true],
  ['Invalid', 'Failed', true],
  ['Aborted', 'Failed', true],
])('%s is %s in the older model, final: %s', (status, legacy, final) => {
  expect([legacyStatus(status), isFinal(status)]).toEqual([legacy, final]);
});

test.each<[RunStatus[], string, string]>([
  [['Success'], 'Success', 'Finished'],
  [['Failed'], 'Failed', 'Finished'],
  [['Pending', 'Running', 'Success'], 'Pending', 'Running'],
  [['Running', 'Failed'], 'Running', 'Running'],
  [['Stopping', 'Success'], 'Stopping', 'Stopping'],
  [['Cancelled', 'Terminated'], 'Stopped', 'Stopped'],
  [['Success', 'Terminated'], 'Success', 'Finished'],
  [['Timeout', 'Cancelled'], 'Failed', 'PartialFailed'],
  [['Invalid', 'Aborted', 'Error', 'Timeout'], 'Failed', 'Failed'],
  [['Success', 'Failed'], 'PartialFailed', 'Finished'],
  [['Success', 'Aborted', 'Cancelled'], 'PartialFailed', 'PartialFailed'],
])('an invocation of %j is %s, and %s in the older model', (statuses, status, legacy) => {
  expect([aggregateStatus(statuses), aggregateLegacyStatus(statuses)]).toEqual([status, legacy]);
});
