import { approvalErrors } from './api-error.ts';
import { readForm } from './form/read-form.ts';
import type { FormWorld } from './form/read-widgets.ts';
import type { Instance, InstanceNode } from './instance.ts';
import type { World } from './operation.ts';
import { type Definition, findDefinition, findUser, type Organisation, openDepartmentId } from './organisation.ts';

export interface NewInstance {
  approvalCode: string;
  userId: string;
  departmentId: string | undefined;
  /** JSON text. */
  form: string;
  /** Approvers that the submitter chooses, by node_id or custom_node_id. */
  chosen: { key: string; value: string[] }[];
  uuid: string | undefined;
  /** False for a person in the app, who sees every widget and is held to fill in what is required. */
  byApi: boolean;
}

type StartWorld = Pick<World, 'approvals' | 'clock' | 'organisation'>;

/** Checks and starts an instance, whoever asks for it. Throws a LarkError. */
export function startInstance(world: StartWorld, start: NewInstance): Instance {
  const { approvals, organisation } = world;
  const definition = findDefinition(organisation, start.approvalCode);
  if (!definition) throw approvalErrors.noDefinition();
  if (definition.status === 'DELETED') throw approvalErrors.deleted();
  if (definition.status === 'INACTIVE') throw approvalErrors.inactive();
  if (start.uuid !== undefined && approvals.find(start.uuid)) throw approvalErrors.uuidConflict();
  return approvals.start({
    approval_code: definition.approval_code,
    user_id: start.userId,
    department_id: departmentOf(organisation, start),
    form: formOf(world, definition, start),
    nodes: nodesOf(organisation, definition, start.chosen),
    uuid: start.uuid,
  });
}

/** The person's first department unless another of theirs is named; the root cannot be. */
function departmentOf(organisation: Organisation, { userId, departmentId }: NewInstance): string {
  const own = findUser(organisation, userId)?.department_ids ?? [];
  if (departmentId && (departmentId === '0' || !own.includes(departmentId))) {
    throw approvalErrors.parameter('department_id');
  }
  return openDepartmentId(organisation, departmentId || (own[0] ?? '0'));
}

function nodesOf(organisation: Organisation, { nodes }: Definition, chosen: NewInstance['chosen']): InstanceNode[] {
  return nodes.map((node) => {
    const picked = chosen.filter(({ key }) => key === node.node_id || key === node.custom_node_id);
    const people = node.user_ids.length > 0 ? node.user_ids : picked.flatMap(({ value }) => value);
    const user_ids = [...new Set(people)];
    if (user_ids.length === 0) throw approvalErrors.parameter(`no approver for the node ${node.node_id}`);
    if (!user_ids.every((id) => findUser(organisation, id))) throw approvalErrors.noUser();
    return { ...node, user_ids };
  });
}

function formOf(world: StartWorld, { widgets }: Definition, { form, byApi }: NewInstance): string {
  const result = readForm(widgets, form, formWorld(world), { byApi, checkRequired: !byApi });
  if ('form' in result) return result.form;
  throw approvalErrors.parameter(`控件值不合法或者为空。控件=${result.failed}`);
}

function formWorld({ approvals, clock, organisation }: StartWorld): FormWorld {
  const { departments, districts } = organisation;
  return {
    now: clock.now(),
    person: (id, type) => findUser(organisation, id, type),
    hasDepartment: (id) => id === '0' || departments.some(({ open_department_id }) => open_department_id === id),
    hasInstance: (instanceCode) => approvals.find(instanceCode) !== undefined,
    districtPath: (id) => districts.find((district) => district.id === id)?.path,
  };
}
