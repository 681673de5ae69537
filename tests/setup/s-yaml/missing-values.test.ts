import { parse } from 'yaml';
import { missingValues } from '../../../setup/s-yaml/missing-values.ts';
import { SAMPLE, WORKFLOWS } from './sample.ts';

const ALL = {
  DINGTALK_CORP_ID: 'ding1',
  DINGTALK_APP_KEY: 'key',
  DINGTALK_APP_SECRET: '秘密 🔑',
  DINGTALK_CALLBACK_TOKEN: 'token',
  DINGTALK_CALLBACK_AES_KEY: 'aes',
  ONBOARDING_CODE: 'PROC-1',
  INSTANCE_IDS: 'i-1',
  ROBOT_SECRET: 'SEC1',
};
const missing = (variables: Record<string, string | undefined>) =>
  Object.fromEntries(missingValues({ file: parse(SAMPLE), workflows: WORKFLOWS, variables }));

test('a shell that has every value lacks none', () => {
  expect(missing(ALL)).toEqual({});
});

test.each([
  ['is absent', undefined],
  ['is empty', ''],
  ['is what s.yaml puts in its place', 'not-set'],
])('a value that %s is missing, for each function that needs it', (_what, value) => {
  expect(missing({ ...ALL, DINGTALK_CORP_ID: value, INSTANCE_IDS: value })).toEqual({
    DINGTALK_CORP_ID: ['ingest', 'notify'],
    INSTANCE_IDS: ['dispatch'],
  });
});

test.each([
  ['DINGTALK_START_APP_KEY', 'DINGTALK_START_APP_SECRET'],
  ['LARK_START_APP_SECRET', 'LARK_START_APP_ID'],
])('an app that starts approvals is set as a whole: %s needs %s', (set, lacking) => {
  const pair = ['DINGTALK_START_APP_KEY', 'DINGTALK_START_APP_SECRET', 'LARK_START_APP_ID', 'LARK_START_APP_SECRET'];
  const lines = pair.map((name) => `        ${name}: \${env('${name}', 'not-set')}\n`).join('');
  const line = '        ONBOARDING_CODE:';
  const file = parse(SAMPLE.replace(line, lines + line));
  const of = (variables: Record<string, string>) =>
    Object.fromEntries(missingValues({ file, workflows: WORKFLOWS, variables: { ...ALL, ...variables } }));
  expect(of({ [set]: '秘密 🔑' })).toEqual({ [lacking]: ['ingest'] });
  expect(of({ [set]: '秘密 🔑', [lacking]: 'x' })).toEqual({});
});

test('a platform of which nothing is set is not used, unless it is the only one', () => {
  const { DINGTALK_CORP_ID: _, ROBOT_SECRET: __, ...others } = ALL;
  expect(missing(others)).toMatchObject({ DINGTALK_CORP_ID: ['ingest', 'notify'], ROBOT_SECRET: ['notify'] });
  expect(Object.keys(missing({ INSTANCE_IDS: 'i-1' }))).toContain('LARK_APP_ID');
});
