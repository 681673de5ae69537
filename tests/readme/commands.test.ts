import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Ended, killAll, ROOT, type Running, run, start } from '../cli/command-line.ts';
import { demoExcerpt, inlineCommands, mask, otherFences, shellCommands, tableRows } from './read-readme.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readme-test-'));
});
afterAll(async () => {
  await killAll();
  await rm(folder, { recursive: true, force: true });
});

/** A command of the README as it stands there, with these words behind it so that nothing of the reader's is used. */
const shell = (command: string, ...more: string[]) => run(['-c', [command, ...more].join(' ')], { program: ['sh'] });

const manifest = z
  .object({
    scripts: z.record(z.string(), z.string()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

describe('a command of the README', () => {
  /** Every command of a shell block has a test of its name below. */
  const BLOCKS = [
    'npm ci',
    'npm run demo',
    'npm ci',
    'npm test',
    'npm start',
    'npm run -s loop -- local approve onboarding emp_id=E123 role=devops',
  ];
  /** So has every command in a sentence, except what other tests run and what needs an account. */
  const SENTENCES = [
    'npm run demo -- --scenario failure',
    'npm run demo -- --platform lark',
    'npm start --',
    'npm run -s loop -- local reset',
    'npm run -s loop -- --help',
    'npm run demo -- --from group', // tests/cli/demo.test.ts
    'npm run demo -- --workflow resource-request',
    'npm run -s loop -- workflows check',
    'npm run -s loop -- workflows try --form docs/examples/onboarding.json',
    'npm run -s loop -- s-yaml check', // tests/cli/s-yaml-check.test.ts
    'npm run -s loop -- callback check', // tests/cli/callback-check.test.ts
    'npm run -s loop -- events match', // tests/cli/lines.test.ts
    'npm run -s loop -- doctor', // tests/cli/doctor
    'npm run deploy -- dev --dry-run', // tests/cli/deploy/deploy.test.ts
    'npm run -s loop -- setup --env dev', // tests/cli/setup
    'npm run remove -- dev', // tests/cli/deploy/remove.test.ts
    'npm run -s loop -- replay <request> --env dev', // tests/cli/replay
    'npm run s:invoke -- ingest -f <event.json>', // tests/cli/s-component/s-local.test.ts
  ];

  test('in a shell block is one that is run here', () => {
    expect(shellCommands()).toEqual(BLOCKS);
    expect(otherFences()).toEqual([]);
  });

  test('in a sentence is one that is known here', () => {
    expect(inlineCommands()).toEqual(SENTENCES);
  });

  test('npm ci installs from a lockfile that names every dependency as the manifest does', () => {
    const packages = z.object({
      lockfileVersion: z.literal(3),
      packages: z.looseObject({
        '': z.object({
          dependencies: z.record(z.string(), z.string()),
          devDependencies: z.record(z.string(), z.string()),
        }),
      }),
    });
    const lock = packages.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))).packages;
    const { dependencies, devDependencies } = manifest;
    expect(lock['']).toEqual({ dependencies, devDependencies });
    for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
      expect(lock).toHaveProperty([`node_modules/${name}`]);
    }
  });

  test('npm test builds first and runs all test files, of which this is one', async () => {
    expect(manifest.scripts['test']).toBe('node build/main.mjs --quiet && jest');
    const { code, stdout } = await shell('npx jest --listTests');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toContain(__filename);
  });

  test('npm run -s loop -- --help lists every command', async () => {
    const { code, stdout } = await shell('npm run -s loop -- --help');
    expect(code).toBe(0);
    for (const name of ['demo', 'local', 'up', 'approve', 'reset', 'events', 'match', 'callback', 'check']) {
      expect(stdout).toMatch(new RegExp(`\\b${name}\\b`));
    }
  });
});

describe('the tools for when nothing happens', () => {
  test.each([
    ['npm run -s loop -- workflows check', /nothing to say$/],
    [
      'npm run -s loop -- workflows try --form docs/examples/onboarding.json',
      /^accepted {2}onboarding.*nothing was run$/s,
    ],
  ])('%s', async (command, said) => {
    const { code, stdout } = await shell(command);
    expect([code, stdout.trimEnd()]).toEqual([0, expect.stringMatching(said)]);
  });
});

