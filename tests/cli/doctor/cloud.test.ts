import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zip } from '../../../local/function-compute/zip.ts';
import { ROOT } from '../command-line.ts';
import { type OpsCloud, openOpsCloud } from '../ops-cloud.ts';
import { type Break, eventBridge, fc, openWard, problemsAfter, problemsOf, type Ward } from './ward.ts';

jest.setTimeout(180_000);

let ops: OpsCloud;
let ward: Ward;
let instance: string;
beforeAll(async () => {
  ops = await openOpsCloud();
  ward = openWard(ops);
  [instance = ''] = ops.local.description.instances;
});
afterAll(() => ops.close());

const RECORDS = 'approval-loop-dev-records-1000000000000001';
const WORK = 'approval-loop-dev-work-1000000000000001';
const everything = JSON.stringify({ Version: '1', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] });
const setup = () => ops.loop('setup', '--env', 'dev');

const updateFunction = (name: string, input: object) =>
  ward.fc.updateFunction(
    `approval-loop-dev-${name}`,
    new fc.UpdateFunctionRequest({ body: new fc.UpdateFunctionInput(input) }),
  );

/** Changes a trigger of a function; gives back what undoes it. */
async function changeTrigger(name: string, type: string, change: object) {
  const functionName = `approval-loop-dev-${name}`;
  const { body } = await ward.fc.listTriggers(functionName, new fc.ListTriggersRequest({}));
  const found = body?.triggers?.find(({ triggerType }) => triggerType === type);
  const before = found?.triggerConfig ?? '';
  const set = (triggerConfig: string) =>
    ward.fc.updateTrigger(
      functionName,
      found?.triggerName ?? '',
      new fc.UpdateTriggerRequest({ body: new fc.UpdateTriggerInput({ triggerConfig }) }),
    );
  await set(JSON.stringify({ ...JSON.parse(before), ...change }));
  return () => set(before);
}

test('an intact environment has nothing to mend', async () => {
  const { code, stdout, stderr } = await ops.loop('doctor', '--json');
  expect({ code, stderr, problems: problemsOf(stdout) }).toEqual({ code: 0, stderr: '', problems: [] });
});

test('people read one line for each check, and at the end that there is nothing to mend', async () => {
  const { code, stdout } = await ops.loop('doctor');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^dev in cn-hangzhou, account 1000000000000001\n✓ credentials: every service takes the key\n/);
  expect(stdout).toMatch(/\n✓ probe: an event on the bus reaches dispatch and notify, and they answer\n/);
  expect(stdout).not.toMatch(/^[!✗]/m);
});

