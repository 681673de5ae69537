import { isAllowed } from '../../../local/ram/is-allowed.ts';
import type { Policy } from '../../../setup/roles/policy.ts';

const policy: Policy = {
  Version: '1',
  Statement: [
    { Effect: 'Allow', Action: ['oss:GetObject'], Resource: ['acs:oss:*:1:bucket/accepted/*'] },
    {
      Effect: 'Allow',
      Action: ['ecs:InvokeCommand'],
      Resource: ['acs:ecs:cn-hangzhou:1:instance/*'],
      Condition: { StringEquals: { 'acs:ResourceTag/env': ['dev'] } },
    },
    {
      Effect: 'Allow',
      Action: ['oss:PutObject'],
      Resource: ['*'],
      Condition: { StringEquals: { 'acs:SourceIp': ['10.0.0.1'] } },
    },
  ],
};
const instance = 'acs:ecs:cn-hangzhou:1:instance/i-1';

test.each([
  ['what a statement names', { action: 'oss:GetObject', resource: 'acs:oss:*:1:bucket/accepted/a.json' }, true],
  ['another action', { action: 'oss:DeleteObject', resource: 'acs:oss:*:1:bucket/accepted/a.json' }, false],
  ['another folder', { action: 'oss:GetObject', resource: 'acs:oss:*:1:bucket/records/a.json' }, false],
  ['a name that only begins alike', { action: 'oss:GetObjectAcl', resource: 'acs:oss:*:1:bucket/accepted/a' }, false],
  ['an instance with the tag', { action: 'ecs:InvokeCommand', resource: instance, tags: { env: 'dev' } }, true],
  ['an instance with another value', { action: 'ecs:InvokeCommand', resource: instance, tags: { env: 'prod' } }, false],
  ['an instance without the tag', { action: 'ecs:InvokeCommand', resource: instance }, false],
  ['what asks for a key that is not known', { action: 'oss:PutObject', resource: 'acs:oss:*:1:bucket/x' }, false],
])('%s: %o is allowed: %s', (_what, permission, allowed) => {
  expect(isAllowed(policy, permission)).toBe(allowed);
});
