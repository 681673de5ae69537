import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type LocalCloud, startLocalCloud } from '../../../cli/local-cloud.ts';
import { killAll, ROOT, run, start } from '../command-line.ts';
import { alive, familyOf, openPorts } from '../local/left-overs.ts';

/** The cloud that all calls but one talk to. */
let cloud: LocalCloud;
let state: string;
/** The unmodified tool, as the npm scripts start it, in a home folder without anything. */
let home: string;
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 's-local-cloud-'));
  cloud = await startLocalCloud({ root: ROOT, directory: state, port: 0 });
});
afterAll(async () => {
  await killAll();
  await cloud.close();
  await rm(state, { recursive: true, force: true });
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 's-local-test-'));
});
afterEach(async () => {
  await killAll();
  await rm(home, { recursive: true, force: true });
});

const options = (input: string | 'open' = '', env: Record<string, string> = {}) => ({
  input,
  env: { HOME: home, ...env },
  program: [process.execPath, join(ROOT, 'bin/s-local.mjs')] as [string, string],
});
const invokeOn = (folder: string, line: string, input?: string, env?: Record<string, string>) =>
  run(['invoke', ...line.split(' '), '--silent', '--state', folder], options(input, env));
const invoke = (line: string, input?: string, env?: Record<string, string>) => invokeOn(state, line, input, env);

const talksTo = () => `the function talks to the embedded cloud on ${state} (process ${process.pid})\n`;

describe('s local invoke', () => {
  test.each([
    [
      'ingest',
      'callback-forged.json',
      '"message":"callback rejected","function":"ingest","platform":"dingtalk","reason":"wrong signature"',
      '{"statusCode":403,"headers":{"content-type":"application/json"},"isBase64Encoded":false,' +
        '"body":"{\\"error\\":\\"the callback could not be verified\\"}"}',
    ],
    ['notify', 'timer.json', 'FC Invoke Start RequestId: ', 'undefined'],
    ['dispatch', 'provision-request.json', '"message":"event for a request that was never accepted"', 'undefined'],
    ['notify', 'task-completed.json', '"reason":"not a run of this environment"', 'undefined'],
  ])('%s -f %s prints what the function logs, its result, and what it took', async (name, file, line, result) => {
    const { code, stdout, stderr } = await invoke(`${name} -f tests/fixtures/events/${file}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: talksTo() });
    const [lines = '', answer = ''] = stdout.split('\n\n');
    expect(lines).toContain(line);
    expect(answer.split('\n')).toEqual([
      result,
      expect.stringMatching(
        /^RequestId: 1-\S+ {3}Billed Duration: \d+ ms {4}Memory Size: 512 MB {4}Max Memory Used: [\d.]+ MB$/,
      ),
    ]);
    // Neither the tool's logs, which hold the function's variables, nor its settings.
    expect(await readdir(home)).toEqual([]);
  });

  test.each([
    ['stdin', ''],
    ['-f -', ' -f -'],
  ])('takes the event from %s', async (_what, more) => {
    const { code, stdout } = await invoke(`dispatch${more}`, '{"a":1}');
    expect(code).toBe(0);
    expect(stdout).toContain('"reason":"neither a ProvisionRequest nor a timer","bytes":7');
  });

  test('with -o json stdout is one object of the tool’s, and what the function logs goes to stderr', async () => {
    const { code, stdout, stderr } = await invoke('dispatch -e {} -o json');
    expect(code).toBe(0);
    expect(z.json().parse(JSON.parse(stdout))).toEqual({
      requestId: expect.stringMatching(/^1-/),
      result: 'undefined',
      durationMs: expect.any(Number),
      memorySizeMb: 512,
      maxMemoryUsedMb: expect.any(Number),
      __component: './cli/s-component',
    });
    expect(stderr).toContain('"bytes":2');
  });

  test.each(['', ' -o json'])('a function that fails: its error, and the exit code 101 (%j)', async (format) => {
    const { code, stdout, stderr } = await invoke(`dispatch -e {}${format}`, '', {
      LOG_LEVEL: 'loud',
    });
    expect(code).toBe(101);
    const text = `${stdout}${stderr}`;
    expect(text).toContain('LOG_LEVEL must be debug, info, warn, error","errorType":"EnvironmentError"');
    expect(text).toContain('the function dispatch failed; its error is printed above');
  });

  test('a missing event file is an error before anything starts, where the stock component sends nothing', async () => {
    const { code, stdout, stderr } = await invoke('dispatch -f missing.json');
    expect({ code, stderr }).toEqual({ code: 101, stderr: '' });
    expect(stdout).toContain(
      "the event file missing.json cannot be read (ENOENT: no such file or directory, open 'missing.json'); -f takes a file, - is stdin",
    );
  });

  test.each([
    ['notifi', 'there is no function "notifi"'],
    ['--silent', 'there is no function "--silent"'],
  ])('%s instead of a function is refused here: the tool would call all three', async (name, fault) => {
    expect(await run(['invoke', name], options())).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${fault}; name one of ingest, dispatch, notify first: npm run s:invoke -- ingest --silent\n`,
    });
  });

  test('does real work there: it is this call that brings an accepted request to its end', async () => {
    // The cloud's own dispatch is out of order.
    const fault = { kind: 'error', status: 503, code: 'ServiceUnavailable' } as const;
    cloud.cloud.faults.add({ service: 'fc', operation: 'invoke:approval-loop-dev-dispatch', times: 1000, fault });
    const approval = start(['local', 'approve', 'onboarding', 'emp_id=E123', 'role=devops', '--state', state]);
    const [, requestId] = /^(dingtalk\.\S+): zhangsan asks/.exec(await approval.printed(/event published/)) ?? [];

    const event = JSON.stringify({ type: 'ProvisionRequest', data: { request_id: requestId } });
    const { code, stdout } = await invoke('dispatch', event);
    expect(code).toBe(0);
    expect(stdout).toContain('"message":"command invoked"');
    const ended = await approval.ended;
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('### ✅ 新员工入职 · E123 已完成');
    cloud.cloud.faults.clear();
  });

  test('without a cloud that runs it says so, and gives the function an empty one for this call', async () => {
    const { code, stdout, stderr } = await invokeOn('.nothing', 'notify -f tests/fixtures/events/task-completed.json');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        'no embedded cloud runs on .nothing: this call gets an empty one of its own; "npm start" runs one that stays\n',
    });
    expect(stdout).toContain('"reason":"not a run of this environment"');
  });
});

