import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** The build's own check, given the part of esbuild's metafile that it looks at. */
function check(output: string, bytes: number, ...inputs: string[]): unknown {
  const metafile = { outputs: { [output]: { bytes, inputs: Object.fromEntries(inputs.map((name) => [name, {}])) } } };
  const code = `import { checkBundles } from './build/check-bundles.mjs';
    console.log(JSON.stringify(checkBundles(${JSON.stringify(metafile)})))`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT, encoding: 'utf8' }),
  );
}

test.each([
  ['ingest', 153_600],
  ['dispatch', 307_200],
  ['notify', 307_200],
])('the bundle of %s may have %i bytes and not one more', (name, budget) => {
  const output = `dist/${name}/index.js`;
  expect(check(output, budget)).toEqual([]);
  expect(check(output, budget + 1)).toEqual([`dist/${name} has ${budget + 1} bytes, its budget is ${budget}`]);
});

test('the file that asks KMS may have 25000 bytes and not one more', () => {
  expect(check('dist/ingest/secrets.js', 25_000)).toEqual([]);
  expect(check('dist/ingest/secrets.js', 25_001)).toEqual([
    'dist/ingest/secrets.js has 25001 bytes, its budget is 25000',
  ]);
});

test.each<[string, string, string[]]>([
  ['its own folder', 'functions/notify/announce.ts', []],
  ['what all share', 'shared/events.ts', []],
  ['the configuration', 'workflows.yaml', []],
  ['a library', 'node_modules/zod/mini/index.js', []],
  [
    'another function',
    'functions/dispatch/dispatch.ts',
    ['functions/notify must not import functions/dispatch/dispatch.ts'],
  ],
  ['the embedded cloud', 'local/faults.ts', ['functions/notify must not import local/faults.ts']],
  ['setup', 'setup/set-up.ts', ['functions/notify must not import setup/set-up.ts']],
  ['the command line', 'cli/io.ts', ['functions/notify must not import cli/io.ts']],
])('a function that imports %s', (_, input, faults) => {
  expect(check('dist/notify/index.js', 1, input)).toEqual(faults);
});

test.each<[string, string, string[]]>([
  ['its own folder', 'connector/status.ts', []],
  ['a step of ingest', 'functions/ingest/take-hint.ts', []],
  ['a library', 'node_modules/ws/index.js', []],
  ['another function', 'functions/notify/notify.ts', ['connector must not import functions/notify/notify.ts']],
  ['the embedded cloud', 'local/faults.ts', ['connector must not import local/faults.ts']],
])('a connector that imports %s', (_, input, faults) => {
  const code = `import { checkConnector } from './build/check-bundles.mjs';
    console.log(JSON.stringify(checkConnector(${JSON.stringify({ inputs: { [input]: {} } })})))`;
  const answer = execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT, encoding: 'utf8' });
  expect(JSON.parse(answer)).toEqual(faults);
});

test('what is deployed of a function is two files without a secret, a source map or a path of this machine', () => {
  for (const name of ['ingest', 'dispatch', 'notify']) {
    const folder = join(ROOT, 'dist', 'environments', 'dev', name);
    expect(readdirSync(folder).sort()).toEqual(['index.js', 'secrets.js']);
    for (const file of ['index.js', 'secrets.js']) {
      const text = readFileSync(join(folder, file), 'utf8');
      const found = ['sourceMappingURL', ROOT, homedir()].filter((word) => text.includes(word));
      expect([...found, ...(text.match(/LTAI[A-Za-z0-9]{12}|PRIVATE KEY-----\n[A-Za-z0-9+/]{16}/g) ?? [])]).toEqual([]);
    }
  }
});
