import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SAMPLE } from '../setup/s-yaml/sample.ts';
import { killAll, run } from './command-line.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 's-yaml-test-'));
  file = join(folder, 's.yaml');
});
afterEach(async () => {
  await killAll();
  await rm(folder, { recursive: true, force: true });
});

const check = (...args: string[]) =>
  run(['s-yaml', 'check', ...args], { env: { ALIYUN_REGION: '', LOOP_ENVIRONMENT: '' } });

test('the file of this repository has no faults', async () => {
  expect(await check()).toEqual({ code: 0, stdout: 's.yaml: nothing to say\n', stderr: '' });
});

test('a fault is one line with file, line and path, and with the key that was most likely meant: exit code 1', async () => {
  await writeFile(file, SAMPLE.replace('diskSize: 512', 'disksize: 512\n    diskSize: 512'));
  const { code, stdout, stderr } = await check(file);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(stdout).toContain(
    `${file}:14: template.function: has the unknown key disksize, which the tool would pass over in silence; did you mean diskSize?\n`,
  );
});

test('faults come in the order of their lines, as objects with --json', async () => {
  await writeFile(file, SAMPLE.replace('name: callback', 'name: 1-callback').replace('edition: 3.0.0', 'edition: 1'));
  const { code, stdout } = await check(file, '--json');
  expect(code).toBe(1);
  expect(stdout).toBe(`{"file":${JSON.stringify(file)},"line":1,"path":"edition","message":"1 must be 3.0.0"}\n`);
});

test('what is not YAML is a fault with its line', async () => {
  await writeFile(file, 'edition: 3.0.0\nname: [\n');
  const { code, stdout } = await check(file);
  expect(code).toBe(1);
  expect(stdout).toMatch(/s\.yaml:3: not YAML: /);
});

test('a file that is not there is a wrong use: exit code 2', async () => {
  const { code, stdout, stderr } = await check(file);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: .*s\.yaml cannot be read: ENOENT: no such file or directory/);
});
