import EcsClient from '@alicloud/pop-core';
import { z } from 'zod';
import type { DoorCall } from '../../local/faults.ts';
import { findStatement } from '../../local/ram/is-allowed.ts';
import { neededPermissions } from '../../local/ram/needed-permissions.ts';
import { functionPolicy, PLATFORM_ACTIONS } from '../../setup/roles/function-policies.ts';
import type { Policy } from '../../setup/roles/policy.ts';
import { NO_SECRETS } from '../../setup/secrets/secret-names.ts';
import type { FunctionName } from '../../shared/request/next-step.ts';
import { type Approval, COMPLETED, form, type Loop, startLoop } from './start-loop.ts';

jest.setTimeout(180_000);

const HOUR_MS = 3600_000;
const SPEED = 60;
const FUNCTIONS = ['ingest', 'dispatch', 'notify'] as const;

/** The whole loop: setup has made the roles, and the embedded cloud lets no function do more. */
let loop: Loop;
const policies = new Map<string, Policy>();
/** What each function has used, as `<action> by statement <n>`. */
const used = new Map<string, Set<string>>();
/** What was denied, as the cloud logs it. */
const refused: string[] = [];

beforeAll(async () => {
  // Its time begins five minutes before an hour: once an hour ingest compares its list with the platform's.
  const now = Date.now();
  const start = Math.ceil((now + HOUR_MS / 2) / HOUR_MS) * HOUR_MS - 5 * 60_000;
  loop = await startLoop({ speed: SPEED, clockOrigin: now - (start - now) / (SPEED - 1) });
  const { cloud } = loop;
  for (const name of FUNCTIONS) policies.set(cloud.names.function(name), policyOf(name));
  cloud.faults.use({ onCall: see, onDeed: () => undefined });
  cloud.activity.watch(({ message, fields }) => {
    if (message === 'access denied') refused.push(`${fields['role']}: ${fields['action']} on ${fields['resource']}`);
  }, 0);
});
afterAll(() => loop.close());

function policyOf(name: FunctionName): Policy {
  const { region, workflows, state, commandIds } = loop.cloud;
  const environment = { environmentName: 'dev', region, accountId: state.account_id };
  return functionPolicy(name, {
    ...environment,
    workflows,
    commandIds: Object.values(commandIds),
    secrets: NO_SECRETS,
  });
}

/** Only what was allowed comes here. */
async function see(call: DoorCall): Promise<undefined> {
  const caller = await call.caller();
  const policy = caller && policies.get(caller.functionName);
  if (!policy) return;
  const tagsOf = () => ({ 'approval-loop-environment': 'dev' });
  const around = { accountId: loop.cloud.state.account_id, region: loop.cloud.region, tagsOf };
  for (const permission of neededPermissions(call, around)) {
    const statement = findStatement(policy, permission);
    const seen = used.get(caller.functionName) ?? new Set();
    const which = statement ? policy.Statement.indexOf(statement) : 'none';
    used.set(caller.functionName, seen.add(`${permission.action} by statement ${which}`));
  }
}

/** The first one came with the start, before the policies were in force. */
function secondReconciliation(): Promise<void> {
  let count = 0;
  return new Promise((done) => {
    loop.cloud.activity.watch(({ message, fields }) => {
      if (message === 'reconciled' && fields['platform'] === 'dingtalk') count += 1;
      if (count === 2) done();
    }, 0);
  });
}

const created = z.object({ instanceId: z.string() });
const token = z.object({ accessToken: z.string() });

