import { fieldOf } from '../../shared/workflows/lookups.ts';
import type { Parameter, Workflows } from '../../shared/workflows/schema.ts';
import { derivedId } from '../lark/ids.ts';
import type { LarkOrganisation } from '../lark/organisation.ts';
import type { CloudState } from './cloud-state.ts';
import { PEOPLE } from './people.ts';
import type { LarkValues } from './placeholders.ts';
import type { StartApps } from './start-apps.ts';

/** The same company in Lark: its definitions have the forms that workflows.yaml expects, its groups the chats. */
export function larkOrganisation(
  { workflows }: Workflows,
  local: LarkValues,
  app: CloudState['lark'],
  { startApp, isUsed = false }: { startApp?: StartApps['lark']; isUsed?: boolean } = {},
): LarkOrganisation {
  return {
    tenant_key: app.tenant_key,
    app: { app_id: app.app_id, app_secret: app.app_secret, scopes: [...SCOPES, ...(isUsed ? FOR_OTHERS : FOR_ITSELF)] },
    otherApps: startApp ? [startApp] : [],
    enforceScopes: isUsed,
    users: PEOPLE.map(({ id, name, title }) => ({
      user_id: id,
      open_id: openIdOf(app, id),
      name,
      job_title: title,
    })),
    definitions: Object.entries(local.approvalCodes).map(([name, approval_code]) => ({
      approval_code,
      name: workflows[name]?.title ?? name,
      widgets: Object.entries(workflows[name]?.parameters ?? {}).map(([parameter, rule]) => widgetOf(parameter, rule)),
      nodes: [{ node_id: 'approval', node_type: 'OR', user_ids: PEOPLE.map(({ id }) => id) }],
    })),
    chats: [
      ...local.chats.map(({ chat, chatId }) => ({ chat_id: chatId, name: chat })),
      ...local.customBots.map(({ chat }) => ({ chat_id: chatIdOf(chat), name: chat, bot: false })),
    ],
    customBots: local.customBots.map(({ chat, ...bot }) => ({ chat_id: chatIdOf(chat), ...bot })),
  };
}

/** As docs/lark.md has them granted. */
const SCOPES = [
  'approval:approval:readonly',
  'approval:approval.list:readonly',
  'im:message:send_as_bot',
  'im:chat:read',
  'contact:contact.base:readonly',
  'contact:user.base:readonly',
  'im:message.group_at_msg:readonly',
];
/** Beside them: of an app that starts approvals itself, and of one that names people to another. */
const FOR_ITSELF = ['approval:instance'];
const FOR_OTHERS = ['contact:user.employee_id:readonly'];

/** A person's id as this app knows it. */
export function openIdOf({ app_id }: CloudState['lark'], id: string): string {
  return derivedId('ou_', app_id, id);
}

/** A group that has a custom bot only is known to nobody by its id. */
function chatIdOf(chat: string): string {
  return derivedId('oc_', 'custom bot', chat);
}

/** The custom id is what the workflow maps by; the id is the platform's own, and the name what people see. */
function widgetOf(parameter: string, rule: Parameter) {
  const names = {
    id: `widget_${parameter}`,
    custom_id: fieldOf(rule, 'lark') ?? parameter,
    name: parameter,
  };
  if (!rule.one_of) return { ...names, type: rule.text ? 'textarea' : 'input' } as const;
  const texts = Array.isArray(rule.one_of) ? rule.one_of : Object.keys(rule.one_of);
  const options = texts.map((text, index) => ({ key: `option_${index}`, text }));
  return { ...names, type: 'radioV2', options } as const;
}
