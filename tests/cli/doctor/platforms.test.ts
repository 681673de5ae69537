import { Client } from '@larksuiteoapi/node-sdk';
import { startAppVariables } from '../../../local/cloud/start-apps.ts';
import { QUIET } from '../../local/lark/start-lark.ts';
import { type OpsCloud, openOpsCloud } from '../ops-cloud.ts';
import { type Break, linesOf, openWard, problemsAfter, type Ward } from './ward.ts';

jest.setTimeout(180_000);

let ops: OpsCloud;
let ward: Ward;
let lark: Client;
beforeAll(async () => {
  ops = await openOpsCloud();
  ward = openWard(ops);
  const { lark: app, endpoints } = ops.local.description;
  const keys = { appId: app.app_id, appSecret: app.app_secret, domain: endpoints.lark };
  lark = new Client({ ...keys, logger: QUIET });
});
afterAll(() => ops.close());

const SCOPES = [
  'approval:approval:readonly',
  'approval:approval.list:readonly',
  'im:message:send_as_bot',
  'im:chat:read',
  'contact:contact.base:readonly',
  'contact:user.base:readonly',
  'im:message.group_at_msg:readonly',
  'approval:instance',
];

/** Grants the app of Lark these and no others. */
const granting =
  (...scopes: string[]): Break =>
  async () => {
    ops.local.cloud.lark.setScopes(scopes);
    return async () => ops.local.cloud.lark.setScopes(SCOPES);
  };
const without = (...names: string[]) => granting(...SCOPES.filter((scope) => !names.includes(scope)));

/** The next calls of this operation get this answer. */
const answering =
  (service: 'dingtalk' | 'lark', operation: string, status: number, body: object, times = 1): Break =>
  async () => {
    const fault = { kind: 'answer', status, body: JSON.stringify(body), contentType: 'application/json' } as const;
    ops.local.cloud.faults.add({ service, operation, times, fault });
    return undefined;
  };