async function requestServer(owner: string): Promise<Approval> {
  const { endpoints, state, workflows } = loop.cloud;
  const post = async (path: string, body: object, headers = {}): Promise<unknown> => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
    return (await fetch(endpoints.dingtalk + path, { ...init, body: JSON.stringify(body) })).json();
  };
  const app = { appKey: state.dingtalk.app_key, appSecret: state.dingtalk.app_secret };
  const { accessToken } = token.parse(await post('/v1.0/oauth2/accessToken', app));
  const values = {
    'TextField-OWNER': owner,
    'DDSelectField-SERVER': '共享服务器',
    'DDSelectField-SIZE': '小（1 GB）',
    'TextareaField-EXPIRES': '2027-01-01',
  };
  const body = {
    processCode: workflows.workflows['resource-request']?.on.dingtalk?.process_code,
    originatorUserId: 'zhangsan',
    deptId: -1,
    formComponentValues: Object.entries(values).map(([id, value]) => ({ id, value })),
  };
  const path = '/v1.0/workflow/processInstances';
  const { instanceId } = created.parse(await post(path, body, { 'x-acs-dingtalk-access-token': accessToken }));
  return loop.find(instanceId);
}

async function leaveLease(requestId: string, effect: string): Promise<void> {
  const body = Buffer.from(JSON.stringify({ holder: 'gone', until: 0 }));
  await loop.work.put(`leases/${requestId}/${effect}/000001`, body);
}

/** Asked for in a group, and granted. */
async function askInGroup(employee: string): Promise<{ requestId: string }> {
  const { lark, workflows } = loop.cloud;
  const started = loop.logged('approval started', { chat: 'it-ops' });
  lark.sayToBot('zhangsan', workflows.chats['it-ops']?.lark?.chat_id ?? '', `onboard ${employee} devops`);
  const requestId = z.string().parse((await started).fields['request_id']);
  lark.decide(requestId.slice('lark.'.length), { userId: 'lisi', approved: true });
  return { requestId };
}

test('every kind of request goes its way under the policies: nothing that a function does is denied', async () => {
  const first = await loop.closed(await loop.approve(form('E701')));
  // A second one for the same person takes over the lock of the first, and the leases that a killed process left.
  const successor = await loop.submit(form('E701', 'analyst'));
  await Promise.all(['run', 'announce'].map((effect) => leaveLease(successor.requestId, effect)));
  await successor.decide();
  const second = await loop.closed(successor);
  const server = await requestServer('E702');
  await server.decide();
  const third = await loop.closed(server);
  const fourth = await loop.closed(await askInGroup('E704'));
  await secondReconciliation();
  expect(refused).toEqual([]);
  const all = [first, second, third, fourth].map(({ facts }) => facts);
  expect(all).toEqual([COMPLETED, COMPLETED, COMPLETED, COMPLETED]);
});

test.each(FUNCTIONS)('what %s may do is what it does: no permission is left unused', (name) => {
  const functionName = loop.cloud.names.function(name);
  const policy = policies.get(functionName);
  const allowed = (policy?.Statement ?? []).flatMap(({ Action }, index) =>
    Action.filter((action) => !PLATFORM_ACTIONS.includes(action)).map((action) => `${action} by statement ${index}`),
  );
  expect(allowed.length).toBeGreaterThan(5);
  expect([...(used.get(functionName) ?? [])].sort()).toEqual(allowed.sort());
});

test('an instance without the tag of the environment is one on which nothing runs, and the group reads why', async () => {
  const { state, region, endpoints } = loop.cloud;
  const keys = { accessKeyId: state.access_key_id, accessKeySecret: state.access_key_secret };
  const ecs = new EcsClient({ ...keys, endpoint: `http://${endpoints.ecs}`, apiVersion: '2014-05-26' });
  const instance = { RegionId: region, ResourceType: 'instance', 'ResourceId.1': state.instance_ids[0] };
  const tag = { 'Tag.1.Key': 'approval-loop-environment', 'Tag.1.Value': 'prod' };
  await ecs.request('TagResources', { ...instance, ...tag });
  const traces = await loop.closed(await loop.approve(form('E703')));
  expect(traces.facts).toEqual(['accepted', 'planned', 'refused', 'announced', 'closed']);
  expect({ refusal: traces.refusal, runs: traces.runs }).toEqual({ refusal: 'run_rejected', runs: [] });
  expect(new Set(refused)).toEqual(
    new Set([
      `approval-loop-dev-dispatch: ecs:InvokeCommand on acs:ecs:cn-hangzhou:1000000000000001:instance/${loop.cloud.state.instance_ids[0]}`,
    ]),
  );
});
