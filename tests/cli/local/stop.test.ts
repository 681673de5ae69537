import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAll, run, start } from '../command-line.ts';
import { parseOutcome, titleOf } from '../outcome.ts';
import { alive, familyOf, mountsBelow, openPorts, survivors } from './left-overs.ts';
import { startUp } from './start-up.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stop-test-'));
});
afterEach(async () => {
  await killAll();
  await rm(folder, { recursive: true, force: true });
});

const approve = (line: string) =>
  run(['local', 'approve', 'onboarding', ...line.split(' '), '--state', folder, '--json']);

async function messageOf(line: string) {
  const { code, stdout } = await approve(line);
  expect(code).toBe(0);
  return parseOutcome(stdout).message?.text ?? '';
}

/** What the instance itself says of the user. */
const uidIn = (message: string) => Number(/，uid = (\d+)，/.exec(message)?.[1]);

describe('a cloud that is stopped', () => {
  test.each([
    ['Ctrl-C in a terminal', 'interrupt'],
    ['SIGTERM', 'SIGTERM'],
  ] as const)('by %s ends with 0, without a word, and leaves no process, mount or port', async (_what, how) => {
    const cloud = await startUp(folder);
    await messageOf('emp_id=E123 role=devops');
    const family = familyOf(cloud.pid);
    // The program itself, the instance's keeper and holder, and the functions.
    expect(family.length).toBeGreaterThan(5);
    expect(await openPorts(cloud.ports)).toEqual(cloud.ports);
    if (how === 'interrupt') cloud.interrupt();
    else cloud.signal(how);
    expect(await cloud.ended).toMatchObject({ code: 0, stderr: '' });
    expect(alive(family)).toEqual([]);
    expect(await openPorts(cloud.ports)).toEqual([]);
    expect(mountsBelow(folder)).toEqual([]);
    await expect(readFile(join(folder, 'running.json'))).rejects.toThrow('ENOENT');
  });

  test('finds on its next start the same keys and the users that earlier approvals made', async () => {
    const first = await startUp(folder);
    const made = [await messageOf('emp_id=E201 role=devops'), await messageOf('emp_id=E202 role=devops')];
    // The first number that is free on this machine.
    const [uid = 0] = made.map(uidIn);
    expect(made.map(uidIn)).toEqual([uid, uid + 1]);
    await first.stop();

    const second = await startUp(folder);
    const {
      ready_ms: _first,
      endpoints: _old,
      functions: _ingest,
      control: _door,
      pid: _pid,
      ...same
    } = first.description;
    expect(second.description).toMatchObject(same);
    // A user that was made anew would get the next free number.
    const [again, next] = [await messageOf('emp_id=E202 role=devops'), await messageOf('emp_id=E203 role=devops')];
    expect([again, next].map(uidIn)).toEqual([uid + 1, uid + 2]);
    await second.stop();
  });

  test('goes on at its next start with a request that was under way', async () => {
    const first = await startUp(folder);
    const { control, instances } = first.description;
    const headers = { authorization: `Bearer ${control.token}` };
    const body = JSON.stringify({ instance_id: instances[0], online: false });
    await fetch(`${control.url}/agents`, { method: 'POST', headers, body });
    const following = start(['local', 'approve', 'onboarding', 'emp_id=E301', 'role=devops', '--state', folder]);
    const requestId = /^dingtalk\.[\w-]+/.exec(await following.printed(/accepted/))?.[0] ?? '';
    await first.stop();
    await following.ended;

    const second = await startUp(folder, '--speed', '60');
    expect(await activityOf(second.description.control, requestId)).toContain('closed');
    await second.stop();
  });
});

/** What is logged of a request up to its end, from the first line on. */
async function activityOf(control: { url: string; token: string }, requestId: string): Promise<string[]> {
  const headers = { authorization: `Bearer ${control.token}` };
  const signal = AbortSignal.timeout(30_000);
  const answer = await fetch(`${control.url}/activity?since=0`, { headers, signal });
  const seen: string[] = [];
  for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    for (const line of chunk.split('\n').filter((each) => each.includes(requestId))) {
      seen.push(/"message":"([^"]+)"/.exec(line)?.[1] ?? line);
    }
    if (seen.includes('closed')) break;
  }
  return seen;
}

describe('a cloud that is killed', () => {
  test('takes all that it started with it, and the folder can be used at once', async () => {
    const cloud = await startUp(folder);
    const made = await messageOf('emp_id=E401 role=devops');
    const family = familyOf(cloud.pid);
    cloud.signal('SIGKILL');
    await cloud.ended;

    const { code, stderr } = await approve('emp_id=E402 role=devops');
    expect(code).toBe(2);
    expect(stderr).toContain(`error: no embedded cloud runs on ${folder}`);

    const next = await startUp(folder);
    expect(uidIn(await messageOf('emp_id=E401 role=devops'))).toBe(uidIn(made));
    expect(await survivors(family)).toEqual([]);
    expect(await openPorts(cloud.ports)).toEqual([]);
    await next.stop();
  });

  test('does not keep its folder when another program has got its process id', async () => {
    const first = await startUp(folder);
    await first.stop();
    await writeFile(join(folder, 'running.json'), JSON.stringify({ ...first.description, pid: process.pid }));
    const { code } = await approve('emp_id=E123 role=devops');
    expect(code).toBe(2);
    const second = await startUp(folder);
    await second.stop();
  });
});

test('a cloud of another speed runs the same approval', async () => {
  const cloud = await startUp(folder, '--speed', '100');
  const { code, stdout } = await approve('emp_id=E123 role=devops');
  expect(code).toBe(0);
  expect(titleOf(parseOutcome(stdout))).toBe('### ✅ 新员工入职 · E123 已完成');
  await cloud.stop();
});
