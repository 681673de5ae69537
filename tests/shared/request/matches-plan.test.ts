import type { Invocation } from '../../../shared/alicloud/cloud-assistant.ts';
import { matchesPlan } from '../../../shared/request/matches-plan.ts';
import type { CommandInput } from '../../../shared/request/records.ts';
import { FACTS } from './facts.ts';

const input: CommandInput = {
  ...FACTS.planned.input,
  content: 'echo 中文 🚀',
  content_sha256: '45ec1949e19c251dd161c40ab2351701edb81d2c6180fa8c69002ae5bdcf8c06',
  instances: ['i-2', 'i-1'],
  parameters: { emp_id: 'E123', note: '' },
  tags: { 'approval-loop-request': 'dingtalk.a', 'approval-loop-environment': 'dev' },
};

const instance = (instanceId: string): Invocation['instances'][number] => ({
  instanceId,
  status: 'Running',
  exitCode: undefined,
  errorCode: '',
  errorInfo: '',
  startTime: '',
  finishTime: '',
  output: Buffer.alloc(0),
  dropped: 0,
});

const invocation: Invocation = {
  invokeId: 't-1',
  commandName: input.command_name,
  commandContent: input.content,
  parameters: { note: '', emp_id: 'E123' },
  tags: { ...input.tags, 'acs:added': 'by the platform' },
  instances: [instance('i-1'), instance('i-2')],
};

test('a run of the plan matches, in whatever order its instances and parameters come, with more tags', () => {
  expect(matchesPlan(invocation, input)).toBe(true);
});

test.each<[string, Partial<Invocation>]>([
  ['another command', { commandName: `${input.command_name}x` }],
  ['another content', { commandContent: 'echo 中文' }],
  ['a changed value', { parameters: { emp_id: 'E124', note: '' } }],
  ['a parameter less', { parameters: { emp_id: 'E123' } }],
  ['a parameter more', { parameters: { emp_id: 'E123', note: '', role: 'root' } }],
  ['a parameter of another name', { parameters: { emp_id: 'E123', constructor: '' } }],
  ['the tag of another request', { tags: { ...input.tags, 'approval-loop-request': 'dingtalk.b' } }],
  ['the tag of another environment', { tags: { ...input.tags, 'approval-loop-environment': 'prod' } }],
  ['no tags', { tags: {} }],
  ['an instance less', { instances: [instance('i-1')] }],
  ['an instance more', { instances: [instance('i-1'), instance('i-2'), instance('i-3')] }],
  ['an instance twice', { instances: [instance('i-1'), instance('i-1')] }],
  ['no instance', { instances: [] }],
])('a run with %s does not match', (_, changes) => {
  expect(matchesPlan({ ...invocation, ...changes }, input)).toBe(false);
});
