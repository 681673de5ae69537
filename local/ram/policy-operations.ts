import * as z from 'zod';
import { ApiError } from '../cloud-assistant/api-error.ts';
import {
  checkDocument,
  description,
  entityError,
  type Operation,
  policyName,
  type RamState,
  readParameters,
  type StoredPolicy,
} from './state.ts';

const named = z.object({ PolicyName: policyName });
const oneVersionSchema = named.extend({ VersionId: z.string() });
const getSchema = named.extend({ PolicyType: z.enum(['Custom', 'System']) });
const createSchema = named.extend({ PolicyDocument: z.string(), Description: description });
/** https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-updatepolicydescription */
const describeSchema = named.extend({ NewDescription: z.string().min(1).max(1024) });
const versionSchema = named.extend({
  PolicyDocument: z.string(),
  SetAsDefault: z.enum(['true', 'false']).default('false'),
  RotateStrategy: z.enum(['None', 'DeleteOldestNonDefaultVersionWhenLimitExceeded']).default('None'),
});

/** https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-createpolicyversion */
const MAX_VERSIONS = 5;

export function policyOperations(state: RamState): Record<string, Operation> {
  const { policies, roles } = state;
  const requirePolicy = (name: string): StoredPolicy => {
    const policy = policies.get(name);
    if (!policy) throw entityError(404, 'EntityNotExist.Policy', name);
    return policy;
  };
  return {
    CreatePolicy: (parameters) => {
      const { PolicyName: name, PolicyDocument, Description } = readParameters(createSchema, parameters);
      if (policies.has(name)) throw entityError(409, 'EntityAlreadyExists.Policy', name);
      const versions = [{ id: 'v1', document: checkDocument(PolicyDocument), isDefault: true }];
      policies.set(name, { name, description: Description, versions, made: 1 });
      return { Policy: { PolicyName: name, PolicyType: 'Custom', Description, DefaultVersion: 'v1' } };
    },
    GetPolicy: (parameters) => {
      const { PolicyName, PolicyType } = readParameters(getSchema, parameters);
      if (PolicyType === 'System') throw entityError(404, 'EntityNotExist.Policy', PolicyName);
      const policy = requirePolicy(PolicyName);
      const inForce = policy.versions.find(({ isDefault }) => isDefault);
      return {
        Policy: { PolicyName, PolicyType, Description: policy.description, DefaultVersion: inForce?.id },
        DefaultPolicyVersion: { VersionId: inForce?.id, IsDefaultVersion: true, PolicyDocument: inForce?.document },
      };
    },
    UpdatePolicyDescription: (parameters) => {
      const { PolicyName, NewDescription } = readParameters(describeSchema, parameters);
      requirePolicy(PolicyName).description = NewDescription;
      return { Policy: { PolicyName, PolicyType: 'Custom', Description: NewDescription } };
    },
    CreatePolicyVersion: (parameters) => {
      const input = readParameters(versionSchema, parameters);
      const policy = requirePolicy(input.PolicyName);
      addVersion(policy, checkDocument(input.PolicyDocument), input);
      return { PolicyVersion: { VersionId: `v${policy.made}`, IsDefaultVersion: input.SetAsDefault === 'true' } };
    },
    ListPolicyVersions: (parameters) => {
      const { versions } = requirePolicy(readParameters(getSchema, parameters).PolicyName);
      const answer = versions.map(({ id, isDefault }) => ({ VersionId: id, IsDefaultVersion: isDefault }));
      return { PolicyVersions: { PolicyVersion: answer } };
    },
    DeletePolicyVersion: (parameters) => {
      const { PolicyName, VersionId } = readParameters(oneVersionSchema, parameters);
      const policy = requirePolicy(PolicyName);
      const version = policy.versions.find(({ id }) => id === VersionId);
      if (!version) throw entityError(404, 'EntityNotExist.Policy.Version', VersionId);
      if (version.isDefault) throw entityError(409, 'DeleteConflict.PolicyVersion.Default', VersionId);
      policy.versions = policy.versions.filter((other) => other !== version);
      return {};
    },
    DeletePolicy: (parameters) => {
      const { name, versions } = requirePolicy(readParameters(named, parameters).PolicyName);
      const isAttached = [...roles.values()].some(({ attached }) => attached.some((one) => one.name === name));
      if (isAttached) throw entityError(409, 'DeleteConflict.Policy.Role', name);
      if (versions.length > 1) throw entityError(409, 'DeleteConflict.Policy.Version', name);
      policies.delete(name);
      return {};
    },
  };
}

function addVersion(
  policy: StoredPolicy,
  document: string,
  { SetAsDefault, RotateStrategy }: z.infer<typeof versionSchema>,
): void {
  if (policy.versions.length >= MAX_VERSIONS) {
    if (RotateStrategy === 'None')
      throw new ApiError(409, 'LimitExceeded.Policy.Version', 'A policy has at most 5 versions.');
    const oldest = policy.versions.find(({ isDefault }) => !isDefault);
    policy.versions = policy.versions.filter((version) => version !== oldest);
  }
  const isDefault = SetAsDefault === 'true';
  if (isDefault) policy.versions = policy.versions.map((version) => ({ ...version, isDefault: false }));
  policy.made += 1;
  policy.versions.push({ id: `v${policy.made}`, document, isDefault });
}
