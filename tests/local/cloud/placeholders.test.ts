import { dingtalkOrganisation } from '../../../local/cloud/dingtalk-organisation.ts';
import { larkOrganisation } from '../../../local/cloud/lark-organisation.ts';
import { type Defaults, settlePlaceholders } from '../../../local/cloud/placeholders.ts';
import { DingtalkOrganisationSchema } from '../../../local/dingtalk/organisation.ts';
import { LarkOrganisationSchema } from '../../../local/lark/organisation.ts';
import { loadWorkflows } from '../../../shared/workflows/load-workflows.ts';
import { changed, SAMPLE, variable } from '../../shared/workflows/sample.ts';

const DEFAULTS: Defaults = {
  instanceIds: ['i-local1'],
  robotCode: 'dingkey',
  secretFor: (name) => `secret of ${name}`,
};
const LARK_APP = {
  app_id: 'cli_0123456789abcdef',
  app_secret: 's',
  verification_token: 't',
  encrypt_key: 'k',
  tenant_key: 'tenant',
};
const DINGTALK_APP = {
  corp_id: 'dingcorp',
  app_key: 'dingkey',
  app_secret: 's',
  callback_token: 't',
  callback_aes_key: 'k',
};

/** The sample with these values at these paths. */
function workflowsWith(changes: Readonly<Record<string, unknown>> = {}) {
  const file = Object.entries(changes).reduce<unknown>((before, [path, to]) => changed(before, path, to), SAMPLE);
  return loadWorkflows(file);
}
const settle = (changes?: Readonly<Record<string, unknown>>) => settlePlaceholders(workflowsWith(changes), DEFAULTS);

const ONLY_LARK = {
  'workflows.onboarding.on': { lark: { approval_code: variable('APPROVAL_CODE') } },
  'workflows.onboarding.chat': { lark: 'it-ops' },
  'chats.it-ops': { lark: { chat_id: variable('CHAT_ID') } },
};

describe('what workflows.yaml leaves open gets a value of the cloud', () => {
  test('in DingTalk', () => {
    expect(settle()).toMatchObject({
      variables: {
        PROCESS_CODE: 'PROC-ONBOARDING',
        ROBOT_TOKEN: 'secret of robot-token-it-ops',
        ROBOT_SECRET: 'SECsecret of robot-secret-it-ops',
        INSTANCE_IDS: 'i-local1',
      },
      platforms: ['dingtalk'],
      dingtalk: { processCodes: { onboarding: 'PROC-ONBOARDING' }, groups: [], cardTemplates: [] },
      lark: { approvalCodes: {}, chats: [], customBots: [] },
    });
  });

  test('in Lark', () => {
    const chatId = expect.stringMatching(/^oc_[0-9a-f]{32}$/);
    expect(settle(ONLY_LARK)).toMatchObject({
      variables: { APPROVAL_CODE: 'APPROVAL-ONBOARDING', CHAT_ID: chatId, INSTANCE_IDS: 'i-local1' },
      platforms: ['lark'],
      dingtalk: { processCodes: {}, robots: [] },
      lark: { approvalCodes: { onboarding: 'APPROVAL-ONBOARDING' }, chats: [{ chat: 'it-ops', chatId }] },
    });
  });

  test('of a custom bot of Lark, with its secret and without', () => {
    const bot = { token: variable('BOT_TOKEN') };
    const withSecret = settle({ ...ONLY_LARK, 'chats.it-ops': { lark: { bot: { ...bot, secret: variable('S') } } } });
    expect(withSecret.lark.customBots).toEqual([
      { chat: 'it-ops', token: 'secret of bot-token-it-ops', secret: 'secret of bot-secret-it-ops' },
    ]);
    const without = settle({ ...ONLY_LARK, 'chats.it-ops': { lark: { bot } } });
    expect(without.lark.customBots).toEqual([
      { chat: 'it-ops', token: 'secret of bot-token-it-ops', secret: undefined },
    ]);
  });

  test('of a group of DingTalk with the app’s own robot and a card template', () => {
    const group = {
      conversation: variable('GROUP'),
      robot_code: variable('ROBOT_CODE'),
      card_template: variable('TEMPLATE'),
    };
    const { dingtalk, variables } = settle({ 'chats.it-ops': { dingtalk: { group } } });
    expect(dingtalk).toMatchObject({
      groups: [{ chat: 'it-ops', conversation: expect.stringMatching(/^cid[0-9a-f]{32}$/) }],
      robotCode: 'dingkey',
      cardTemplates: ['it-ops.schema'],
    });
    expect(variables).toMatchObject({ ROBOT_CODE: 'dingkey', TEMPLATE: 'it-ops.schema' });
  });
});

