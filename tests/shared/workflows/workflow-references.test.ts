import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import type { PlatformName } from '../../../shared/ids.ts';
import { WorkflowsError } from '../../../shared/workflows/fault.ts';
import { fillIn, type Part } from '../../../shared/workflows/fill-in.ts';
import { loadWorkflows } from '../../../shared/workflows/load-workflows.ts';
import { findWorkflow } from '../../../shared/workflows/lookups.ts';
import type { Workflows } from '../../../shared/workflows/schema.ts';
import { changed, SAMPLE, variable } from './sample.ts';

type Variables = Readonly<Record<string, string | undefined>>;
const VARIABLES: Variables = {
  ROBOT_TOKEN: 'token',
  ROBOT_SECRET: 'SEC',
  PROCESS_CODE: 'PROC-1',
  INSTANCE_IDS: 'i-1,i-2',
};

function faultsOf(file: unknown, variables: Variables = {}, used: readonly Part[] = []): readonly string[] {
  try {
    loadWorkflows(file, { variables, used });
    return [];
  } catch (error) {
    if (error instanceof WorkflowsError) return error.faults.map(({ message }) => message);
    throw error;
  }
}

const W = 'workflows.onboarding';
const { workflows } = SAMPLE;
const twin = (code: string) => ({ ...workflows.onboarding, on: { dingtalk: { process_code: code } } });
const COMMAND = `${W}.run.command: the command uses`;

describe('what the parts say of each other', () => {
  test.each<[string, unknown, string, unknown]>([
    [`${W}.run.command`, 'nope', `${W}.run.command names "nope", which is not under commands`, 'onboarding'],
    [
      `${W}.run.command`,
      'constructor',
      `${W}.run.command names "constructor", which is not under commands`,
      'onboarding',
    ],
    [
      `${W}.chat.dingtalk`,
      'hr',
      `${W}.chat.dingtalk names the chat "hr", and chats.hr.dingtalk does not exist`,
      'it-ops',
    ],
    [
      `${W}.chat.dingtalk`,
      'constructor',
      `${W}.chat.dingtalk names the chat "constructor", and chats.constructor.dingtalk does not exist`,
      'it-ops',
    ],
    [
      `${W}.buttons`,
      { stop: ['operators'] },
      `${W}.buttons.stop names operators, and operators.dingtalk does not exist`,
      { stop: ['requester', 'approvers', 'wangwu'], retry: ['lisi'] },
    ],
    [
      `${W}.chat.lark`,
      'it-ops',
      `${W}.chat.lark names the chat "it-ops", and chats.it-ops.lark does not exist`,
      undefined,
    ],
    [`${W}.chat`, {}, `${W}.chat.dingtalk is missing, and the workflow starts on dingtalk`, { dingtalk: 'it-ops' }],
    [`${W}.on.lark`, { approval_code: 'A-1' }, `${W}.chat.lark is missing, and the workflow starts on lark`, undefined],
    [
      'workflows.again',
      workflows.onboarding,
      `workflows.again.on.dingtalk: the template "${variable('PROCESS_CODE')}" starts workflows.onboarding already`,
      twin('PROC-2'),
    ],
    ['commands.onboarding.arguments.1', '{{emp}}', `${COMMAND} {{emp}}, which is no parameter of the workflow`, 'emp'],
    [
      'commands.onboarding.arguments.1',
      '{{constructor}}',
      `${COMMAND} {{constructor}}, which is no parameter of the workflow`,
      '{{note}}',
    ],
    [
      `${W}.parameters.role`,
      undefined,
      `${COMMAND} {{role}}, which is no parameter of the workflow`,
      { field: 'x', text: true },
    ],
    [
      `${W}.parameters.request_id`,
      { field: 'x', text: true },
      `${W}.parameters.request_id: the name is built in; the parameter needs another`,
      undefined,
    ],
    [
      `${W}.run.instances`,
      { parameter: 'emp_id', map: { E123: 'i-1' } },
      `${W}.run.instances.parameter names "emp_id", which is no parameter with one_of`,
      { parameter: 'role', map: { devops: 'i-1', developer: 'i-2' } },
    ],
    [
      `${W}.run.instances`,
      { parameter: 'role', map: { devops: 'i-1' } },
      `${W}.run.instances.map has no entry for "developer" of role`,
      { parameter: 'role', map: { devops: 'i-1', developer: 'i-1' } },
    ],
    [
      `${W}.run.instances`,
      { parameter: 'role', map: { devops: 'i-1', developer: 'i-2', 运维: 'i-3' } },
      `${W}.run.instances.map.运维: role has no such value, only devops, developer`,
      ['i-1'],
    ],
  ])('%s: %j is refused', (path, wrong, fault, right) => {
    expect(faultsOf(changed(SAMPLE, path, wrong))).toEqual([fault]);
    expect(faultsOf(changed(SAMPLE, path, right))).toEqual([]);
  });

  test.each([
    [10, 0, []],
    [11, 0, [`${W}.run.command: 11 parameters, at most 10`]],
    [9, 1, []],
    [10, 1, [`${W}.run.command: 11 parameters, at most 10`]],
  ])('%i parameters and %i built-in one in a command: %j', (count, builtIn, faults) => {
    const names = [...Array(count).keys()].map((index) => `p${index}`);
    const used = [...names, ...Array(builtIn).fill('request_id')].map((name) => `{{${name}}}`);
    const parameters = Object.fromEntries(names.map((name) => [name, { field: name, text: true }]));
    const file = changed(changed(SAMPLE, `${W}.parameters`, parameters), 'commands.onboarding.arguments', used);
    expect(faultsOf(file)).toEqual(faults);
    // The same parameter once more is no other parameter.
    expect(faultsOf(changed(file, 'commands.onboarding.arguments', [...used, '{{p0}}']))).toEqual(faults);
  });

  test('a command may leave parameters out, and a workflow may do without any', () => {
    const file = changed(SAMPLE, 'commands.onboarding.arguments', []);
    expect(faultsOf(file)).toEqual([]);
    expect(faultsOf(changed(file, `${W}.parameters`, {}))).toEqual([]);
  });
});

