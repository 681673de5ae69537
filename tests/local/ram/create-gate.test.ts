import type { ServiceName } from '../../../local/faults.ts';
import { createIdentities } from '../../../local/identities.ts';
import { createGate } from '../../../local/ram/create-gate.ts';
import { createRamState } from '../../../local/ram/state.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { createLog } from '../../../shared/log.ts';

const ACCOUNT = '1000000000000001';
const READ = { Effect: 'Allow', Action: 'oss:GetObject', Resource: [`acs:oss:*:${ACCOUNT}:records/*`] };
const log = createLog({ clock: createSystemClock(), write: () => {} });

/** What a call with this key meets, where the role `loop` has this policy attached. */
function meet(options: {
  key: string;
  statement?: object;
  type?: 'Custom' | 'System';
  service?: ServiceName;
  operation?: string;
  headers?: Record<string, string>;
  form?: string;
}) {
  const { key, statement = READ, type = 'Custom', service = 'oss', operation = 'GetObject' } = options;
  const authorization = `OSS4-HMAC-SHA256 Credential=${key}/20260101/cn-hangzhou/oss`;
  const state = createRamState(ACCOUNT);
  state.roles.set('loop', { name: 'loop', description: '', trust: '', attached: [{ name: 'reads', type }] });
  const document = JSON.stringify({ Version: '1', Statement: [statement] });
  const old = { id: 'v1', document: '{}', isDefault: false };
  const versions = [old, { id: 'v2', document, isDefault: true }];
  state.policies.set('reads', { name: 'reads', description: '', versions, made: 2 });
  const identities = createIdentities(ACCOUNT);
  identities.add({ accessKeyId: 'LTAI-root', accessKeySecret: 's', name: 'root' });
  identities.add({ accessKeyId: 'STS.loop', accessKeySecret: 's', name: 'function:f', role: 'loop' });
  identities.add({ accessKeyId: 'STS.gone', accessKeySecret: 's', name: 'function:g', role: 'no-such-role' });
  const gate = createGate({ state, identities, log, accountId: ACCOUNT, region: 'cn-hangzhou', tagsOf: () => ({}) });
  const request = {
    method: 'GET',
    rawPath: '/records/a',
    rawQuery: '',
    query: new URLSearchParams(),
    headers: { host: '127.0.0.1', ...(options.headers ?? { authorization }) },
    body: Buffer.from(options.form ?? ''),
    sourceIp: '127.0.0.1',
  };
  return gate({ service, operation, request, caller: async () => undefined })?.kind ?? 'nothing';
}

test.each([
  ['the account’s own key', { key: 'LTAI-root' }, 'nothing'],
  ['a key that nobody knows, which the service itself refuses', { key: 'LTAI-none' }, 'nothing'],
  ['the key of a role whose policy allows it', { key: 'STS.loop' }, 'nothing'],
  ['a role at a service that is none of Alibaba Cloud’s', { key: 'STS.gone', service: 'lark' as const }, 'nothing'],
  ['the key of a role that is not there', { key: 'STS.gone' }, 'error'],
  ['a policy for another bucket', { key: 'STS.loop', statement: { ...READ, Resource: 'acs:oss:*:*:work/*' } }, 'error'],
  ['a policy with Deny', { key: 'STS.loop', statement: { ...READ, Effect: 'Deny' } }, 'error'],
  [
    'a condition that is not emulated',
    { key: 'STS.loop', statement: { ...READ, Condition: { IpAddress: { 'acs:SourceIp': '10.0.0.1' } } } },
    'error',
  ],
  ['a system policy, which cannot be read', { key: 'STS.loop', type: 'System' as const }, 'error'],
])('%s meets %s', (_what, options, met) => {
  expect(meet(options)).toBe(met);
});

const SECRET = {
  Effect: 'Allow',
  Action: 'kms:GetSecretValue',
  Resource: `acs:kms:cn-hangzhou:${ACCOUNT}:secret/loop/A`,
};
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const ALERTS = { Effect: 'Allow', Action: 'log:ListAlerts', Resource: '*' };

test.each([
  [
    'a secret that the policy names',
    'kms',
    'GetSecretValue',
    SECRET,
    FORM,
    'AccessKeyId=STS.loop&SecretName=loop/A',
    'nothing',
  ],
  ['another secret', 'kms', 'GetSecretValue', SECRET, FORM, 'AccessKeyId=STS.loop&SecretName=loop/B', 'error'],
  [
    'another call on that secret',
    'kms',
    'DeleteSecret',
    SECRET,
    FORM,
    'AccessKeyId=STS.loop&SecretName=loop/A',
    'error',
  ],
  [
    'alerts that the policy lets it list',
    'sls',
    'ListAlerts',
    ALERTS,
    { authorization: 'LOG STS.loop:x' },
    '',
    'nothing',
  ],
  ['alerts that it may not change', 'sls', 'UpdateAlert', ALERTS, { authorization: 'LOG STS.loop:x' }, '', 'error'],
] as const)('who calls for %s in the manner of %s, with %s, is known by the key', (...row) => {
  const [, service, operation, statement, headers, form, met] = row;
  expect(meet({ key: 'STS.loop', service, operation, statement, headers, form })).toBe(met);
});
