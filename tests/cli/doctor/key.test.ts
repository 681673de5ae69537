import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSystemClock } from '../../../shared/clock.ts';
import { type Account, openAccount, runIn } from '../setup/start-accounts.ts';
import { linesOf, problemsOf } from './ward.ts';

jest.setTimeout(180_000);

/** The embedded cloud through the eyes of a shell with a key, as an environment of env.yaml. */
let account: Account;
let env: Record<string, string>;
beforeAll(async () => {
  account = await openAccount();
  env = { ...account.env, RAM_ENDPOINT: account.ops.local.description.endpoints.ram };
});
afterAll(() => account.close());

/** env.yaml has no action policy for dev. */
const UNHEARD =
  'warning action policy of the alerts: env.yaml names none, so that alerts go to the one of the service, sls.builtin, which tells only whom somebody has put into it';

const doctor = (more: Record<string, string> = {}, ...args: string[]) =>
  runIn({ ...env, ...more }, ['doctor', '--env', 'dev', ...args]);

test('an environment of env.yaml is looked at with the shell’s key, and with the variables that its functions have', async () => {
  const { code, stdout, stderr } = await doctor({}, '--json');
  expect({ code, stderr, problems: problemsOf(stdout) }).toEqual({ code: 3, stderr: '', problems: [UNHEARD] });
  expect(linesOf(stdout, 'ok')).toContain('callback: the address answers the check of the platforms');
});

test('a key whose secret is wrong is refused by every service, and nothing else is guessed', async () => {
  const { code, stdout } = await doctor({ ALIBABA_CLOUD_ACCESS_KEY_SECRET: 'wrong' }, '--json');
  expect(code).toBe(1);
  expect(problemsOf(stdout)).toEqual([
    expect.stringMatching(/^error oss: refuses the key: SignatureDoesNotMatch/),
    expect.stringMatching(/^error ecs: refuses the key: /),
    expect.stringMatching(/^error event-bridge: refuses the key: /),
    expect.stringMatching(/^error ram: refuses the key: /),
    expect.stringMatching(/^error fc: refuses the key: /),
    expect.stringMatching(/^error sls: refuses the key: SignatureNotMatch/),
  ]);
  expect(linesOf(stdout, 'note')).toContain('probe: not looked at, for event-bridge and oss and fc gave no answer');
});

test('a service that is out of reach is named with its address, and the others are looked at', async () => {
  // A port on which somebody has just stopped listening.
  const gone = await startOtherTime(0);
  await gone.close();
  const { code, stdout } = await doctor({ RAM_ENDPOINT: gone.origin });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^✗ ram: does not answer: \w+$/m);
  expect(stdout).toContain(`\n  → see that this machine reaches ${gone.origin}, and its clock\n`);
  expect(stdout).toMatch(/^· roles: not looked at, for ram gave no answer$/m);
  expect(stdout).toMatch(/^✓ buckets: /m);
  expect(stdout).toMatch(/\n1 error, 1 warning, \d notes?\n$/);
});

test('an environment that was never deployed lacks everything, and each thing says what makes it', async () => {
  const { code, stdout } = await runIn(env, ['doctor', '--env', 'staging', '--json']);
  expect(code).toBe(1);
  expect(problemsOf(stdout)).toEqual(
    expect.arrayContaining([
      'error bucket approval-loop-staging-work-1000000000000001: is missing',
      'error bus approval-loop-staging: is missing',
      'error role approval-loop-staging-notify: is missing',
      'error ingest: is not deployed',
      'error dispatch: is not deployed',
      'error notify: is not deployed',
    ]),
  );
});

/** Passes everything on to RAM and says that it is some minutes later, or earlier, there. */
async function startOtherTime(minutes: number) {
  const target = new URL(env['RAM_ENDPOINT'] ?? '');
  const clock = createSystemClock();
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const options = { host: target.hostname, port: target.port, method, path: url, headers };
    const onward = request(options, (answer) => {
      const date = new Date(clock.now() + minutes * 60_000).toUTCString();
      outgoing.writeHead(answer.statusCode ?? 0, { ...answer.headers, date });
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => new Promise((done) => server.close(done)) };
}

test.each([
  [20, 'error clock of ram: this machine is 20 min behind the service'],
  [-3, 'warning clock of ram: this machine is 3 min ahead of the service'],
])('a service whose clock is %i minutes off is named', async (minutes, problem) => {
  const other = await startOtherTime(minutes);
  const found = await doctor({ RAM_ENDPOINT: other.origin }, '--json');
  await other.close();
  expect(found.code).toBe(minutes > 15 ? 1 : 3);
  expect(problemsOf(found.stdout).map((line) => line.replace(/19 min|2 min/, `${Math.abs(minutes)} min`))).toEqual([
    problem,
    UNHEARD,
  ]);
});
