import { cp, mkdir, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { killAll, PROGRAM, run } from './command-line.ts';

/** A repository in small: the real program, and a build that says what it does. */
let root: string;
const BUILD = `import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
console.log('building', process.argv[2]);
mkdirSync('dist/cli', { recursive: true });
writeFileSync('dist/cli/entry.js', 'console.log("ran", process.argv.slice(2).join(" "))');
mkdirSync('dist/environments/prod', { recursive: true });
const sources = readdirSync('.').filter((name) => name.startsWith('workflows.'));
writeFileSync('dist/environments/prod/workflows.json', JSON.stringify({ sources }));
process.exitCode = Number(process.env.BUILD_EXIT ?? 0);
`;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'bin-test-'));
  for (const folder of ['build', 'cli/deep', 'shared']) await mkdir(join(root, folder), { recursive: true });
  await cp(dirname(PROGRAM), join(root, 'bin'), { recursive: true });
  await writeFile(join(root, 'build', 'main.mjs'), BUILD);
  await writeFile(join(root, 'cli', 'deep', 'source.ts'), '');
  for (const name of ['README.md', 'workflows.yaml', 'workflows.prod.yaml']) await writeFile(join(root, name), '');
});
afterEach(async () => {
  await killAll();
  await rm(root, { recursive: true, force: true });
});

const loop = (env: Record<string, string> = {}, words = ['a', 'b']) =>
  run(words, { program: [process.execPath, join(root, 'bin', 'approval-loop.mjs')], cwd: root, env });

async function changeLater(path: string): Promise<void> {
  const later = new Date(Date.now() + 60_000);
  await utimes(join(root, path), later, later);
}

test('the first command builds, with the words of the build on stderr only', async () => {
  expect(await loop()).toEqual({ code: 0, stdout: 'ran a b\n', stderr: 'building --quiet\n' });
});

test('the next one does not build again', async () => {
  await loop();
  expect(await loop()).toEqual({ code: 0, stdout: 'ran a b\n', stderr: '' });
});

test.each([
  ['a source, however deep', 'cli/deep/source.ts', 'building --quiet\n'],
  ['the build', 'build/main.mjs', 'building --quiet\n'],
  ['the workflows', 'workflows.yaml', 'building --quiet\n'],
  ['what differs in an environment', 'workflows.prod.yaml', 'building --quiet\n'],
  ['what is no source', 'README.md', ''],
])('after a change of %s (%s) stderr is %j', async (_what, path, stderr) => {
  await loop();
  await changeLater(path);
  expect(await loop()).toEqual({ code: 0, stdout: 'ran a b\n', stderr });
});

test.each<[string, (root: string) => Promise<void>]>([
  ['is gone', (root) => rm(join(root, 'workflows.prod.yaml'))],
  ['has got another name', (root) => rename(join(root, 'workflows.prod.yaml'), join(root, 'workflows.dev.yaml'))],
  [
    'has come with an old date',
    async (root) => {
      await writeFile(join(root, 'workflows.dev.yaml'), '');
      await utimes(join(root, 'workflows.dev.yaml'), 0, 0);
    },
  ],
])('what differs in an environment is built again when its file %s', async (_, change) => {
  await loop();
  await change(root);
  expect((await loop()).stderr).toBe('building --quiet\n');
  expect((await loop()).stderr).toBe('');
});

test('a build that fails is the end: its exit code, and nothing is run', async () => {
  expect(await loop({ BUILD_EXIT: '3' })).toEqual({ code: 3, stdout: '', stderr: 'building --quiet\n' });
});

test.each([
  ['workflows', 'check'],
  ['s-yaml', 'check'],
])('"%s %s" runs where its own faults are all that is wrong with the build', async (...words) => {
  const stdout = `ran ${words.join(' ')}\n`;
  expect(await loop({ BUILD_EXIT: '4' }, words)).toEqual({ code: 0, stdout, stderr: '' });
  await changeLater('build/main.mjs');
  expect(await loop({ BUILD_EXIT: '1' }, words)).toEqual({ code: 1, stdout: '', stderr: 'building --quiet\n' });
});

test.each([[['local', 'up']], [['events', 'match']], [['workflows', 'try']]])(
  '%j does not run with faults of workflows.yaml or s.yaml',
  async (words) => {
    expect(await loop({ BUILD_EXIT: '4' }, words)).toEqual({ code: 1, stdout: '', stderr: 'building --quiet\n' });
  },
);

test('the program is the bin of the package', async () => {
  const manifest: unknown = JSON.parse(await readFile(join(PROGRAM, '../../package.json'), 'utf8'));
  expect(manifest).toMatchObject({ bin: { 'approval-loop': 'bin/approval-loop.mjs' } });
});
