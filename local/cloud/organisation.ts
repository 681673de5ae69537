import { fieldOf } from '../../shared/workflows/lookups.ts';
import type { Parameter, Workflows } from '../../shared/workflows/schema.ts';
import type { DingtalkOrganisation } from '../dingtalk/organisation.ts';
import type { LocalValues } from './placeholders.ts';

/** People of the embedded company. `zhangsan` asks and `lisi` approves unless somebody says otherwise. */
export const PEOPLE = [
  { userid: 'zhangsan', name: '张三', title: '人事专员' },
  { userid: 'lisi', name: '李四', title: '部门经理' },
  { userid: 'wangwu', name: '王五', title: '运维工程师' },
] as const;
export const REQUESTER = 'zhangsan';
export const APPROVER = 'lisi';

/** A company whose approval templates have the forms that workflows.yaml expects. */
export function createOrganisation(
  { workflows }: Workflows,
  local: LocalValues,
  app: { corpId: string; appKey: string; appSecret: string },
): DingtalkOrganisation {
  return {
    corpId: app.corpId,
    app: { appKey: app.appKey, appSecret: app.appSecret },
    users: PEOPLE.map((person) => ({ ...person })),
    templates: Object.entries(local.processCodes).map(([name, processCode]) => ({
      processCode,
      name: workflows[name]?.title ?? name,
      components: Object.entries(workflows[name]?.parameters ?? {}).map(([parameter, rule]) =>
        componentOf(parameter, rule),
      ),
      approvers: [{ actionType: 'OR', userIds: PEOPLE.map(({ userid }) => userid) }],
    })),
    robots: local.robots,
  };
}

/** The component's id is what the workflow maps by; people see the parameter's name as its label. */
function componentOf(parameter: string, rule: Parameter) {
  const id = fieldOf(rule, 'dingtalk') ?? parameter;
  const name = parameter.slice(0, 20);
  if (!rule.one_of) return { id, name, componentType: rule.text ? 'TextareaField' : 'TextField' } as const;
  const options = Array.isArray(rule.one_of) ? rule.one_of : Object.keys(rule.one_of);
  return { id, name, componentType: 'DDSelectField', options } as const;
}