test('what workflows.yaml spells out is taken as it is', () => {
  const { lark, dingtalk, variables } = settle({
    'workflows.onboarding.on': { lark: { approval_code: 'A-1' }, dingtalk: { process_code: 'PROC-1' } },
    'workflows.onboarding.chat': { lark: 'it-ops', dingtalk: 'it-ops' },
    'chats.it-ops': { lark: { chat_id: 'oc_1' }, dingtalk: { group: { conversation: 'cid1', robot_code: 'r' } } },
  });
  expect(lark).toEqual({
    approvalCodes: { onboarding: 'A-1' },
    chats: [{ chat: 'it-ops', chatId: 'oc_1' }],
    customBots: [],
  });
  expect(dingtalk).toMatchObject({ groups: [{ chat: 'it-ops', conversation: 'cid1' }], robotCode: 'r' });
  expect(variables).toEqual({ INSTANCE_IDS: 'i-local1' });
});

test('two chats that are one group are made once', () => {
  const lark = { chat_id: 'oc_1' };
  const dingtalk = { group: { conversation: 'cid1' } };
  const local = settle({ chats: { 'it-ops': { lark, dingtalk }, others: { lark, dingtalk } } });
  expect(local.lark.chats).toEqual([{ chat: 'it-ops', chatId: 'oc_1' }]);
  expect(local.dingtalk.groups).toEqual([{ chat: 'it-ops', conversation: 'cid1' }]);
});

test('a platform that only a chat names is used too', () => {
  const chat = { dingtalk: SAMPLE.chats['it-ops'].dingtalk, lark: { chat_id: 'oc_1' } };
  expect(settle({ 'chats.it-ops': chat }).platforms).toEqual(['dingtalk', 'lark']);
});

describe('the company', () => {
  test('has in Lark the form that the workflow maps: custom ids, choices as people see them', () => {
    const changes = { ...ONLY_LARK, 'workflows.onboarding.parameters.emp_id.field': { lark: 'employee' } };
    const workflows = workflowsWith(changes);
    const company = LarkOrganisationSchema.parse(larkOrganisation(workflows, settle(changes).lark, LARK_APP));
    expect(company.definitions).toMatchObject([
      {
        approval_code: 'APPROVAL-ONBOARDING',
        name: '新员工入职 🚀',
        widgets: [
          { custom_id: 'employee', name: 'emp_id', type: 'input' },
          {
            custom_id: 'DDSelectField-ROLE',
            name: 'role',
            type: 'radioV2',
            options: [
              { key: 'option_0', text: '运维' },
              { key: 'option_1', text: '开发' },
            ],
          },
          { custom_id: '备注', name: 'note', type: 'textarea' },
        ],
      },
    ]);
    expect(company.users.map(({ user_id, name }) => [user_id, name])).toEqual([
      ['zhangsan', '张三'],
      ['lisi', '李四'],
      ['wangwu', '王五'],
    ]);
    expect(company.users.every(({ open_id }) => /^ou_[0-9a-f]{32}$/.test(open_id))).toBe(true);
  });

  test('has in DingTalk the groups that the app’s own robot is in, and the card templates', () => {
    const changes = { 'chats.it-ops': { dingtalk: { group: { conversation: 'cid1', card_template: 'c.schema' } } } };
    const workflows = workflowsWith(changes);
    const company = DingtalkOrganisationSchema.parse(
      dingtalkOrganisation(workflows, settle(changes).dingtalk, DINGTALK_APP),
    );
    expect(company).toMatchObject({
      app: { robotCode: 'dingkey' },
      groups: [{ openConversationId: 'cid1', name: 'it-ops', robot: true }],
      cardTemplates: ['c.schema'],
      robots: [],
    });
  });

  test('has in both platforms nothing where workflows.yaml names none', () => {
    const workflows = workflowsWith(ONLY_LARK);
    const company = dingtalkOrganisation(workflows, settle(ONLY_LARK).dingtalk, DINGTALK_APP);
    expect(DingtalkOrganisationSchema.parse(company)).toMatchObject({ templates: [], robots: [], groups: [] });
  });
});
