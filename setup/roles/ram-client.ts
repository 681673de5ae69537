import OpenApiClient, { $OpenApiUtil, OpenApiUtil } from '@alicloud/openapi-core';
import { RuntimeOptions } from '@darabonba/typescript';
import * as z from 'zod';
import { parseJson } from '../../shared/json.ts';
import type { SetupTarget } from '../target.ts';

/** RAM refused a call: `code` is its own, such as `EntityNotExist.Role`. */
export class RamError extends Error {
  override readonly name = 'RamError';
  readonly code: string;

  constructor(action: string, code: string, cause: unknown) {
    super(`RAM refused ${action}: ${code}`, { cause });
    this.code = code;
  }
}

export interface Role {
  description: string;
  /** Parsed; undefined if it is no JSON. */
  trust: unknown;
}

export interface CustomPolicy {
  description: string;
  /** The version in force, parsed; undefined if it is no JSON. */
  document: unknown;
}

export interface AttachedPolicy {
  name: string;
  type: string;
}

/** The calls of RAM that setup makes, under the names of its API (version 2015-05-01). */
export interface RamClient {
  findRole(name: string): Promise<Role | undefined>;
  createRole(name: string, description: string, trust: object): Promise<void>;
  updateRole(name: string, description: string, trust: object): Promise<void>;
  findPolicy(name: string): Promise<CustomPolicy | undefined>;
  createPolicy(name: string, description: string, document: object): Promise<void>;
  describePolicy(name: string, description: string): Promise<void>;
  /** Puts the document in force; the oldest of five versions makes room for it. */
  replacePolicy(name: string, document: object): Promise<void>;
  listAttached(role: string): Promise<AttachedPolicy[]>;
  attach(role: string, policy: string): Promise<void>;
  detach(role: string, policy: string): Promise<void>;
  deleteRole(name: string): Promise<void>;
  /** With all of its versions. */
  deletePolicy(name: string): Promise<void>;
}

const text = z.string().default('');
const roleSchema = z.object({ Role: z.object({ Description: text, AssumeRolePolicyDocument: text }) });
const policySchema = z.object({
  Policy: z.object({ Description: text }),
  DefaultPolicyVersion: z.object({ PolicyDocument: z.string() }),
});
const versionsSchema = z.object({
  PolicyVersions: z.object({
    PolicyVersion: z.array(z.object({ VersionId: z.string(), IsDefaultVersion: z.boolean() })),
  }),
});
const attachedSchema = z.object({
  Policies: z.object({ Policy: z.array(z.object({ PolicyName: z.string(), PolicyType: z.string() })) }),
});

/** https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-overview */
export function createRamClient(target: SetupTarget): RamClient {
  const call = createCall(target);
  return {
    findRole: async (RoleName) => {
      const answer = await found(call('GetRole', { RoleName }));
      if (answer === undefined) return undefined;
      const { Role } = roleSchema.parse(answer);
      return { description: Role.Description, trust: parseJson(Role.AssumeRolePolicyDocument) };
    },
    createRole: async (RoleName, Description, trust) => {
      await call('CreateRole', { RoleName, Description, AssumeRolePolicyDocument: JSON.stringify(trust) });
    },
    updateRole: async (RoleName, NewDescription, trust) => {
      await call('UpdateRole', { RoleName, NewDescription, NewAssumeRolePolicyDocument: JSON.stringify(trust) });
    },
    findPolicy: async (PolicyName) => {
      const answer = await found(call('GetPolicy', { PolicyName, PolicyType: 'Custom' }));
      if (answer === undefined) return undefined;
      const { Policy, DefaultPolicyVersion } = policySchema.parse(answer);
      return { description: Policy.Description, document: parseJson(DefaultPolicyVersion.PolicyDocument) };
    },
    createPolicy: async (PolicyName, Description, document) => {
      await call('CreatePolicy', { PolicyName, Description, PolicyDocument: JSON.stringify(document) });
    },
    describePolicy: async (PolicyName, NewDescription) => {
      await call('UpdatePolicyDescription', { PolicyName, NewDescription });
    },
    replacePolicy: async (PolicyName, document) => {
      const rotation = { SetAsDefault: 'true', RotateStrategy: 'DeleteOldestNonDefaultVersionWhenLimitExceeded' };
      await call('CreatePolicyVersion', { PolicyName, PolicyDocument: JSON.stringify(document), ...rotation });
    },
    listAttached: async (RoleName) => {
      const { Policies } = attachedSchema.parse(await call('ListPoliciesForRole', { RoleName }));
      return Policies.Policy.map(({ PolicyName, PolicyType }) => ({ name: PolicyName, type: PolicyType }));
    },
    attach: async (RoleName, PolicyName) => {
      await call('AttachPolicyToRole', { RoleName, PolicyName, PolicyType: 'Custom' });
    },
    detach: async (RoleName, PolicyName) => {
      await call('DetachPolicyFromRole', { RoleName, PolicyName, PolicyType: 'Custom' });
    },
    deleteRole: async (RoleName) => {
      await call('DeleteRole', { RoleName });
    },
    deletePolicy: async (PolicyName) => {
      const listed = await call('ListPolicyVersions', { PolicyName, PolicyType: 'Custom' });
      const { PolicyVersions } = versionsSchema.parse(listed);
      for (const { VersionId, IsDefaultVersion } of PolicyVersions.PolicyVersion)
        if (!IsDefaultVersion) await call('DeletePolicyVersion', { PolicyName, VersionId });
      await call('DeletePolicy', { PolicyName });
    },
  };
}

async function found(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof RamError && error.code.startsWith('EntityNotExist.')) return undefined;
    throw error;
  }
}

type Call = (action: string, query: Record<string, string>) => Promise<unknown>;

const answerSchema = z.object({ body: z.unknown() });
const errorSchema = z.object({ code: z.string() });

/** RAM is one service for all regions: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-endpoint */
function createCall({ region, credentials, endpoints }: SetupTarget): Call {
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  const url = new URL(endpoints.ram ?? 'https://ram.aliyuncs.com');
  const client = new OpenApiClient(
    new $OpenApiUtil.Config({
      accessKeyId,
      accessKeySecret,
      ...(securityToken === undefined ? {} : { securityToken }),
      endpoint: url.host,
      protocol: url.protocol === 'https:' ? 'https' : 'http',
      regionId: region,
      connectTimeout: 20_000,
      readTimeout: 20_000,
    }),
  );
  const style = { version: '2015-05-01', protocol: 'HTTPS', pathname: '/', method: 'POST', authType: 'AK' };
  return async (action, query) => {
    const params = { ...style, action, style: 'RPC', reqBodyType: 'formData', bodyType: 'json' };
    const request = new $OpenApiUtil.OpenApiRequest({ query: OpenApiUtil.query(query) });
    try {
      const answer = await client.callApi(new $OpenApiUtil.Params(params), request, new RuntimeOptions({}));
      return answerSchema.parse(answer).body;
    } catch (error) {
      const refusal = errorSchema.safeParse(error);
      throw refusal.success ? new RamError(action, refusal.data.code, error) : error;
    }
  };
}