const CASES: [string, Break, string[]][] = [
  [
    'a rule that is switched off',
    async ({ bus }) => {
      const rule = { eventBusName: 'default', ruleName: 'approval-loop-dev-completed' };
      await bus.disableRule(new eventBridge.DisableRuleRequest(rule));
      return setup;
    },
    ['error rule approval-loop-dev-completed: is not as setup makes it: it was switched off'],
  ],
  [
    'a rule without its target, which the probe finds too',
    async ({ bus }) => {
      const rule = { eventBusName: 'approval-loop-dev', ruleName: 'approval-loop-dev-request' };
      await bus.deleteTargets(new eventBridge.DeleteTargetsRequest({ ...rule, targetIds: ['dispatch'] }));
      return setup;
    },
    [
      'error target approval-loop-dev-request → dispatch: is missing',
      'error probe to dispatch: no answer within 15 s; its requests wait for the sweep of each minute',
    ],
  ],
  [
    'a bus that loses events, which only the probe finds',
    async () => {
      ops.local.cloud.faults.add({ service: 'event-bridge', operation: 'deliver', times: 2, fault: { kind: 'drop' } });
      return undefined;
    },
    [
      'error probe to dispatch: no answer within 15 s; its requests wait for the sweep of each minute',
      'error probe to notify: no answer within 15 s; its requests wait for the sweep of each minute',
    ],
  ],
  [
    'a bucket that everybody reads',
    async ({ oss }) => {
      await oss(RECORDS).putBucketACL(RECORDS, 'public-read');
      return setup;
    },
    [`error bucket ${RECORDS}: is not as setup makes it: it was public-read and is private`],
  ],
  [
    'a policy that allows everything',
    async ({ ram }) => {
      await ram('CreatePolicyVersion', {
        PolicyName: 'approval-loop-dev-notify',
        PolicyDocument: everything,
        SetAsDefault: 'true',
      });
      return setup;
    },
    ['error policy approval-loop-dev-notify: is not as setup makes it: what it allows'],
  ],
  [
    'a role without its policy',
    async ({ ram }) => {
      const names = { RoleName: 'approval-loop-dev-ingest', PolicyName: 'approval-loop-dev-ingest' };
      await ram('DetachPolicyFromRole', { ...names, PolicyType: 'Custom' });
      return setup;
    },
    ['error attachment approval-loop-dev-ingest: is missing'],
  ],
  [
    'a role with a policy of somebody else',
    async ({ ram }) => {
      const attached = {
        RoleName: 'approval-loop-dev-notify',
        PolicyName: 'AliyunECSFullAccess',
        PolicyType: 'System',
      };
      await ram('AttachPolicyToRole', attached);
      return () => ram('DetachPolicyFromRole', attached);
    },
    ['warning attachment approval-loop-dev-notify with AliyunECSFullAccess: is attached to the role of a function'],
  ],
  [
    'an instance without the tag of the environment',
    async ({ ecs }) => {
      const resources = { ResourceType: 'instance', 'ResourceId.1': instance };
      await ecs('UntagResources', { ...resources, 'TagKey.1': 'approval-loop-environment' });
      const tag = { 'Tag.1.Key': 'approval-loop-environment', 'Tag.1.Value': 'dev' };
      return () => ecs('TagResources', { ...resources, ...tag });
    },
    [
      'error instance <instance>: it carries no tag approval-loop-environment, so nothing may run on it; tag it with approval-loop-environment=dev',
    ],
  ],
  [
    'a command that is gone, and with it from what dispatch may do',
    async ({ ecs }) => {
      await ecs('DeleteCommand', { CommandId: ops.local.description.commands['onboarding'] });
      return setup;
    },
    [
      'error policy approval-loop-dev-dispatch: is not as setup makes it: what it allows',
      expect.stringMatching(/^error command approval-loop-dev-onboarding-[0-9a-f]{12}: is missing$/),
    ],
  ],
  [
    'an alert that is switched off, one that is muted, and one that is gone',
    async ({ sls }) => {
      const [off, muted, gone] = ['run-differs', 'stop-failed', 'quota-scarce'].map(
        (name) => `approval-loop-dev-${name}`,
      );
      await sls.client.disableAlert(sls.project, `${off}`);
      await sls.client.deleteAlert(sls.project, `${gone}`);
      await sls.mute(muted, 4_000_000_000);
      return async () => {
        await sls.mute(muted, 0);
        return setup();
      };
    },
    [
      'error alert approval-loop-dev-quota-scarce: is missing',
      'error alert approval-loop-dev-run-differs: is not as setup makes it: it was switched off',
      'warning alert approval-loop-dev-stop-failed: somebody has muted it until 2096-10-02T07:06:40.000Z',
    ],
  ],
  [
    'an agent that does not answer',
    async () => {
      ops.local.cloud.setAgentOnline(instance, false);
      return async () => ops.local.cloud.setAgentOnline(instance, true);
    },
    ['error agent of <instance>: does not answer, so nothing runs there'],
  ],
  [
    'a script that somebody has changed',
    async () => {
      await ops.onInstance("echo '# 改过了 🙂' >> /opt/provision.sh");
      return setup;
    },
    [
      expect.stringMatching(
        /^error \/opt\/provision\.sh on <instance>: is another text than scripts\/provision\.sh \(sha256 [0-9a-f]{12}\), so that every run there fails$/,
      ),
    ],
  ],
  [
    'a script that is gone',
    async () => {
      await ops.onInstance('rm /opt/provision.sh');
      return setup;
    },
    ['error /opt/provision.sh on <instance>: is missing, so that every run there fails'],
  ],
  [
    'a function without a variable, which does not start and so answers no platform either',
    ({ setVariables }) => setVariables('ingest', { DINGTALK_CORP_ID: '', LARK_VERIFICATION_TOKEN: '' }),
    [
      expect.stringMatching(/^error variables of ingest: it does not start: .*DINGTALK_CORP_ID is not set/),
      expect.stringMatching(/^error callback of dingtalk: HTTP status 5\d\d instead of 200$/),
      expect.stringMatching(/^error callback of lark: HTTP status 5\d\d instead of 200$/),
    ],
  ],
  [
    'a function without the credentials of the app that its chats want',
    ({ setVariables }) => setVariables('notify', { LARK_APP_SECRET: '' }),
    ['error variables of notify: without LARK_APP_SECRET it leaves out chats.it-ops.lark.chat_id'],
  ],
  [
    'a function whose token is another than this shell’s',
    ({ setVariables }) => setVariables('ingest', { DINGTALK_CALLBACK_TOKEN: 'AnotherToken' }),
    ['warning variables of ingest: DINGTALK_CALLBACK_TOKEN is another than in this shell'],
  ],
  [
    'a function that refers to a secret nobody has put into KMS',
    ({ setVariables }) =>
      setVariables('ingest', { DINGTALK_CARD_SECRET: 'kms:approval-loop-dev/DINGTALK_CARD_SECRET' }),
    [
      'error secret approval-loop-dev/DINGTALK_CARD_SECRET: KMS in cn-hangzhou has none of this name; create it there',
      expect.stringMatching(/^error callback of dingtalk: HTTP status 5\d\d instead of 200$/),
      expect.stringMatching(/^error callback of lark: HTTP status 5\d\d instead of 200$/),
    ],
  ],
  [
    'a function of another environment',
    ({ setVariables }) => setVariables('ingest', { LOOP_ENVIRONMENT: 'prod' }),
    [
      'error variables of ingest: LOOP_ENVIRONMENT is "prod", so it does not start',
      'warning variables of ingest: LOOP_ENVIRONMENT is another than in this shell',
      'error callback of dingtalk: HTTP status 502 instead of 200',
      'error callback of lark: HTTP status 502 instead of 200',
    ],
  ],
  [
    'a function with the role of another',
    async () => {
      const roleOf = (name: string) => `acs:ram::1000000000000001:role/approval-loop-dev-${name}`;
      await updateFunction('ingest', { role: roleOf('notify') });
      return () => updateFunction('ingest', { role: roleOf('ingest') });
    },
    [
      'error role of ingest: has the role acs:ram::1000000000000001:role/approval-loop-dev-notify instead of acs:ram::1000000000000001:role/approval-loop-dev-ingest',
    ],
  ],
  [
    'a function whose lines go where no alert looks',
    async () => {
      const to = (project: string, logstore: string) =>
        updateFunction('notify', { logConfig: new fc.LogConfig({ project, logstore }) });
      await to('somewhere-else', 'lines');
      return () => to('serverless-cn-hangzhou-86799978-147b-5125-b29e-26ff24ae23b1', 'default-logs');
    },
    [
      'warning log of notify: is somewhere-else/lines instead of serverless-cn-hangzhou-86799978-147b-5125-b29e-26ff24ae23b1/default-logs, where its role may write and alerts look',
    ],
  ],
  [
    'a timer that is switched off',
    () => changeTrigger('dispatch', 'timer', { enable: false }),
    [expect.stringMatching(/^error sweep of dispatch: its timer \w+ is switched off$/)],
  ],
  [
    'an address that wants a signature',
    () => changeTrigger('ingest', 'http', { authType: 'function' }),
    [
      'error callback address: its trigger asks for a signature of Alibaba Cloud, which no platform sends',
      expect.stringMatching(/^error callback of dingtalk: HTTP status 4\d\d instead of 200$/),
      expect.stringMatching(/^error callback of lark: HTTP status 4\d\d instead of 200$/),
    ],
  ],
  [
    'an address that fails',
    async () => {
      const fault = { kind: 'error', status: 500, code: 'InternalServerError' } as const;
      const operation = 'invoke:approval-loop-dev-ingest';
      ops.local.cloud.faults.add({ service: 'fc', operation, times: 6, fault });
      return undefined;
    },
    [
      'error callback of dingtalk: HTTP status 500 instead of 200',
      'error callback of lark: HTTP status 500 instead of 200',
    ],
  ],
  [
    'code that is none of this build',
    async () => {
      const built = await readFile(join(ROOT, 'dist', 'environments', 'dev', 'ingest', 'index.js'));
      const secrets = {
        name: 'secrets.js',
        bytes: await readFile(join(ROOT, 'dist', 'environments', 'dev', 'ingest', 'secrets.js')),
      };
      const pack = (bytes: Buffer) => ({
        code: new fc.InputCodeLocation({ zipFile: zip([{ name: 'index.js', bytes }, secrets]).toString('base64') }),
      });
      await updateFunction('ingest', pack(Buffer.concat([built, Buffer.from('\n// 热修 🙂\n')])));
      return () => updateFunction('ingest', pack(built));
    },
    ['warning code of ingest: differs from dist/environments/dev/ingest of this folder in index.js'],
  ],
  [
    'a sweep that has stopped half an hour ago',
    async ({ oss }) => {
      const slot = Math.floor(Date.now() / 600_000) - 3;
      const { objects } = await oss(WORK).listV2({ prefix: 'sweeps/notify/' });
      for (const { name } of objects ?? []) await oss(WORK).delete(name);
      await oss(WORK).put(`sweeps/notify/${slot}`, Buffer.from('{}'));
      return () => oss(WORK).delete(`sweeps/notify/${slot}`);
    },
    [expect.stringMatching(/^error sweep of notify: came to its end [34]\d min ago for the last time$/)],
  ],
  [
    'a quota of which 82 % are used',
    async ({ oss }) => {
      const key = `usage/dingtalk/api/${new Date().toISOString().slice(0, 7)}/test-4100`;
      await oss(WORK).put(key, Buffer.from('{}'));
      return () => oss(WORK).delete(key);
    },
    [expect.stringMatching(/^warning quota of dingtalk: 41\d\d of 5000 calls of the API are used this month$/)],
  ],
  [
    'a quota that is used up',
    async ({ oss }) => {
      const key = `usage/dingtalk/webhook/${new Date().toISOString().slice(0, 7)}/test-3000`;
      await oss(WORK).put(key, Buffer.from('{}'));
      return () => oss(WORK).delete(key);
    },
    [expect.stringMatching(/^error quota of dingtalk: 30\d\d of 3000 messages by webhook are used this month$/)],
  ],
];

