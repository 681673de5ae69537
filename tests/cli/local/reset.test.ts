import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAll, run } from '../command-line.ts';
import { startUp } from './start-up.ts';

let folder: string;
let state: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reset-test-'));
  state = join(folder, 'cloud');
});
afterEach(async () => {
  await killAll();
  await rm(folder, { recursive: true, force: true });
});

const reset = (directory = state) => run(['local', 'reset', '--state', directory]);

test('empties the folder of a cloud that has stopped, and says so; once more is fine', async () => {
  const cloud = await startUp(state);
  await cloud.stop();
  expect(await readdir(state)).toContain('cloud.json');
  expect(await reset()).toEqual({ code: 0, stdout: `emptied ${state}\n`, stderr: '' });
  expect(await readdir(state)).toEqual([]);
  expect(await reset()).toEqual({ code: 0, stdout: `${state} is empty already\n`, stderr: '' });

  const next = await startUp(state);
  expect(next.description.access_key_id).not.toBe(cloud.description.access_key_id);
  await next.stop();
});

test('refuses while a cloud runs there, which goes on', async () => {
  const cloud = await startUp(state);
  const before = await readdir(state);
  const message = `error: an embedded cloud runs on ${state} (process ${cloud.pid}); stop it first\n`;
  expect(await reset()).toEqual({ code: 2, stdout: '', stderr: message });
  expect(await readdir(state)).toEqual(before);
  const line = ['local', 'approve', 'onboarding', 'emp_id=E123', 'role=devops', '--state', state];
  expect(await run(line)).toMatchObject({ code: 0 });
  await cloud.stop();
});

test('empties the folder of a cloud that was killed', async () => {
  const cloud = await startUp(state);
  cloud.signal('SIGKILL');
  await cloud.ended;
  expect(await reset()).toMatchObject({ code: 0, stdout: `emptied ${state}\n` });
  expect(await readdir(state)).toEqual([]);
});

test('a folder that is not there is empty already', async () => {
  expect(await reset()).toEqual({ code: 0, stdout: `${state} is empty already\n`, stderr: '' });
});

test("deletes nothing of a folder that is no cloud's", async () => {
  await mkdir(state);
  await writeFile(join(state, 'thesis.txt'), 'x');
  const message = `error: ${state} is not the folder of an embedded cloud; nothing was deleted\n`;
  expect(await reset()).toEqual({ code: 2, stdout: '', stderr: message });
  expect(await readdir(state)).toEqual(['thesis.txt']);
});

test('deletes a symbolic link, not what it leads to', async () => {
  await mkdir(state);
  await writeFile(join(state, 'cloud.json'), '{}');
  await mkdir(join(folder, 'elsewhere'));
  await writeFile(join(folder, 'elsewhere', 'thesis.txt'), 'x');
  await symlink(join(folder, 'elsewhere'), join(state, 'instances'));
  expect(await reset()).toMatchObject({ code: 0 });
  expect(await readdir(state)).toEqual([]);
  expect(await readdir(join(folder, 'elsewhere'))).toEqual(['thesis.txt']);
});
