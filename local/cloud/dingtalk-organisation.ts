import { fieldOf } from '../../shared/workflows/lookups.ts';
import type { Parameter, Workflows } from '../../shared/workflows/schema.ts';
import type { DingtalkOrganisation } from '../dingtalk/organisation.ts';
import type { CloudState } from './cloud-state.ts';
import { PEOPLE } from './people.ts';
import type { DingtalkValues } from './placeholders.ts';
import type { StartApps } from './start-apps.ts';

/** The company in DingTalk: its approval templates have the forms that workflows.yaml expects, its groups the chats. */
export function dingtalkOrganisation(
  { workflows }: Workflows,
  local: DingtalkValues,
  app: CloudState['dingtalk'],
  { startApp, isUsed = false }: { startApp?: StartApps['dingtalk']; isUsed?: boolean } = {},
): DingtalkOrganisation {
  return {
    corpId: app.corp_id,
    app: {
      appKey: app.app_key,
      appSecret: app.app_secret,
      robotCode: local.robotCode,
      ...(isUsed && { permissions: READ_ONLY }),
    },
    otherApps: startApp ? [startApp] : [],
    users: PEOPLE.map(({ id, name, title }) => ({ userid: id, name, title })),
    templates: Object.entries(local.processCodes).map(([name, processCode]) => ({
      processCode,
      name: workflows[name]?.title ?? name,
      components: Object.entries(workflows[name]?.parameters ?? {}).map(([parameter, rule]) =>
        componentOf(parameter, rule),
      ),
      approvers: [{ actionType: 'OR', userIds: PEOPLE.map(({ id }) => id) }],
    })),
    robots: local.robots,
    groups: local.groups.map(({ chat, conversation }) => ({
      openConversationId: conversation,
      name: chat,
      robot: true,
    })),
    cardTemplates: local.cardTemplates,
  };
}

/** Of an app beside which another one starts approvals: docs/dingtalk.md. */
const READ_ONLY = ['Workflow.Instance.Read', 'qyapi_get_member', 'qyapi_base', 'qyapi_robot_sendmsg'];

/** The component's id is what the workflow maps by; people see the parameter's name as its label. */
function componentOf(parameter: string, rule: Parameter) {
  const id = fieldOf(rule, 'dingtalk') ?? parameter;
  const name = parameter.slice(0, 20);
  if (!rule.one_of) return { id, name, componentType: rule.text ? 'TextareaField' : 'TextField' } as const;
  const options = Array.isArray(rule.one_of) ? rule.one_of : Object.keys(rule.one_of);
  return { id, name, componentType: 'DDSelectField', options } as const;
}