const DENIED = { code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied', message: '没有调用该接口的权限' };
const items = [{ componentName: 'TextField', props: { id: 'TextField-EMPID', label: '工号 🙂' } }];

/** Has ingest start approvals by a second app, which this shell does not know. */
const withStartApps =
  (variables: Record<string, string> = {}): Break =>
  ({ setVariables }) =>
    setVariables('ingest', { ...startAppVariables(ops.local.cloud.state), ...variables });
/** One after the other; undone from the end. */
const both =
  (...breaks: Break[]): Break =>
  async (patient) => {
    const undos: Awaited<ReturnType<Break>>[] = [];
    for (const breakIt of breaks) undos.unshift(await breakIt(patient));
    return async () => {
      for (const undo of undos) await undo?.();
    };
  };

const differs = (name: string, ...functions: string[]) =>
  functions.map((each) => `warning variables of ${each}: ${name} is another than in this shell`);

const CASES: [string, Break, unknown[]][] = [
  [
    'credentials that DingTalk refuses',
    answering('dingtalk', 'accessToken', 400, { code: 'invalidClientIdOrSecret', message: '无效的clientId' }, 20),
    ['error app of dingtalk: its credentials are refused: dingtalk.invalidClientIdOrSecret'],
  ],
  [
    'a permission that is missing in DingTalk',
    answering('dingtalk', 'instanceIds/query', 403, DENIED),
    ['error permissions of dingtalk: Workflow.Instance.Read is missing'],
  ],
  [
    'the permission for names that is missing in DingTalk',
    answering('dingtalk', 'user/get', 200, { errcode: 60011, errmsg: '没有调用该接口的权限' }),
    ['warning permissions of dingtalk: qyapi_get_member is missing: messages show ids instead of names'],
  ],
  [
    'a process code that no template has',
    ({ setVariables }) => setVariables('ingest', { DINGTALK_ONBOARDING_PROCESS_CODE: 'PROC-OLD' }),
    [
      ...differs('DINGTALK_ONBOARDING_PROCESS_CODE', 'ingest'),
      'error template of onboarding in dingtalk: is not to be read: dingtalk.formNotExist',
    ],
  ],
  [
    'a form without a component that workflows.yaml maps',
    answering('dingtalk', 'schemas/get', 200, { result: { schemaContent: { items } } }),
    ['error template of onboarding in dingtalk: its form has no DDSelectField-ROLE'],
  ],
  [
    'a robot whose secret is another',
    ({ setVariables }) => setVariables('notify', { DINGTALK_ROBOT_SECRET: 'SECanother' }),
    [...differs('DINGTALK_ROBOT_SECRET', 'notify'), 'error chat it-ops in dingtalk: its robot refuses the signature'],
  ],
  [
    'a robot that is not there',
    ({ setVariables }) => setVariables('notify', { DINGTALK_ROBOT_ACCESS_TOKEN: 'gone' }),
    [...differs('DINGTALK_ROBOT_ACCESS_TOKEN', 'notify'), 'error chat it-ops in dingtalk: there is no such robot'],
  ],
  [
    'a robot whose group is dissolved',
    answering('dingtalk', 'robot/send', 200, { errcode: 400013, errmsg: '群已被解散' }),
    ['error chat it-ops in dingtalk: the group is dissolved'],
  ],
  [
    'credentials that Lark refuses',
    answering('lark', 'tenant_access_token/internal', 200, { code: 10014, msg: 'app secret invalid' }, 2),
    [
      'error app of lark: its credentials are refused: lark.10014',
      'warning chat it-ops in lark: cannot be looked up: lark.10014',
    ],
  ],
  [
    'scopes that are missing in Lark, by their names',
    without('approval:approval.list:readonly', 'im:message:send_as_bot', 'contact:user.base:readonly'),
    [
      'error scopes of lark: approval:approval.list:readonly is missing',
      'error scopes of lark: im:message:send_as_bot is missing',
      'warning scopes of lark: contact:user.base:readonly is missing: messages show ids instead of names',
    ],
  ],
  [
    'scopes in Lark that the loop does not need, by their names',
    granting(...SCOPES, 'approval:task', 'approval:definition'),
    [
      'warning scopes of lark: approval:task is granted, which the loop does not need',
      'warning scopes of lark: approval:definition is granted, which the loop does not need',
    ],
  ],
  [
    'scopes that questions in a group need and Lark’s app has not, by their names',
    without('im:message.group_at_msg:readonly', 'approval:instance'),
    [
      'error scopes of lark: im:message.group_at_msg:readonly is missing',
      'error scopes of lark: approval:instance is missing',
    ],
  ],
  [
    'first apps that may write although others start approvals, and that do not see user ids',
    withStartApps(),
    [
      'warning permissions of dingtalk: Workflow.Instance.Write is granted, although another app starts approvals',
      'error scopes of lark: contact:user.employee_id:readonly is missing',
      'warning scopes of lark: approval:instance is granted, although another app starts approvals',
    ],
  ],
  [
    'a second app that DingTalk refuses',
    both(
      granting(...SCOPES.filter((name) => name !== 'approval:instance'), 'contact:user.employee_id:readonly'),
      withStartApps({ DINGTALK_START_APP_SECRET: 'another' }),
    ),
    [
      'warning permissions of dingtalk: Workflow.Instance.Write is granted, although another app starts approvals',
      'error start app of dingtalk: its credentials are refused: dingtalk.invalidClientIdOrSecret',
    ],
  ],
  [
    'a second app that Lark refuses, and half of one for DingTalk',
    both(
      granting(...SCOPES.filter((name) => name !== 'approval:instance'), 'contact:user.employee_id:readonly'),
      withStartApps({ LARK_START_APP_SECRET: 'another', DINGTALK_START_APP_SECRET: 'not-set' }),
    ),
    [
      expect.stringMatching(
        /^error variables of ingest: .*DINGTALK_START_APP_KEY is set and DINGTALK_START_APP_SECRET is not; set both, or neither$/,
      ),
      'error callback of dingtalk: HTTP status 502 instead of 200',
      'error callback of lark: HTTP status 502 instead of 200',
      'error start app of lark: its credentials are refused: lark.10015',
    ],
  ],
  [
    'a definition that the app is not subscribed to',
    async () => {
      await lark.approval.approval.unsubscribe({ path: { approval_code: 'APPROVAL-ONBOARDING' } });
      return undefined;
    },
    ['warning definition of onboarding in lark: the app was not subscribed to it, so that no event came'],
  ],
  [
    'an approval code that no definition has',
    ({ setVariables }) => setVariables('ingest', { LARK_ONBOARDING_APPROVAL_CODE: 'OLD' }),
    [
      ...differs('LARK_ONBOARDING_APPROVAL_CODE', 'ingest'),
      'error definition of onboarding in lark: is not to be read: lark.1390002',
    ],
  ],
  [
    'a form without a widget that workflows.yaml maps',
    answering('lark', 'approvals/get', 200, {
      code: 0,
      msg: 'success',
      data: { form: JSON.stringify([{ id: 'widget_1', custom_id: 'emp_id', name: '工号 🙂' }]) },
    }),
    ['error definition of onboarding in lark: its form has no role'],
  ],
  [
    'a group that the app’s bot is not in',
    ({ setVariables }) => setVariables('notify', { LARK_IT_OPS_CHAT_ID: 'oc_another' }),
    [...differs('LARK_IT_OPS_CHAT_ID', 'notify'), 'error chat it-ops in lark: the app’s bot is not in the group'],
  ],
];

test.each(CASES)('finds %s', async (_what, breakIt, expected) => {
  expect(await problemsAfter(ward, breakIt)).toEqual(expected);
});

test('no value of a variable is shown, whatever is wrong', async () => {
  const undo = await ward.setVariables('notify', { DINGTALK_ROBOT_SECRET: 'SECanother', LOG_LEVEL: 'loud-value' });
  const { stdout, stderr } = await ops.loop('doctor');
  await undo();
  expect(stdout).toContain('LOG_LEVEL must be debug, info, warn, error');
  for (const secret of ['SECanother', 'loud-value', ...Object.values(ops.local.cloud.state.secrets)])
    expect(stdout + stderr).not.toContain(secret);
  const { dingtalk, lark: app, access_key_secret } = ops.local.description;
  for (const secret of [
    dingtalk.app_secret,
    dingtalk.callback_token,
    app.app_secret,
    app.encrypt_key,
    access_key_secret,
  ])
    expect(stdout + stderr).not.toContain(secret);
});

test('no message has gone to any group, and what only a message could tell is said', async () => {
  const { stdout } = await ops.loop('doctor', '--json');
  expect(ops.local.cloud.dingtalk.messages()).toEqual([]);
  expect(ops.local.cloud.lark.messages()).toEqual([]);
  await answering('lark', 'chats/list', 400, { code: 99991672, msg: 'Access denied' })(ward);
  const without = (await ops.loop('doctor', '--json')).stdout;
  expect(linesOf(without, 'note')).toContain(
    'chat it-ops in lark: whether the bot is in the group only the scope im:chat:read could tell, which is not granted',
  );
  expect(linesOf(stdout, 'ok')).toContain('chats: the robots take our signature, and the app’s bot is in its groups');
});

test('a permission of DingTalk that the loop does not need is named where it is granted, and not where it is not', async () => {
  const seen = async () => linesOf((await ops.loop('doctor', '--json')).stdout, 'note');
  const granted =
    'permissions of dingtalk: Workflow.Instance.Write is granted and not needed: its holder could agree in the name of an approver';
  expect(await seen()).toContain(granted);
  await answering('dingtalk', 'processInstances/comment', 403, DENIED)(ward);
  await answering('dingtalk', 'schemas/get', 403, DENIED, 2)(ward);
  const notes = await seen();
  expect(notes).not.toContain(granted);
  expect(notes).toContain(
    'template of onboarding in dingtalk: its form cannot be compared: Workflow.Form.Read is not granted, as it should be in operation',
  );
});