describe('s local start', () => {
  test.each(['interrupt', 'SIGTERM'] as const)('serves the HTTP trigger until %s, and leaves nothing', async (how) => {
    const serving = start(['start', 'ingest', '--state', '.nothing'], options('open'));
    const [, url = ''] =
      /ingest answers on (http:\/\/127\.0\.0\.1:\d+) until Ctrl-C/.exec(await serving.printed(/until Ctrl-C/)) ?? [];
    const response = await fetch(`${url}/?signature=x&timestamp=1&nonce=1`, {
      method: 'POST',
      body: '{"encrypt":"a"}',
    });
    expect([response.status, await response.json()]).toEqual([403, { error: 'the callback could not be verified' }]);
    expect(response.headers.get('content-disposition')).toBe('attachment');
    const get = await fetch(url);
    expect([get.status, await get.json()]).toMatchObject([403, { Code: 'AccessDenied' }]);
    expect(await serving.printed(/callback rejected/)).toContain('"function":"ingest"');

    const family = familyOf(serving.pid);
    expect(family.length).toBeGreaterThan(4);
    if (how === 'interrupt') serving.interrupt();
    else serving.signal(how);
    expect(await serving.ended).toMatchObject({ code: 0 });
    expect(alive(family)).toEqual([]);
    expect(await openPorts([Number(new URL(url).port)])).toEqual([]);
  });

  test('a function without an HTTP trigger is refused', async () => {
    const { code, stdout } = await run(['start', 'notify'], options());
    expect(code).toBe(101);
    expect(stdout).toContain('the function notify has no HTTP trigger to serve; give it an event with "local invoke"');
  });
});

test('nobody outside of this machine is called, and no name is looked up', async () => {
  const calls = join(home, 'calls.txt');
  const spy = join(home, 'spy.cjs');
  // In every Node.js process from the tool on: the two doors through which all its network clients go.
  await writeFile(
    spy,
    `const note = (text) => require('node:fs').appendFileSync(${JSON.stringify(calls)}, text + '\\n');
     const { Socket } = require('node:net');
     const { connect } = Socket.prototype;
     Socket.prototype.connect = function (...args) {
       const [{ host, path } = {}] = [args.flat()[0]];
       if (!path) note('connect ' + (host ?? 'localhost'));
       return connect.apply(this, args);
     };
     const dns = require('node:dns');
     const { lookup } = dns;
     dns.lookup = (name, ...rest) => { note('lookup ' + name); return lookup(name, ...rest); };`,
  );
  const { code } = await invokeOn('.nothing', 'ingest -e {}', '', { NODE_OPTIONS: `--require ${spy}` });
  expect(code).toBe(0);
  const hosts = [...(await readFile(calls, 'utf8')).matchAll(/^(?:connect|lookup) (.*)$/gm)].map(([, host]) => host);
  expect(new Set(hosts)).toEqual(new Set(['127.0.0.1']));
});