describe('a variable', () => {
  const needs = (path: string, name: string) => `${path} needs the environment variable ${name}, which is not set`;
  const token = needs('chats.it-ops.dingtalk.robot.access_token', 'ROBOT_TOKEN');
  const secret = needs('chats.it-ops.dingtalk.robot.secret', 'ROBOT_SECRET');
  const code = needs(`${W}.on.dingtalk.process_code`, 'PROCESS_CODE');
  const instances = needs(`${W}.run.instances.0`, 'INSTANCE_IDS');

  test.each<[Part[], string[], string[]]>([
    [[], [], []],
    [['on'], ['PROCESS_CODE'], [code]],
    [['run'], ['INSTANCE_IDS'], [instances]],
    [['chats'], ['ROBOT_TOKEN', 'ROBOT_SECRET'], [token, secret]],
    [['on', 'run', 'chats'], Object.keys(VARIABLES), [token, secret, code, instances]],
  ])('is needed where the parts %j are used: %j', (used, names, faults) => {
    expect(faultsOf(SAMPLE, {}, used)).toEqual(faults);
    expect(faultsOf(SAMPLE, Object.fromEntries(names.map((name) => [name, 'x'])), used)).toEqual([]);
  });

  test.each([[undefined], [''], ['not-set']])('that is %j is not set', (value) => {
    expect(faultsOf(SAMPLE, { PROCESS_CODE: value }, ['on'])).toEqual([code]);
  });

  const codeOf = (text: string, variables: Variables): string | undefined => {
    const file = changed(SAMPLE, `${W}.on.dingtalk.process_code`, text);
    return loadWorkflows(file, { variables, used: ['on'] }).workflows['onboarding']?.on.dingtalk?.process_code;
  };

  test.each<[string, string, Variables, string]>([
    ['stands within a text', `a-${variable('A')}-z`, { A: '1' }, 'a-1-z'],
    ['stands beside another', `${variable('A')}${variable('B_2')}`, { A: '1', B_2: '2' }, '12'],
    ['is not looked through again', variable('A'), { A: variable('B'), B: '2' }, variable('B')],
    ['is no pattern of a replacement', variable('A'), { A: "$&$1$'" }, "$&$1$'"],
    ['keeps blanks and 中文 🚀', variable('A'), { A: ' 中文 🚀 ' }, ' 中文 🚀 '],
    ['in small letters is none', variable('path'), { path: 'x' }, variable('path')],
    ['without braces is none', '$A', { A: 'x' }, '$A'],
  ])('%s', (_, text, variables, expected) => {
    expect(codeOf(text, variables)).toBe(expected);
  });

  test('of a platform that is not configured is not needed, and stays text', () => {
    const lark = { approval_code: variable('LARK_CODE') };
    const start = { dingtalk: { process_code: variable('PROCESS_CODE') }, lark };
    const fill = (variables: Variables, ...platforms: PlatformName[]) => {
      const filled = fillIn(
        { chats: { ops: start }, workflows: { a: { on: start, run: start } } },
        {
          variables,
          used: ['on', 'chats'],
          platforms,
        },
      );
      return { ...filled, faults: filled.faults.map(({ path }) => path.join('.')) };
    };
    const kept = { dingtalk: { process_code: 'PROC-1' }, lark };
    expect(fill({ PROCESS_CODE: 'PROC-1' }, 'dingtalk')).toEqual({
      file: { chats: { ops: kept }, workflows: { a: { on: kept, run: start } } },
      faults: [],
    });
    expect(fill({ PROCESS_CODE: 'PROC-1', LARK_CODE: 'A-1' }, 'dingtalk').file).toMatchObject({ chats: { ops: kept } });
    expect(fill({ PROCESS_CODE: 'PROC-1' }, 'dingtalk', 'lark').faults).toEqual([
      'chats.ops.lark.approval_code',
      'workflows.a.on.lark.approval_code',
    ]);
    expect(fill({ LARK_CODE: 'A-1' }, 'lark').faults).toEqual([]);
  });

  test('must keep the rules of the key it is for', () => {
    const long = { ...VARIABLES, ROBOT_TOKEN: 't'.repeat(257) };
    expect(faultsOf(SAMPLE, long, ['chats'])).toEqual([
      'chats.it-ops.dingtalk.robot.access_token must have at most 256 characters',
    ]);
  });

  test('elsewhere, and in the name of a key, stays text', () => {
    const file = changed(SAMPLE, `${W}.title`, variable('PROCESS_CODE'));
    const loaded = loadWorkflows(file, { variables: VARIABLES, used: ['on', 'run', 'chats'] });
    expect(loaded.workflows['onboarding']?.title).toBe(variable('PROCESS_CODE'));
    expect(faultsOf(changed(SAMPLE, `chats.${variable('A')}`, {}), { ...VARIABLES, A: 'hr' }, ['chats'])).toEqual([
      `chats.${variable('A')}: a name is 1 to 32 of a-z, 0-9, _ and -, starting with a letter`,
    ]);
  });
});

