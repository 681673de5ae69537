import { randomBytes } from 'node:crypto';
import { callHttp } from '../../../shared/http/call.ts';
import type { PlatformName } from '../../../shared/ids.ts';
import { createDingtalkSource } from '../../../shared/platforms/dingtalk/create-source.ts';
import { createLarkSource } from '../../../shared/platforms/lark/create-source.ts';
import type { ApprovalSource } from '../../../shared/platforms/platform.ts';
import type { Variables } from '../../../shared/platforms/tools.ts';
import * as dingtalk from '../../local/dingtalk/start-dingtalk.ts';
import * as lark from '../../local/lark/start-lark.ts';

const READ_ONLY = {
  dingtalk: ['Workflow.Instance.Read'],
  lark: ['approval:approval:readonly', 'contact:user.employee_id:readonly'],
};

/** A company with an app that reads and one that starts approvals. */
interface Company {
  source(variables: Variables): ApprovalSource;
  variables: Variables;
  /** Of the app that starts approvals. */
  starter: Variables;
  close(): Promise<void>;
}

const clock = { now: () => lark.START, sleep: async () => undefined };
const tools = { http: callHttp, clock, randomBytes };

const COMPANIES: Record<PlatformName, (first: object) => Promise<Company>> = {
  async dingtalk(first) {
    const { organisation, app } = { organisation: dingtalk.ORGANISATION, app: dingtalk.ORGANISATION.app };
    const permissions = ['Workflow.Instance.Write', 'Workflow.Form.Read'];
    const running = await dingtalk.startDingtalk({
      organisation: {
        ...organisation,
        app: { ...app, permissions: READ_ONLY.dingtalk, ...first },
        otherApps: [{ appKey: 'dingstart', appSecret: 'start-secret', permissions }],
      },
    });
    return {
      close: running.close,
      source: (variables) => createDingtalkSource(variables, tools),
      variables: {
        DINGTALK_CORP_ID: organisation.corpId,
        DINGTALK_APP_KEY: app.appKey,
        DINGTALK_APP_SECRET: app.appSecret,
        DINGTALK_CALLBACK_TOKEN: 'token',
        DINGTALK_CALLBACK_AES_KEY: 'a'.repeat(43),
        DINGTALK_OAPI_ENDPOINT: running.origin,
        DINGTALK_API_ENDPOINT: running.origin,
      },
      starter: { DINGTALK_START_APP_KEY: 'dingstart', DINGTALK_START_APP_SECRET: 'start-secret' },
    };
  },
  async lark(first) {
    const { organisation, app } = { organisation: lark.ORGANISATION, app: lark.ORGANISATION.app };
    const running = await lark.startLark({
      organisation: {
        ...organisation,
        enforceScopes: true,
        app: { ...app, scopes: READ_ONLY.lark, ...first },
        otherApps: [{ app_id: 'cli_0123456789abcdef', app_secret: 'start-secret', scopes: ['approval:instance'] }],
      },
    });
    return {
      close: running.close,
      source: (variables) => createLarkSource(variables, tools),
      variables: {
        LARK_APP_ID: app.app_id,
        LARK_APP_SECRET: app.app_secret,
        LARK_VERIFICATION_TOKEN: 'token',
        LARK_ENDPOINT: running.origin,
      },
      starter: { LARK_START_APP_ID: 'cli_0123456789abcdef', LARK_START_APP_SECRET: 'start-secret' },
    };
  },
};

const APPROVALS = {
  dingtalk: { code: dingtalk.PROCESS_CODE, requester: 'u1' },
  lark: { code: lark.APPROVAL_CODE, requester: 'ou_1' },
};
const FIELDS = [{ field: 'emp_id', value: 'E123 中文 🙂' }];

let company: Company | undefined;
afterEach(async () => {
  await company?.close();
  company = undefined;
});

async function start(platform: PlatformName, { first = {}, second = true }: { first?: object; second?: boolean }) {
  company = await COMPANIES[platform](first);
  const source = company.source({ ...company.variables, ...(second ? company.starter : {}) });
  const instanceId = await source.desk.start({ ...APPROVALS[platform], fields: FIELDS, key: 'key-1' });
  return { source, instanceId };
}

describe.each(['dingtalk', 'lark'] as const)('approvals that %s starts for people', (platform) => {
  test('are started by the second app in the name of whoever asked, and read by the first', async () => {
    const { source, instanceId } = await start(platform, {});
    const { code } = APPROVALS[platform];
    const read = await source.readApproval({ instance_id: instanceId, code });
    expect(read).toMatchObject({
      kind: 'approval',
      approval: { state: 'pending', requester: { id: APPROVALS[platform].requester } },
    });
  });

  test('are started once under the same key, also where the first call was not heard of', async () => {
    const { source, instanceId } = await start(platform, {});
    const retry = { since: lark.START - 60_000, isTaken: async () => false };
    const again = { ...APPROVALS[platform], fields: FIELDS, key: 'key-1', retry };
    expect(await source.desk.start(again)).toBe(instanceId);
  });

  const denied = {
    dingtalk: 'dingtalk.Forbidden.AccessDenied.AccessTokenPermissionDenied',
    lark: 'lark.99991672',
  }[platform];
  test('are refused where there is no second app and the first may only read', async () => {
    await expect(start(platform, { second: false })).rejects.toMatchObject({ name: 'PermanentError', code: denied });
  });

  test('are started by the first app where it alone is set and may', async () => {
    const first = { dingtalk: { permissions: undefined }, lark: { scopes: ['approval:instance'] } }[platform];
    await expect(start(platform, { first, second: false })).resolves.toHaveProperty('instanceId');
  });

  test('need a whole app: half of one is refused at the start, by the names of both variables', async () => {
    company = await COMPANIES[platform]({});
    const { source, variables, starter } = company;
    const names = Object.keys(starter);
    for (const [set, missing] of [names, [...names].reverse()])
      for (const unset of ['', 'not-set'])
        expect(() => source({ ...variables, [`${set}`]: 'x', [`${missing}`]: unset })).toThrow(
          `the environment is wrong: ${set} is set and ${missing} is not; set both, or neither`,
        );
  });
});

test('Lark: where the first app sees no user ids, the second cannot be told who asks', async () => {
  await expect(start('lark', { first: { employeeIdScope: false } })).rejects.toMatchObject({
    name: 'PermanentError',
    code: 'lark.no_user_id',
  });
});

test('Lark: an open id of the first app is nobody to the second, with a code of its own', async () => {
  company = await COMPANIES.lark({});
  const { variables, starter, source } = company;
  const own = { ...variables, LARK_APP_ID: starter['LARK_START_APP_ID'], LARK_APP_SECRET: 'start-secret' };
  const approval = { ...APPROVALS.lark, fields: FIELDS, key: 'key-1' };
  await expect(source(own).desk.start(approval)).rejects.toMatchObject({ code: 'lark.99992361' });
});