describe('npm run demo', () => {
  let demo: Ended;
  beforeAll(async () => {
    demo = await shell('npm run demo');
  });

  test('ends with exit code 0', () => {
    expect(demo.code).toBe(0);
  });

  test('prints the steps that the README shows, and no others', () => {
    const isStep = (line: string) => line.startsWith('# ms');
    // Services and functions run side by side: the order of two lines of one moment is not promised.
    const steps = (text: string) => [...new Set(mask(text).filter(isStep))].sort();
    expect(steps(demo.stdout)).toEqual(steps(demoExcerpt()));
  });

  test('shows the message of each platform that the README shows', () => {
    const messages = (text: string) =>
      mask(text)
        .join('\n')
        .match(/^╭─.*?^╰─[^\n]*$/gms);
    expect(messages(demo.stdout)).toEqual(messages(demoExcerpt()));
    const begun = '╭─ it-ops\n│ ### ✅ 新员工入职 · E# 已完成\n│\n│ - 审批：';
    expect(messages(demoExcerpt())).toEqual([expect.stringContaining(begun), expect.stringContaining(begun)]);
  });

  test('-- --platform lark shows Lark alone', async () => {
    const { code, stdout } = await shell('npm run demo -- --platform lark');
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => ['DingTalk', 'Lark'].includes(line))).toEqual(['Lark']);
  });

  test('has the scenarios that the README names', async () => {
    const sentence = /`npm run demo -- --scenario failure`, (`\w+`(?:, `\w+`)*)\./;
    const named = sentence.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1]?.match(/\w+/g);
    expect(named).toEqual(['timeout', 'refused', 'duplicate', 'forged']);
    const { stdout } = await shell('npm run -s demo -- --help');
    for (const name of ['failure', ...(named ?? [])]) expect(stdout).toMatch(new RegExp(`^ {2}${name} +[A-Z]`, 'm'));
  });

  test('-- --workflow resource-request ends with exit code 0 and the message of the other workflow on both platforms', async () => {
    const { code, stdout } = await shell('npm run demo -- --workflow resource-request');
    expect(code).toBe(0);
    expect(stdout.match(/^│ ### ✅ 服务器资源申请 · E123 已完成$/gm)).toHaveLength(2);
  });

  test('-- --scenario failure ends with exit code 0 and the message of a failure', async () => {
    const { code, stdout } = await shell('npm run demo -- --scenario failure');
    expect(code).toBe(0);
    expect(stdout).toContain('│ ### ❌ 新员工入职 · E123 执行失败');
  });
});

describe('npm start, and the line to paste', () => {
  let cloud: Running;
  beforeAll(async () => {
    cloud = start(['-c', `npm start -- --port 0 --state ${join(folder, 'cloud')}`], { program: ['sh'] });
    await cloud.printed(/Ctrl-C stops everything/);
  });

  test('an approval is followed to its message', async () => {
    const command = 'npm run -s loop -- local approve onboarding emp_id=E123 role=devops';
    const { code, stdout } = await shell(command, '--state', join(folder, 'cloud'));
    expect(code).toBe(0);
    expect(stdout).toContain('│ ### ✅ 新员工入职 · E123 已完成');
  });

  test('prints the line that the README shows', async () => {
    expect(await cloud.printed(/second terminal/)).toContain(shellCommands().at(-1));
  });

  test('Ctrl-C stops everything without a complaint of npm; then reset empties the folder', async () => {
    cloud.interrupt();
    expect((await cloud.ended).stderr).toMatch(/starting the embedded cloud …\nstopping …\n$/);
    const { code, stdout } = await shell('npm run -s loop -- local reset --state', join(folder, 'cloud'));
    expect({ code, stdout }).toEqual({ code: 0, stdout: `emptied ${join(folder, 'cloud')}\n` });
  });
});

describe('the table of options', () => {
  const names = (cell = '') => cell.match(/--\w+/g) ?? [];

  test.each([
    ['local up', 'option of `npm start --` | meaning | default'],
    ['local approve', 'option of `local approve` | meaning | default'],
  ])('of %s has the options and defaults of its help', async (command, head) => {
    const { stdout } = await run([...command.split(' '), '--help']);
    const help = stdout.replaceAll(/\s+/g, ' ').replaceAll('"', '');
    const rows = tableRows(head);
    const documented = rows.flatMap(([option]) => names(option)).sort();
    const real = [...stdout.matchAll(/^ {2}(?:-\w, )?(--\w+)/gm)].map(([, name]) => name);
    expect(documented).toEqual(real.filter((name) => name !== '--help').sort());
    for (const [, , defaults = ''] of rows) {
      for (const value of defaults.match(/[^`, ]+/g) ?? []) expect(help).toContain(`default: ${value})`);
    }
  });
});

test('every file and folder that the README links to is there', () => {
  const links = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)];
  const paths = links.map(([, path = '']) => path);
  expect(paths).toEqual(expect.arrayContaining(['docs/architecture.md', 'workflows.yaml', 's.yaml', 'setup/']));
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
