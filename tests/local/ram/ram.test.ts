import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import RamClient from '@alicloud/pop-core';
import { type RunningServer, serve } from '../../../local/http/server.ts';
import { createIdentities } from '../../../local/identities.ts';
import { createRam } from '../../../local/ram/create-ram.ts';
import { createSystemClock } from '../../../shared/clock.ts';

const KEY = { accessKeyId: 'LTAI-root', accessKeySecret: 'root-secret' };
const TRUST = JSON.stringify({
  Version: '1',
  Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: ['fc.aliyuncs.com'] } }],
});
const DOCUMENT = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: ['oss:GetObject'] }] });

let directory: string;
let start: () => Promise<void>;
let server: RunningServer;
let request: (action: string, parameters: object) => Promise<unknown>;
beforeEach(async () => {
  const identities = createIdentities('1000000000000001');
  identities.add({ ...KEY, name: 'root' });
  directory = await mkdtemp(join(tmpdir(), 'ram-'));
  start = async () => {
    const ram = createRam({ identities, clock: createSystemClock(), newId: () => 'request', directory });
    server = await serve(ram.handle);
    const client = new RamClient({ ...KEY, endpoint: server.origin, apiVersion: '2015-05-01' });
    request = (action, parameters) => client.request(action, parameters);
  };
  await start();
});
afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});
const version = (more: object = {}) => ({ PolicyName: 'p', PolicyDocument: DOCUMENT, SetAsDefault: 'true', ...more });

test('a role that is made is found again, and a second one of its name is refused', async () => {
  await request('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: TRUST, Description: 'mine' });
  expect(await request('GetRole', { RoleName: 'r' })).toMatchObject({
    Role: { Arn: 'acs:ram::1000000000000001:role/r', Description: 'mine', AssumeRolePolicyDocument: TRUST },
  });
  await expect(request('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: TRUST })).rejects.toMatchObject({
    code: 'EntityAlreadyExists.Role',
  });
});

test('a role with a policy, and a policy on a role, cannot be deleted', async () => {
  await request('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: TRUST });
  await request('CreatePolicy', { PolicyName: 'p', PolicyDocument: DOCUMENT });
  const both = { RoleName: 'r', PolicyName: 'p', PolicyType: 'Custom' };
  await request('AttachPolicyToRole', both);
  await expect(request('DeleteRole', both)).rejects.toMatchObject({ code: 'DeleteConflict.Role.Policy' });
  await expect(request('DeletePolicy', both)).rejects.toMatchObject({ code: 'DeleteConflict.Policy.Role' });
  await request('DetachPolicyFromRole', both);
  await request('DeleteRole', { RoleName: 'r' });
  await request('DeletePolicy', { PolicyName: 'p' });
  await expect(request('GetPolicy', { ...both })).rejects.toMatchObject({ code: 'EntityNotExist.Policy' });
});

test('a policy has five versions at most; rotation takes the oldest one that is not in force', async () => {
  await request('CreatePolicy', { PolicyName: 'p', PolicyDocument: DOCUMENT });
  for (let number = 2; number <= 5; number += 1) await request('CreatePolicyVersion', version());
  await expect(request('CreatePolicyVersion', version())).rejects.toMatchObject({
    code: 'LimitExceeded.Policy.Version',
  });
  await request('CreatePolicyVersion', version({ RotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded' }));
  expect(await request('ListPolicyVersions', { PolicyName: 'p', PolicyType: 'Custom' })).toMatchObject({
    PolicyVersions: {
      PolicyVersion: [
        { VersionId: 'v2', IsDefaultVersion: false },
        { VersionId: 'v3', IsDefaultVersion: false },
        { VersionId: 'v4', IsDefaultVersion: false },
        { VersionId: 'v5', IsDefaultVersion: false },
        { VersionId: 'v6', IsDefaultVersion: true },
      ],
    },
  });
});

test.each([
  ['a policy that is none', 'CreatePolicy', { PolicyName: 'p', PolicyDocument: '{}' }, 'MalformedPolicyDocument'],
  [
    'a policy that is too long',
    'CreatePolicy',
    { PolicyName: 'p', PolicyDocument: `${DOCUMENT}${' '.repeat(6144)}` },
    'MalformedPolicyDocument',
  ],
  [
    'a name that is none',
    'CreateRole',
    { RoleName: 'a b', AssumeRolePolicyDocument: TRUST },
    'InvalidParameter.RoleName',
  ],
  ['a role that is not there', 'GetRole', { RoleName: 'r' }, 'EntityNotExist.Role'],
  ['what is not emulated', 'ListUsers', {}, 'InvalidAction.NotFound'],
])('%s is refused by its code', async (_what, action, parameters, code) => {
  await expect(request(action, parameters)).rejects.toMatchObject({ code });
});

test('descriptions change, and what is not named with them stays', async () => {
  await request('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: TRUST, Description: 'old' });
  await request('UpdateRole', { RoleName: 'r', NewDescription: '新的 🆕' });
  expect(await request('GetRole', { RoleName: 'r' })).toMatchObject({
    Role: { Description: '新的 🆕', AssumeRolePolicyDocument: TRUST },
  });
  await request('CreatePolicy', { PolicyName: 'p', PolicyDocument: DOCUMENT });
  await request('UpdatePolicyDescription', { PolicyName: 'p', NewDescription: '新的 🆕' });
  expect(await request('GetPolicy', { PolicyName: 'p', PolicyType: 'Custom' })).toMatchObject({
    Policy: { Description: '新的 🆕' },
    DefaultPolicyVersion: { PolicyDocument: DOCUMENT },
  });
});

test('a wrong secret is refused', async () => {
  const stranger = new RamClient({
    ...KEY,
    accessKeySecret: 'guess',
    endpoint: server.origin,
    apiVersion: '2015-05-01',
  });
  await expect(stranger.request('GetRole', { RoleName: 'r' })).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
});

test('roles, policies and what is attached outlive the service', async () => {
  await request('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: TRUST, Description: '部署 🙂' });
  await request('CreatePolicy', { PolicyName: 'p', PolicyDocument: DOCUMENT });
  await request('AttachPolicyToRole', { RoleName: 'r', PolicyName: 'p', PolicyType: 'Custom' });
  await server.close();
  await start();
  expect(await request('GetRole', { RoleName: 'r' })).toMatchObject({ Role: { Description: '部署 🙂' } });
  expect(await request('ListPoliciesForRole', { RoleName: 'r' })).toMatchObject({
    Policies: { Policy: [{ PolicyName: 'p', PolicyType: 'Custom' }] },
  });
  expect(await request('GetPolicy', { PolicyName: 'p', PolicyType: 'Custom' })).toMatchObject({
    DefaultPolicyVersion: { PolicyDocument: DOCUMENT },
  });
});
