import * as z from 'zod';
import {
  checkDocument,
  description,
  entityError,
  type Operation,
  policyName,
  type RamState,
  readParameters,
  roleName,
  type StoredRole,
} from './state.ts';

const named = z.object({ RoleName: roleName });
const createSchema = named.extend({ AssumeRolePolicyDocument: z.string(), Description: description });
const updateSchema = named.extend({
  NewAssumeRolePolicyDocument: z.string().optional(),
  NewDescription: z.string().max(1024).optional(),
});
const attachSchema = named.extend({ PolicyName: policyName, PolicyType: z.enum(['Custom', 'System']) });

export function roleOperations(state: RamState): Record<string, Operation> {
  const { roles, policies, accountId } = state;
  const requireRole = (name: string): StoredRole => {
    const role = roles.get(name);
    if (!role) throw entityError(404, 'EntityNotExist.Role', name);
    return role;
  };
  const answer = ({ name, description: Description, trust }: StoredRole) => ({
    Role: { RoleName: name, Description, Arn: `acs:ram::${accountId}:role/${name}`, AssumeRolePolicyDocument: trust },
  });
  return {
    CreateRole: (parameters) => {
      const { RoleName: name, AssumeRolePolicyDocument, Description } = readParameters(createSchema, parameters);
      if (roles.has(name)) throw entityError(409, 'EntityAlreadyExists.Role', name);
      const trust = checkDocument(AssumeRolePolicyDocument);
      const role: StoredRole = { name, description: Description, trust, attached: [] };
      roles.set(name, role);
      return answer(role);
    },
    GetRole: (parameters) => answer(requireRole(readParameters(named, parameters).RoleName)),
    UpdateRole: (parameters) => {
      const { RoleName, NewAssumeRolePolicyDocument, NewDescription } = readParameters(updateSchema, parameters);
      const role = requireRole(RoleName);
      role.trust = NewAssumeRolePolicyDocument === undefined ? role.trust : checkDocument(NewAssumeRolePolicyDocument);
      role.description = NewDescription ?? role.description;
      return answer(role);
    },
    DeleteRole: (parameters) => {
      const role = requireRole(readParameters(named, parameters).RoleName);
      if (role.attached.length > 0) throw entityError(409, 'DeleteConflict.Role.Policy', role.name);
      roles.delete(role.name);
      return {};
    },
    AttachPolicyToRole: (parameters) => {
      const { RoleName, PolicyName: name, PolicyType: type } = readParameters(attachSchema, parameters);
      const role = requireRole(RoleName);
      if (type === 'Custom' && !policies.has(name)) throw entityError(404, 'EntityNotExist.Policy', name);
      if (role.attached.some((one) => one.name === name && one.type === type))
        throw entityError(409, 'EntityAlreadyExists.Role.Policy', name);
      role.attached.push({ name, type });
      return {};
    },
    DetachPolicyFromRole: (parameters) => {
      const { RoleName, PolicyName: name, PolicyType: type } = readParameters(attachSchema, parameters);
      const role = requireRole(RoleName);
      const left = role.attached.filter((one) => one.name !== name || one.type !== type);
      if (left.length === role.attached.length) throw entityError(404, 'EntityNotExist.Role.Policy', name);
      role.attached = left;
      return {};
    },
    ListPoliciesForRole: (parameters) => {
      const { attached } = requireRole(readParameters(named, parameters).RoleName);
      return { Policies: { Policy: attached.map(({ name, type }) => ({ PolicyName: name, PolicyType: type })) } };
    },
  };
}
