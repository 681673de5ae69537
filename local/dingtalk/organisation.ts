import { z } from 'zod';
import { COMPONENT_TYPES } from './form/component-types.ts';

const Id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const Text = z.string().min(1);

const UserSchema = z.strictObject({
  userid: Id,
  name: Text,
  unionid: z.string().optional(),
  avatar: z.string().optional(),
  title: z.string().optional(),
  job_number: z.string().optional(),
  manager_userid: Id.optional(),
  org_email: z.string().optional(),
  /** Like `email`: the real service returns it only to apps with the extra personal-data permission. */
  mobile: z.string().optional(),
  email: z.string().optional(),
  /** Department 1 is the root. */
  dept_id_list: z.array(z.number().int().positive()).min(1).default([1]),
  active: z.boolean().default(true),
  admin: z.boolean().default(false),
  boss: z.boolean().default(false),
});

const ChildComponentSchema = z.strictObject({
  id: Text.max(64),
  /** The label people see; at most 20 characters, as documented (two labels as a JSON array for a date range). */
  name: Text.max(64),
  componentType: z.enum(COMPONENT_TYPES),
  bizAlias: z.string().max(64).optional(),
  required: z.boolean().default(false),
  /** Texts of a single or multiple choice; the keys are `option_0`, `option_1`, … */
  options: z.array(Text).optional(),
});

const ComponentSchema = ChildComponentSchema.extend({
  /** The columns of a TableField. */
  children: z.array(ChildComponentSchema).optional(),
});

const ActionTypeSchema = z.enum(['AND', 'OR', 'NONE']);

/** One step of the approval: one person (`NONE`), all of several (`AND`) or the first of several (`OR`). */
export const ApprovalStepSchema = z.object({ actionType: ActionTypeSchema, userIds: z.array(Id).min(1) });

const TemplateSchema = z.strictObject({
  processCode: Text.max(128),
  name: Text,
  components: z.array(ComponentSchema).min(1).max(150),
  /** The steps in order; a bare userid is a step with this one person. */
  approvers: z.array(z.union([Id, ApprovalStepSchema])).min(1),
});

const RobotSchema = z.strictObject({
  /** The name of the group the robot is in. */
  chat: Text,
  accessToken: Text,
  /** Set when the robot's security setting is "signature". */
  secret: Text.optional(),
  /** Set when it is "custom keywords": a message must hold at least one of them. */
  keywords: z.array(Text).min(1).max(10).optional(),
  disabled: z.boolean().default(false),
  /** The group was disbanded. */
  groupGone: z.boolean().default(false),
});

const GroupSchema = z.strictObject({
  openConversationId: Text.max(128),
  name: Text,
  /** The app's own robot is a member. */
  robot: z.boolean().default(false),
  disbanded: z.boolean().default(false),
  /** The app's robot was stopped in this group. */
  robotStopped: z.boolean().default(false),
  /** Robots may not speak in this group. */
  muted: z.boolean().default(false),
  /** The group belongs to another organisation. */
  otherOrganisation: z.boolean().default(false),
});

const AppSchema = z.strictObject({
  appKey: Text,
  appSecret: Text,
  agentId: z.number().int().optional(),
  robotCode: Text.optional(),
  /** What is granted, as far as calls ask for it: writing approvals and reading forms. Absent: everything. */
  permissions: z.array(Text).optional(),
});

/** The company as its administrators set it up: people, approval templates, groups, robots and its internal apps. */
export const DingtalkOrganisationSchema = z
  .strictObject({
    corpId: Text,
    /** The one whose robot is in the groups, and that is told events. */
    app: AppSchema,
    /** Internal apps beside it, which only call the API. */
    otherApps: z.array(AppSchema).default([]),
    departments: z.array(z.strictObject({ id: z.number().int().positive(), name: Text })).default([]),
    users: z.array(UserSchema).min(1),
    templates: z.array(TemplateSchema),
    robots: z.array(RobotSchema).default([]),
    /** The groups that the app's own robot can be in. */
    groups: z.array(GroupSchema).default([]),
    /** The ids of the published card templates. */
    cardTemplates: z.array(Text).default([]),
    /** What the app's own robot may say; the real limits are not documented. */
    robotLimits: z
      .strictObject({
        perGroupPerMinute: z.number().int().positive().default(20),
        perUserPerMinute: z.number().int().positive().default(20),
      })
      .prefault({}),
    /** The documentation shows `success` of the instance detail as the text "true"; the default is the boolean. */
    successAsText: z.boolean().default(false),
    /** Monthly quotas of the free edition since 2025-11; always counted, refused only when `enforced`. */
    quota: z
      .strictObject({
        enforced: z.boolean().default(false),
        apiCalls: z.number().int().positive().default(5_000),
        webhookAndStream: z.number().int().positive().default(3_000),
      })
      .prefault({}),
  })
  .superRefine((organisation, context) => {
    const users = new Set(organisation.users.map((user) => user.userid));
    for (const template of organisation.templates) {
      for (const userid of template.approvers.flatMap((step) => (typeof step === 'string' ? step : step.userIds))) {
        if (!users.has(userid)) {
          const message = `approver ${userid} of template ${template.processCode} is no user`;
          context.addIssue({ code: 'custom', message });
        }
      }
    }
    const groups = organisation.groups.map((group) => group.openConversationId);
    for (const id of groups.filter((id, index) => groups.indexOf(id) !== index)) {
      context.addIssue({ code: 'custom', message: `there are two groups ${id}` });
    }
  });

/** What a caller writes; defaults are filled in. */
export type DingtalkOrganisation = z.input<typeof DingtalkOrganisationSchema>;
export type Organisation = z.output<typeof DingtalkOrganisationSchema>;
export type App = Organisation['app'];
export type User = Organisation['users'][number];
export type Template = Organisation['templates'][number];
export type Component = Template['components'][number];
export type Robot = Organisation['robots'][number];
export type Group = Organisation['groups'][number];
export type ApprovalStep = z.output<typeof ApprovalStepSchema>;

export const ROOT_DEPARTMENT_ID = 1;

/** The root department has no entry of its own unless it is named. */
export function departmentName(organisation: Organisation, id: number): string | undefined {
  const known = organisation.departments.find((department) => department.id === id);
  return known?.name ?? (id === ROOT_DEPARTMENT_ID ? organisation.corpId : undefined);
}

export function findUser(organisation: Organisation, userid: string): User | undefined {
  return organisation.users.find((user) => user.userid === userid);
}

export function findTemplate(organisation: Organisation, processCode: string): Template | undefined {
  return organisation.templates.find((template) => template.processCode === processCode);
}
