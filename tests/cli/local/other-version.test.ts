import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { startLocalCloud } from '../../../cli/local-cloud.ts';
import { ROOT } from '../command-line.ts';
import { runHere } from '../ops-cloud.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'version-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Makes a file of the folder one of a version that knew nothing of Lark. */
async function forgetLark(name: string): Promise<void> {
  const path = join(folder, name);
  const { lark: _, ...rest } = z.looseObject({}).parse(JSON.parse(await readFile(path, 'utf8')));
  await writeFile(path, JSON.stringify(rest));
}

const open = () => startLocalCloud({ root: ROOT, directory: folder, port: 0 });

test('a folder of a version without Lark opens, also after that version was killed, and is the same cloud', async () => {
  const first = await open();
  const running = await readFile(join(folder, 'running.json'));
  await first.close();
  await writeFile(join(folder, 'running.json'), running);
  for (const name of ['cloud.json', 'running.json']) await forgetLark(name);
  const second = await open();
  await second.close();
  const { lark: before, ...old } = first.cloud.state;
  const { lark: after, ...kept } = second.cloud.state;
  expect(kept).toEqual(old);
  expect(after.app_id).toMatch(/^cli_[0-9a-f]{16}$/);
  expect(after.app_id).not.toBe(before.app_id);
});

test('a running cloud of another version is named, with what to do, exit code 2', async () => {
  const local = await open();
  await forgetLark('running.json');
  const { code, stdout, stderr } = await runHere(['requests', 'list', '--state', folder]);
  await local.close();
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    `error: the embedded cloud on ${folder} (process ${process.pid}) is of another version; stop it and start it again\n`,
  );
});
