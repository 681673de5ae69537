import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { variable } from '../shared/workflows/sample.ts';
import { ROOT, run } from './command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'workflows-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OWN = readFileSync(join(ROOT, 'workflows.yaml'), 'utf8');
const lineOf = (text: string) => OWN.split('\n').findIndex((line) => line.includes(text)) + 1;

/** The repository's own file with one text for another. */
function save(name: string, from: string, to: string): string {
  if (!OWN.includes(from)) throw new Error(`workflows.yaml has no ${from}`);
  const path = join(folder, name);
  writeFileSync(path, OWN.replace(from, to));
  return path;
}

const check = (...files: string[]) => run(['workflows', 'check', ...files]);
const tryOut = (sample: unknown, ...options: string[]) =>
  run(['workflows', 'try', '--form', '-', ...options], {
    input: JSON.stringify(sample),
    env: { ECS_INSTANCE_IDS: '' },
  });

describe('workflows check', () => {
  test('has nothing to say about the file of this repository', async () => {
    const { code, stdout } = await check();
    expect([code, stdout]).toEqual([0, `${join(ROOT, 'workflows.yaml')}: nothing to say\n`]);
  });

  test('names the line of a mistyped key, and the key that was meant', async () => {
    const file = save('typo.yaml', 'max_length: 9', 'max_lenght: 9');
    const { code, stdout } = await check(file);
    const what = 'workflows.onboarding.parameters.emp_id has the unknown key max_lenght; did you mean max_length?';
    expect([code, stdout]).toEqual([1, `${file}:${lineOf('max_length: 9')}: fault: ${what}\n`]);
  });

  test('prints one JSON object for each finding with --json', async () => {
    const file = save('dash.yaml', "pattern: 'E[0-9]{3,8}'", "pattern: '(E+)+'");
    const { code, stdout } = await check(file, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      file,
      line: lineOf("pattern: 'E[0-9]{3,8}'"),
      path: 'workflows.onboarding.parameters.emp_id.pattern',
      severity: 'fault',
      message: expect.stringContaining('"(E+)+" can take very long'),
    });
  });

  test('says where a file is no YAML', async () => {
    const file = save('broken.yaml', 'chats:', 'chats: [');
    const { code, stdout } = await check(file);
    expect([code, stdout]).toEqual([1, expect.stringMatching(/broken\.yaml:\d+: fault: not YAML: /)]);
  });

  test('a warning alone changes no exit code; the same template in two files does', async () => {
    const code = variable('DINGTALK_ONBOARDING_PROCESS_CODE');
    const [dev, prod] = ['dev', 'prod'].map((name) => save(`${name}.yaml`, `'${code}'`, 'PROC-入职'));
    const one = await check(dev ?? '');
    const two = await check(dev ?? '', prod ?? '');
    expect([one.code, one.stdout]).toEqual([0, expect.stringMatching(/warning: .*"PROC-入职" is spelled out/)]);
    expect([two.code, two.stdout]).toEqual([1, expect.stringContaining(`starts a workflow of ${dev} too`)]);
  });

  test('a file that is not there is wrong usage', async () => {
    const { code, stderr } = await check('missing.yaml');
    expect([code, stderr]).toEqual([2, expect.stringContaining('error: missing.yaml cannot be read: ENOENT')]);
  });
});

describe('workflows try', () => {
  const SAMPLE = {
    workflow: 'onboarding',
    fields: { 'TextField-EMPID': 'E123', 'DDSelectField-ROLE': 'devops' },
    requester: 'zhangsan',
    approvers: ['lisi'],
  };

  test('shows parameters, guards and the run of the example', async () => {
    const { code, stdout } = await run(['workflows', 'try', '--form', join(ROOT, 'docs/examples/onboarding.json')], {
      env: { ECS_INSTANCE_IDS: 'i-1, i-2', ECS_BUILD_INSTANCE_IDS: 'i-3' },
    });
    expect([code, stdout.replace(/[0-9a-f]{12}/, '…').split('\n')]).toEqual([
      0,
      [
        'accepted  onboarding: approved, agreed to by lisi',
        '  emp_id = "E123"',
        '  role = "devops"',
        'InvokeCommand approval-loop-dev-onboarding-… on i-1, i-2, at most 300 s',
        "  /opt/provision.sh '--emp-id' 'E123' '--role' 'devops' '--request' 'dingtalk.sample'",
        'nothing was run',
        '',
      ],
    ]);
  });

  test.each<[string, object, string]>([
    [
      'a value outside its list',
      { fields: { ...SAMPLE.fields, 'DDSelectField-ROLE': 'root 🎉' } },
      'value_not_allowed',
    ],
    ['a field that is missing', { fields: {} }, 'missing_field'],
    ['nobody but the requester', { approvers: ['zhangsan'] }, 'no_approver'],
    ['an approval that was not granted', { state: 'not approved' }, 'not_approved'],
    ['a revocation', { kind: 'revocation' }, 'not_original'],
  ])('with %s it would be refused', async (_, change, refusal) => {
    const { code, stdout } = await tryOut({ ...SAMPLE, ...change }, '--json');
    expect([code, JSON.parse(stdout)]).toEqual([
      1,
      {
        outcome: 'refused',
        workflow: 'onboarding',
        refusal: expect.objectContaining({ code: refusal }),
        message: expect.any(String),
      },
    ]);
  });

  test('takes what the detail API of DingTalk answered', async () => {
    const component = (id: string, componentType: string, value: string) => ({ id, name: id, componentType, value });
    const { code, stdout } = await tryOut(
      {
        result: {
          title: '张三提交的入职',
          status: 'COMPLETED',
          result: 'agree',
          bizAction: 'NONE',
          originatorUserId: 'zhangsan',
          createTime: '2026-01-02T03:04Z',
          operationRecords: [
            { userId: 'lisi', type: 'EXECUTE_TASK_NORMAL', result: 'AGREE', date: '2026-01-02T03:05Z' },
          ],
          formComponentValues: [
            component('TextField-EMPID', 'TextField', 'E777'),
            component('DDSelectField-ROLE', 'DDSelectField', 'analyst'),
          ],
        },
      },
      '--json',
      '--workflow',
      'onboarding',
    );
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { outcome: 'accepted', agreed: ['lisi'], parameters: { emp_id: 'E777', role: 'analyst' } },
    ]);
  });

  test.each([
    ['no JSON', 'x', /^error: - cannot be read as JSON/],
    ['no sample', '{}', /^error: the sample is neither/],
    [
      'another workflow',
      JSON.stringify({ ...SAMPLE, workflow: 'offboarding' }),
      /^error: there is no workflow "offboarding"/,
    ],
  ])('%s is wrong usage', async (_, input, message) => {
    const { code, stderr } = await run(['workflows', 'try', '--form', '-'], { input });
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
