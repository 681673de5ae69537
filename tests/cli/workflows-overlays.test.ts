import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../cli/main.ts';
import { ROOT } from './command-line.ts';
import { ioOf } from './ops-cloud.ts';

/** A repository with this one's workflows.yaml, and overlays beside it. */
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'overlays-'));
  for (const name of ['workflows.yaml', 'env.yaml']) await cp(join(ROOT, name), join(root, name));
  await symlink(join(ROOT, 'scripts'), join(root, 'scripts'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

type Files = Record<string, string>;

/** What `workflows check` says of the folder with these files, without the name of the folder. */
async function check(files: Files, ...args: string[]): Promise<{ code: number; lines: string[] }> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text);
  const lines: ['stdout' | 'stderr', string][] = [];
  const code = await main(['workflows', 'check', ...args], { ...ioOf(lines), root });
  return { code, lines: lines.map(([, line]) => line.replaceAll(`${root}/`, '')) };
}

const lineOf = async (text: string) =>
  (await readFile(join(ROOT, 'workflows.yaml'), 'utf8')).split('\n').findIndex((line) => line.includes(text)) + 1;

const onboarding = (...lines: string[]) =>
  ['workflows:', '  onboarding:', ...lines.map((line) => `    ${line}`), ''].join('\n');

test.each<[string, string]>([
  ['another template, spelled out', onboarding('on: { dingtalk: { process_code: PROC-生产 } }')],
  ['more people who must agree, by name', onboarding('approvers: { min: 2, from: [zhangsan, 李四] }')],
  ['other instances and another limit', onboarding('run: { instances: [i-prod1, i-prod2], timeout: 600 }')],
  ['no lock', onboarding('lock: null')],
  ['a group of its own', 'chats: { it-ops: { lark: { chat_id: oc_prod } } }\n'],
  ['a workflow left out', 'workflows: { resource-request: null }\n'],
  ['one platform left out', onboarding('on: { dingtalk: null }')],
])('an environment may have %s', async (_, text) => {
  expect(await check({ 'workflows.prod.yaml': text })).toEqual({
    code: 0,
    lines: ['workflows.yaml, workflows.prod.yaml: nothing to say'],
  });
});

test.each<[string, Files, string[]]>([
  [
    'a misspelt key',
    { 'workflows.prod.yaml': onboarding('# 审批人', 'aprovers: { min: 2 }') },
    ['workflows.prod.yaml:4: fault: workflows.onboarding has the unknown key aprovers; did you mean approvers?'],
  ],
  [
    'a misspelt name of a workflow, which then lacks everything else',
    { 'workflows.prod.yaml': 'workflows:\n  onbording:\n    title: 入职 🎉\n' },
    expect.arrayContaining([expect.stringMatching(/^workflows\.prod\.yaml:2: fault: workflows\.onbording\.run/)]),
  ],
  [
    'a value that is not accepted',
    { 'workflows.staging.yaml': onboarding('approvers:', '  min: 0') },
    [expect.stringMatching(/^workflows\.staging\.yaml:4: fault: workflows\.onboarding\.approvers\.min/)],
  ],
  [
    'a null that removes nothing',
    { 'workflows.prod.yaml': 'workflows:\n  resource-requests: null\n' },
    [
      'workflows.prod.yaml:2: fault: workflows.resource-requests: null removes what workflows.yaml has here, and it has nothing; did you mean resource-request?',
    ],
  ],
  [
    'a null that removes what must be there',
    { 'workflows.prod.yaml': onboarding('run: null') },
    [expect.stringMatching(/^workflows\.prod\.yaml:3: fault: workflows\.onboarding\.run/)],
  ],
  [
    'nothing in it',
    { 'workflows.prod.yaml': '# nothing yet\n' },
    expect.arrayContaining([
      'workflows.prod.yaml:1: fault: must be a map of what differs from workflows.yaml; without anything that differs delete the file',
    ]),
  ],
  [
    'what is no YAML',
    { 'workflows.prod.yaml': 'workflows:\n  onboarding: [\n' },
    [expect.stringMatching(/^workflows\.prod\.yaml:3: fault: not YAML: /)],
  ],
  [
    'a name of no environment',
    { 'workflows.pord.yaml': onboarding('lock: null') },
    [
      'workflows.pord.yaml:1: fault: "pord" is no environment of env.yaml, which has dev, staging, prod; did you mean prod?',
    ],
  ],
  [
    'another ending',
    { 'workflows.prod.yml': onboarding('lock: null') },
    ['workflows.prod.yml:1: fault: the name of an overlay ends with .yaml; rename it to workflows.prod.yaml'],
  ],
  [
    'the template of another one',
    {
      'workflows.prod.yaml': onboarding('on:', '  dingtalk: { process_code: PROC-1 }'),
      'workflows.staging.yaml': onboarding('on:', '  dingtalk: { process_code: PROC-1 }'),
    },
    [
      'workflows.staging.yaml:4: fault: workflows.onboarding.on.dingtalk: "PROC-1" starts a workflow of workflows.prod.yaml too: one approval would run in both environments',
    ],
  ],
])('an overlay with %s is named with its line', async (_, files, lines) => {
  expect(await check(files)).toEqual({ code: 1, lines });
});

test.each(['prod', 'staging'])(
  'what only overlays make wrong in workflows.yaml is named there, for %s',
  async (name) => {
    const overlay = onboarding('parameters: { emp_id: null }');
    const { code, lines } = await check({ 'workflows.prod.yaml': overlay, 'workflows.staging.yaml': overlay });
    const lock = await lineOf('lock: emp_id');
    expect(code).toBe(1);
    expect(lines).toContainEqual(
      expect.stringMatching(
        new RegExp(
          `^workflows\\.yaml:${lock}: fault: workflows\\.onboarding\\.lock.* \\(with workflows\\.${name}\\.yaml\\)$`,
        ),
      ),
    );
  },
);

test('what is wrong in workflows.yaml is said once, however many environments have it', async () => {
  const own = await readFile(join(ROOT, 'workflows.yaml'), 'utf8');
  const { code, lines } = await check({
    'workflows.yaml': own.replace('max_length: 9', 'max_lenght: 9'),
    'workflows.prod.yaml': onboarding('lock: null'),
    'workflows.staging.yaml': onboarding('lock: null'),
  });
  const what = 'workflows.onboarding.parameters.emp_id has the unknown key max_lenght; did you mean max_length?';
  expect([code, lines]).toEqual([1, [`workflows.yaml:${await lineOf('max_length: 9')}: fault: ${what}`]]);
});

test('an overlay that is named alone is checked over the workflows.yaml beside it', async () => {
  const files = { 'workflows.prod.yaml': onboarding('aprovers: { min: 2 }') };
  const { code, lines } = await check(files, join(root, 'workflows.prod.yaml'), '--json');
  expect([code, lines.map((line) => JSON.parse(line))]).toEqual([
    1,
    [
      {
        file: 'workflows.prod.yaml',
        line: 3,
        path: 'workflows.onboarding',
        severity: 'fault',
        message: 'workflows.onboarding has the unknown key aprovers; did you mean approvers?',
      },
    ],
  ]);
});
