import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { killAll, ROOT, type Running, run, start } from '../cli/command-line.ts';
import { agreed, LARK_APP, type Platforms, STREAM_APP, startPlatforms } from './platforms.ts';
import { until } from './step-clock.ts';

const PROGRAM = join(ROOT, 'dist/connector/index.js');
const program: [string, string] = [process.execPath, PROGRAM];

/** The variables of a connector whose platforms and object storage are all at this address. */
const variablesFor = (origin: string): Record<string, string> => ({
  LOOP_ENVIRONMENT: 'dev',
  ALIBABA_CLOUD_ACCESS_KEY_ID: 'key-id',
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'key-secret',
  ALIBABA_CLOUD_REGION_ID: 'cn-hangzhou',
  ALIBABA_CLOUD_ACCOUNT_ID: '1234567890123456',
  OSS_ENDPOINT: origin,
  EVENT_BRIDGE_ENDPOINT: origin,
  CONNECTOR_PORT: '0',
  DINGTALK_CORP_ID: 'dingcorp',
  DINGTALK_APP_KEY: STREAM_APP.appKey,
  DINGTALK_APP_SECRET: STREAM_APP.appSecret,
  DINGTALK_API_ENDPOINT: origin,
  DINGTALK_ONBOARDING_PROCESS_CODE: 'PROC-1',
  DINGTALK_RESOURCE_PROCESS_CODE: 'PROC-2',
  LARK_APP_ID: LARK_APP.app_id,
  LARK_APP_SECRET: LARK_APP.app_secret,
  LARK_ENDPOINT: origin,
  LARK_ONBOARDING_APPROVAL_CODE: 'LARK-1',
  LARK_IT_OPS_CHAT_ID: 'oc_1',
  LARK_RESOURCE_APPROVAL_CODE: 'LARK-2',
});

let platforms: Platforms;
/** What the object storage does with a call. */
let store: () => Promise<{ status: number; body: string }>;

beforeAll(() => expect(existsSync(PROGRAM)).toBe(true));
beforeEach(async () => {
  store = async () => ({ status: 503, body: '' });
  const isGateway = (path: string) => path.startsWith('/v1.0/gateway/') || path.startsWith('/callback/');
  platforms = await startPlatforms({
    meet: async ({ rawPath }) => (isGateway(rawPath) ? undefined : store()),
  });
});
afterEach(async () => {
  await killAll();
  await platforms.close();
});

async function startProcess(): Promise<{ running: Running; health: () => Promise<{ status: number; text: string }> }> {
  const running = start([], { program, env: variablesFor(platforms.origin) });
  const printed = await running.printed(/"connector started".*\n/);
  const port = /"port":(\d+)/.exec(printed)?.[1];
  const health = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
    return { status: answer.status, text: await answer.text() };
  };
  await until(async () => (await health()).status === 200);
  return { running, health };
}

test('holds both platforms, says so, and ends with 0 when it is told to', async () => {
  const { running, health } = await startProcess();
  expect(JSON.parse((await health()).text)).toMatchObject({
    healthy: true,
    connections: [
      { platform: 'dingtalk', connected: true },
      { platform: 'lark', connected: true },
    ],
  });
  running.signal('SIGTERM');
  const { code, stdout, stderr } = await running.ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => 'object'));
  for (const secret of [STREAM_APP.appSecret, LARK_APP.app_secret, 'key-secret', 'ticket='])
    expect(stdout).not.toContain(secret);
});

test('puts an event off while the object storage is down, and is unharmed', async () => {
  const { running, health } = await startProcess();
  const ended = platforms.stream.emit(agreed(platforms.clock, 'a'));
  await until(() => platforms.entries.some(({ message }) => message === 'event not taken'));
  expect(platforms.entries.find(({ message }) => message === 'event not taken')?.fields).toMatchObject({
    reason: 'put off',
  });
  expect((await health()).status).toBe(200);
  running.signal('SIGTERM');
  expect((await running.ended).code).toBe(0);
  await platforms.stream.close();
  expect(await ended).toBe('failed');
});

test('a second signal ends it at once', async () => {
  const asked = new Promise<void>((resolve) => {
    store = () => {
      resolve();
      return new Promise(() => undefined);
    };
  });
  const { running } = await startProcess();
  void platforms.stream.emit(agreed(platforms.clock, 'a'));
  await asked;
  running.signal('SIGTERM');
  await running.printed(/"stopping"/);
  running.signal('SIGTERM');
  const { code, stdout } = await running.ended;
  expect(code).toBe(1);
  expect(stdout).not.toContain('"connector stopped"');
});

test.each<[string, Record<string, string>, string]>([
  [
    'nothing of a platform',
    { DINGTALK_CORP_ID: '', DINGTALK_APP_KEY: '', DINGTALK_APP_SECRET: '', LARK_APP_ID: '', LARK_APP_SECRET: '' },
    'no platform is configured; set DINGTALK_APP_KEY, DINGTALK_APP_SECRET, DINGTALK_CORP_ID (dingtalk), or LARK_APP_ID, LARK_APP_SECRET (lark)',
  ],
  [
    'half of a platform and no key',
    { LARK_APP_SECRET: '', ALIBABA_CLOUD_ACCESS_KEY_ID: '' },
    'ALIBABA_CLOUD_ACCESS_KEY_ID is not set; LARK_APP_SECRET is not set',
  ],
  [
    'an id that the client would not connect with',
    { LARK_APP_ID: 'cli_x' },
    'LARK_APP_ID must be cli_ and 16 hex digits',
  ],
  [
    'a region that is none',
    { ALIBABA_CLOUD_REGION_ID: 'Hangzhou' },
    'ALIBABA_CLOUD_REGION_ID must be a region such as cn-hangzhou',
  ],
  [
    'a reference to KMS in the place of a secret',
    { DINGTALK_APP_SECRET: 'kms:approval-loop-prod/DINGTALK_APP_SECRET' },
    'it reads no secrets from KMS, but DINGTALK_APP_SECRET refers to one; give it the value',
  ],
])('with %s it ends with 78 and says what is wrong', async (_, changes, wrong) => {
  const env = { ...variablesFor(platforms.origin), ...changes };
  expect(await run([], { program, env })).toEqual({
    code: 78,
    stdout: '',
    stderr: `the connector's environment is wrong: ${wrong}\n`,
  });
});

test('in an environment that it was not built for it ends with 78 and says which there are', async () => {
  const env = { ...variablesFor(platforms.origin), LOOP_ENVIRONMENT: 'qa' };
  const stderr = 'LOOP_ENVIRONMENT is "qa", and this was built for dev,staging,prod\n';
  expect(await run([], { program, env })).toEqual({ code: 78, stdout: '', stderr });
});

test.each([
  ['DINGTALK_START_APP_KEY', 'DINGTALK_START_APP_SECRET'],
  ['LARK_START_APP_SECRET', 'LARK_START_APP_ID'],
])('with half of an app that starts approvals, %s, it ends with 78 and names the other half', async (set, missing) => {
  const env = { ...variablesFor(platforms.origin), [set]: '秘密 🔑' };
  expect(await run([], { program, env })).toEqual({
    code: 78,
    stdout: '',
    stderr: `the environment is wrong: ${set} is set and ${missing} is not; set both, or neither\n`,
  });
});
