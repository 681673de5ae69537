import { z } from 'zod';
import { WIDGET_TYPES } from './form/widget-types.ts';
import { derivedId } from './ids.ts';

const Id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const Text = z.string().min(1);

const UserSchema = z.strictObject({
  user_id: Id,
  name: Text,
  en_name: z.string().optional(),
  /** Derived from the app and the user where absent, as both ids belong to them. */
  open_id: z.string().startsWith('ou_').optional(),
  union_id: z.string().startsWith('on_').optional(),
  email: z.string().optional(),
  mobile: z.string().optional(),
  employee_no: z.string().optional(),
  job_title: z.string().optional(),
  leader_user_id: Id.optional(),
  /** `department_id`s; the first is where the user's approvals come from. `0` is the root. */
  department_ids: z.array(Text).min(1).default(['0']),
});

const DepartmentSchema = z.strictObject({
  department_id: Text,
  open_department_id: z.string().startsWith('od-'),
  name: Text,
});

const ChildWidgetSchema = z.strictObject({
  id: Text,
  /** The stable name: `id` changes with the definition. */
  custom_id: Text.optional(),
  name: Text,
  type: z.enum(WIDGET_TYPES),
  required: z.boolean().default(false),
  /** Of a single or multiple choice: an instance is created with the key and reads as the text. */
  options: z.array(z.strictObject({ key: Text, text: Text })).optional(),
  /** The options come from another system: whatever id is written is taken, and reads as itself. */
  external: z.boolean().default(false),
});

const WidgetSchema = ChildWidgetSchema.extend({
  /** The columns of a fieldList. */
  children: z.array(ChildWidgetSchema).optional(),
});

const NodeSchema = z.strictObject({
  node_id: Id,
  custom_node_id: Id.optional(),
  name: Text.default('审批'),
  node_type: z.enum(['AND', 'OR', 'SEQUENTIAL']).default('OR'),
  /** Who must approve; empty where the submitter chooses. */
  user_ids: z.array(Id).default([]),
});

const DefinitionSchema = z.strictObject({
  approval_code: Text.max(64),
  name: Text,
  status: z.enum(['ACTIVE', 'INACTIVE', 'DELETED']).default('ACTIVE'),
  /** "Allow to revoke what was approved" in the settings of the definition. */
  revocable: z.boolean().default(true),
  widgets: z.array(WidgetSchema),
  nodes: z.array(NodeSchema).min(1),
});

const ChatSchema = z.strictObject({
  chat_id: z.string().startsWith('oc_'),
  name: Text,
  /** Whether the app's bot is in the group. */
  bot: z.boolean().default(true),
  dissolved: z.boolean().default(false),
  /** Nobody but its managers may speak. */
  muted: z.boolean().default(false),
  external: z.boolean().default(false),
});

const CustomBotSchema = z.strictObject({
  chat_id: z.string().startsWith('oc_'),
  /** The last part of the webhook's address. */
  token: Text,
  /** Set when the bot's security setting is "signature". */
  secret: Text.optional(),
  /** Set when it is "custom keywords": a message must hold at least one of them. */
  keywords: z.array(Text).min(1).max(10).optional(),
});

const AppSchema = z.strictObject({
  app_id: z.string().regex(/^cli_[0-9a-f]{16}$/, 'an app id is cli_ and 16 hex digits'),
  app_secret: Text,
  /** Without the scope contact:user.employee_id:readonly answers hold no `user_id`. */
  employeeIdScope: z.boolean().default(true),
  /** What is granted; they are listed, and asked for only where `enforceScopes` says so. */
  scopes: z.array(Text).default([]),
});

/** The company as its administrators set it up: people, definitions, groups, bots and its self-built apps. */
export const LarkOrganisationSchema = z
  .strictObject({
    tenant_key: Text,
    /** The one whose bot is in the groups, and that is told events. */
    app: AppSchema,
    /** Self-built apps beside it, which only call the API. */
    otherApps: z.array(AppSchema).default([]),
    /** Calls that start an approval are refused to an app without a scope for it; no other call asks for scopes. */
    enforceScopes: z.boolean().default(false),
    departments: z.array(DepartmentSchema).default([]),
    users: z.array(UserSchema).min(1),
    definitions: z.array(DefinitionSchema),
    chats: z.array(ChatSchema).default([]),
    customBots: z.array(CustomBotSchema).default([]),
    /** Places that an address widget may name by their id. */
    districts: z.array(z.strictObject({ id: Text, path: Text })).default([]),
    /** An invalid token was seen with both; the default is 400. */
    invalidTokenStatus: z.union([z.literal(200), z.literal(400)]).default(400),
    /** Calls of the API in a month; always counted, refused above this number only. */
    monthlyCalls: z.number().int().positive().optional(),
  })
  .superRefine((organisation, context) => {
    const users = new Set(organisation.users.map((user) => user.user_id));
    for (const { approval_code, nodes } of organisation.definitions) {
      for (const user_id of nodes.flatMap((node) => node.user_ids)) {
        if (users.has(user_id)) continue;
        context.addIssue({ code: 'custom', message: `approver ${user_id} of definition ${approval_code} is no user` });
      }
    }
  })
  .transform((organisation) => ({
    ...organisation,
    users: organisation.users.map((user) => ({
      ...user,
      open_id: user.open_id ?? derivedId('ou_', organisation.app.app_id, user.user_id),
      union_id: user.union_id ?? derivedId('on_', organisation.tenant_key, user.user_id),
    })),
  }));

/** What a caller writes; defaults are filled in. */
export type LarkOrganisation = z.input<typeof LarkOrganisationSchema>;
export type Organisation = z.output<typeof LarkOrganisationSchema>;
export type App = Organisation['app'];
export type User = Organisation['users'][number];
export type Definition = Organisation['definitions'][number];
export type Widget = Definition['widgets'][number];
export type Chat = Organisation['chats'][number];
export type CustomBot = Organisation['customBots'][number];

export const USER_ID_TYPES = ['open_id', 'union_id', 'user_id'] as const;
export type UserIdType = (typeof USER_ID_TYPES)[number];

export function findUser({ users }: Organisation, id: string, type: UserIdType = 'user_id'): User | undefined {
  return users.find((user) => user[type] === id);
}

/** A person by the open id that this app knows; another app's is nobody to it. */
export function findByOpenId(organisation: Organisation, { app_id }: App, openId: string): User | undefined {
  if (app_id === organisation.app.app_id) return findUser(organisation, openId, 'open_id');
  return organisation.users.find(({ user_id }) => derivedId('ou_', app_id, user_id) === openId);
}

export function findDefinition({ definitions }: Organisation, approvalCode: string): Definition | undefined {
  return definitions.find(({ approval_code }) => approval_code === approvalCode);
}

/** The root is not listed: both its ids are `0`. */
export function openDepartmentId({ departments }: Organisation, departmentId: string): string {
  return departments.find(({ department_id }) => department_id === departmentId)?.open_department_id ?? '0';
}

/** Both ids of a person as answers give them. */
export function personIds(organisation: Organisation, userId: string): { user_id?: string; open_id: string } {
  const open_id = findUser(organisation, userId)?.open_id ?? '';
  return organisation.app.employeeIdScope ? { user_id: userId, open_id } : { open_id };
}
