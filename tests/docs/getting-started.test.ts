import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, killAll, ROOT, type Running, run, start } from '../cli/command-line.ts';
import { mask } from '../readme/read-readme.ts';
import { type Block, blocksOf, readPage } from './read-docs.ts';

jest.setTimeout(240_000);

/** A clone of this repository as it is now, whose workflows.yaml may be changed. */
let clone: string;
let cloud: Running | undefined;
beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'getting-started-'));
  const parts = 'bench bin build chaos cli connector docs functions local scripts setup shared tests';
  const files = 'package.json tsconfig.json env.yaml s.yaml s.local.yaml workflows.yaml';
  for (const name of [...parts.split(' '), ...files.split(' ')])
    await cp(join(ROOT, name), join(clone, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(clone, 'node_modules'));
});
afterAll(async () => {
  cloud?.interrupt();
  await cloud?.ended;
  await killAll();
  await rm(clone, { recursive: true, force: true });
});

/** A shell block of the page, and what the page says it prints. */
interface Step {
  commands: string[];
  shown: string[];
}

function stepsOf(blocks: readonly Block[]): Step[] {
  const steps: Step[] = [];
  for (const { language, text } of blocks) {
    const lines = text.split('\n').filter((line) => line !== '');
    if (language === 'sh') steps.push({ commands: lines, shown: [] });
    else steps.at(-1)?.shown.push(...lines);
  }
  return steps;
}

const steps = stepsOf(blocksOf(readPage('docs/getting-started.md')));

/** Every command of the page in its order, with the exit code that the page says. */
const CODES = [
  ['npm ci && npm run demo', 0],
  ['npm start', 0],
  ['npm run -s loop -- local approve onboarding emp_id=E123 role=devops', 0],
  ['npm run -s loop -- local approve onboarding emp_id=X123 role=devops', 1],
  ['npm run -s loop -- why X123', 0],
  ['npm run -s loop -- requests list --all', 0],
  ['npm run -s loop -- requests show E123', 0],
  ['npm run -s loop -- audit verify', 0],
  ["sed -i 's/min: 1, from: any/min: 2, from: any/' workflows.yaml", 0],
  ['npm run -s loop -- workflows check', 0],
  ["sed 's/approvers:/aprovers:/' workflows.yaml | npm run -s loop -- workflows check /dev/stdin", 1],
  ['npm run -s loop -- workflows try --form docs/examples/onboarding.json', 1],
  ['npm start', 0],
  ['npm run -s loop -- local approve onboarding emp_id=E124 role=devops', 1],
  ['npm run -s loop -- local reset', 0],
];

/** Runs a command of the page in the clone; what is installed already is not installed again. */
async function follow(command: string): Promise<Ended> {
  if (command === 'npm start') return startCloud();
  if (command.endsWith('local reset')) await stopCloud();
  return run(['-c', command.replace('npm ci && ', '')], { program: ['sh'], cwd: clone });
}

/** The reader's first terminal; free ports, since others may be tested at the same time. */
async function startCloud(): Promise<Ended> {
  await stopCloud();
  cloud = start(['-c', 'npm start -- --port 0'], { program: ['sh'], cwd: clone });
  return { code: 0, stdout: await cloud.printed(/Ctrl-C stops everything/), stderr: '' };
}

async function stopCloud(): Promise<void> {
  cloud?.interrupt();
  await cloud?.ended;
  cloud = undefined;
}

/** The line as a pattern: `…` stands for anything, a number for any number, spaces for any of them. */
function patternOf(line: string): RegExp {
  const parts = squeeze(mask(line).join('')).split('…');
  return new RegExp(`^${parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`);
}

const squeeze = (line: string) => line.replaceAll(/\d+/g, '#').replaceAll(/ +/g, ' ').trim();

test('every command of the page is followed here', () => {
  expect(steps.flatMap(({ commands }) => commands)).toEqual(CODES.map(([command]) => command));
});

test('the page is true from its first command to its last', async () => {
  const codes: unknown[] = [];
  for (const { commands, shown } of steps) {
    const ends: Ended[] = [];
    for (const command of commands) {
      ends.push(await follow(command));
      codes.push([command, ends.at(-1)?.code]);
    }
    const printed = ends.flatMap(({ stdout, stderr }) => mask(stdout + stderr)).map(squeeze);
    const missing = shown.filter((line) => line !== '…' && !printed.some((text) => patternOf(line).test(text)));
    expect({ commands, missing, printed: missing.length > 0 ? printed : [] }).toEqual({
      commands,
      missing: [],
      printed: [],
    });
  }
  expect(codes).toEqual(CODES);
});

test('a line that is not printed would be found', () => {
  expect(patternOf('    28 ms  refused             code=…').test(squeeze(' 7 ms  refused  code=no_approver'))).toBe(
    true,
  );
  expect(patternOf('    28 ms  accepted').test(squeeze(' 7 ms  refused  code=no_approver'))).toBe(false);
});
