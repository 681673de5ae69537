import { Client } from '@larksuiteoapi/node-sdk';
import { z } from 'zod';
import { QUIET } from '../../local/lark/start-lark.ts';
import { type Account, openAccount, runIn } from './start-accounts.ts';

jest.setTimeout(120_000);

let account: Account;
let env: Record<string, string>;
let client: Client;
beforeAll(async () => {
  account = await openAccount();
  const { lark, endpoints } = account.ops.local.description;
  env = {
    ...account.env,
    LARK_APP_ID: lark.app_id,
    LARK_APP_SECRET: lark.app_secret,
    LARK_ENDPOINT: endpoints.lark,
    LARK_ONBOARDING_APPROVAL_CODE: 'APPROVAL-ONBOARDING',
    LARK_RESOURCE_APPROVAL_CODE: 'APPROVAL-RESOURCE-REQUEST',
  };
  const app = { appId: lark.app_id, appSecret: lark.app_secret, domain: endpoints.lark };
  client = new Client({ ...app, logger: QUIET });
});
afterAll(() => account.close());

const changesSchema = z.object({
  changes: z.array(z.object({ kind: z.string(), name: z.string(), did: z.string(), detail: z.string().optional() })),
});

/** What setup says of the subscriptions, for a shell that has these variables too. */
async function subscriptions(more: Record<string, string> = {}, ...args: string[]) {
  const { code, stdout } = await runIn({ ...env, ...more }, ['setup', '--env', 'staging', '--json', ...args]);
  expect(code).toBe(0);
  const { changes } = changesSchema.parse(JSON.parse(stdout));
  return changes.filter(({ kind }) => kind === 'subscription').map(({ kind: _, ...change }) => change);
}
const unsubscribe = (approval_code: string) => client.approval.approval.unsubscribe({ path: { approval_code } });

test('the embedded cloud is subscribed by setup at its start, and by nothing else', () => {
  const made = account.ops.local.cloud.changes.filter(({ kind }) => kind === 'subscription');
  expect(made).toEqual([
    { kind: 'subscription', name: 'APPROVAL-ONBOARDING', did: 'created' },
    { kind: 'subscription', name: 'APPROVAL-RESOURCE-REQUEST', did: 'created' },
  ]);
});

test('what is missing is subscribed to, and what is there stays as it is', async () => {
  await unsubscribe('APPROVAL-ONBOARDING');
  expect(await subscriptions()).toEqual([
    { name: 'APPROVAL-ONBOARDING', did: 'created' },
    { name: 'APPROVAL-RESOURCE-REQUEST', did: 'unchanged' },
  ]);
  expect((await subscriptions()).map(({ did }) => did)).toEqual(['unchanged', 'unchanged']);
});

test('--dry-run subscribes to nothing and says that only the call itself would tell', async () => {
  await unsubscribe('APPROVAL-ONBOARDING');
  const detail = 'Lark tells only by doing it whether it has been done before';
  expect(await subscriptions({}, '--dry-run')).toEqual([
    { name: 'APPROVAL-ONBOARDING', did: 'sent', detail },
    { name: 'APPROVAL-RESOURCE-REQUEST', did: 'sent', detail },
  ]);
  expect((await subscriptions()).map(({ did }) => did)).toEqual(['created', 'unchanged']);
});

test('a code that Lark does not know is named, and the others are subscribed to', async () => {
  expect(await subscriptions({ LARK_ONBOARDING_APPROVAL_CODE: 'NO-SUCH-CODE' })).toEqual([
    {
      name: 'NO-SUCH-CODE',
      did: 'skipped',
      detail: 'Lark has no definition of this code; correct it and deploy again',
    },
    { name: 'APPROVAL-RESOURCE-REQUEST', did: 'unchanged' },
  ]);
});

test('without the scope it says which one, and everything else is made', async () => {
  const fault = { kind: 'error', status: 400, code: '99991672' } as const;
  account.ops.local.cloud.faults.add({ service: 'lark', operation: 'approvals/subscribe', times: 1, fault });
  expect(await subscriptions()).toEqual([
    {
      name: 'APPROVAL-ONBOARDING',
      did: 'skipped',
      detail: 'if it has not been made before, grant the app approval:definition, release a version, run setup again',
    },
    { name: 'APPROVAL-RESOURCE-REQUEST', did: 'unchanged' },
  ]);
});

test('a wrong secret is named by its code, and everything else is made', async () => {
  expect(await subscriptions({ LARK_APP_SECRET: 'wrong' })).toMatchObject([
    { did: 'skipped', detail: expect.stringMatching(/^Lark refused the call: code 10015 .*run setup again/) },
    { did: 'skipped' },
  ]);
});

test('without credentials of Lark there is nothing to subscribe to; half of the variables are named', async () => {
  expect(await subscriptions({ LARK_APP_SECRET: '' })).toEqual([]);
  const { code, stderr } = await runIn({ ...env, LARK_RESOURCE_APPROVAL_CODE: '' }, ['setup', '--env', 'staging']);
  expect(code).not.toBe(0);
  expect(stderr).toContain('LARK_RESOURCE_APPROVAL_CODE, which is not set');
});