test.each([
  ['dingtalk', 'PROC-1', 'onboarding'],
  ['dingtalk', 'PROC-2', 'offboarding'],
  ['dingtalk', 'PROC-3', undefined],
  ['dingtalk', '', undefined],
  ['dingtalk', 'proc-1', undefined],
  ['lark', 'PROC-1', undefined],
] as const)('on %s the template %j starts %s', (platform, code, name) => {
  const file = changed(SAMPLE, 'workflows.offboarding', twin('PROC-2'));
  const loaded = loadWorkflows(file, { variables: VARIABLES, used: ['on'] });
  expect(findWorkflow(loaded, platform, code)?.name).toBe(name);
});

describe("this repository's workflows.yaml", () => {
  const load = async (used: readonly Part[], variables: Variables): Promise<Workflows> => {
    const file = await readFile(resolve(__dirname, '../../../workflows.yaml'), 'utf8');
    return loadWorkflows(parse(file), { variables, used });
  };

  test('loads without a variable, as the build reads it', async () => {
    expect(Object.keys((await load([], {})).workflows)).toEqual(['onboarding', 'resource-request']);
  });

  test('loads with the variables that its functions have', async () => {
    const variables = {
      DINGTALK_ROBOT_ACCESS_TOKEN: 'token',
      DINGTALK_ROBOT_SECRET: 'SEC',
      DINGTALK_ONBOARDING_PROCESS_CODE: 'PROC-1',
      DINGTALK_RESOURCE_PROCESS_CODE: 'PROC-2',
      LARK_ONBOARDING_APPROVAL_CODE: 'CODE-1',
      LARK_RESOURCE_APPROVAL_CODE: 'CODE-2',
      LARK_IT_OPS_CHAT_ID: 'oc_1',
      ECS_INSTANCE_IDS: 'i-1,i-2',
      ECS_BUILD_INSTANCE_IDS: 'i-3',
    };
    const loaded = await load(['on', 'run', 'chats'], variables);
    expect(findWorkflow(loaded, 'dingtalk', 'PROC-1')?.workflow.run.instances).toEqual(['i-1,i-2']);
    expect(findWorkflow(loaded, 'lark', 'CODE-2')?.name).toBe('resource-request');
    expect(loaded.chats['it-ops']).toEqual({
      dingtalk: { robot: { access_token: 'token', secret: 'SEC' } },
      lark: { chat_id: 'oc_1' },
    });
  });
});