test.each(CASES)('finds %s', async (_what, breakIt, expected) => {
  const found = (await problemsAfter(ward, breakIt)).map((line) => line.replaceAll(instance, '<instance>'));
  expect(found).toEqual(expected);
});

test('a rule of somebody else on the bus is named and is no problem', async () => {
  const rule = { eventBusName: 'approval-loop-dev', ruleName: 'audit' };
  const filterPattern = JSON.stringify({ source: ['dingtalk.approval'] });
  await ward.bus.createRule(
    new eventBridge.CreateRuleRequest({ ...rule, filterPattern, status: 'ENABLE', targets: [] }),
  );
  const { code, stdout } = await ops.loop('doctor');
  await ward.bus.deleteRule(new eventBridge.DeleteRuleRequest(rule));
  expect(code).toBe(0);
  expect(stdout).toMatch(/^· rule audit: was not made by setup and is left alone$/m);
});

test('after all that was broken has been mended there is nothing to mend', async () => {
  expect(problemsOf((await ops.loop('doctor', '--json')).stdout)).toEqual([]);
});

test('finds a bucket with versioning, and says that it cannot be undone', async () => {
  const found = await problemsAfter(ward, async ({ oss }) => {
    await oss(RECORDS).putBucketVersioning(RECORDS, 'Enabled');
    return undefined;
  });
  expect(found).toEqual([
    `error bucket ${RECORDS}: its versioning is "Enabled", which cannot be undone and makes OSS overwrite records silently`,
  ]);
});
