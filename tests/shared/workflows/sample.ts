import { parameterSchema, type Workflow } from '../../../shared/workflows/schema.ts';

/** A text as the file holds it that stands for a variable of the environment. */
export const variable = (name: string) => ['$', '{', name, '}'].join('');

/** A parsed workflows.yaml without a fault, in which every key that has no default is given. */
export const SAMPLE = {
  chats: {
    'it-ops': { dingtalk: { robot: { access_token: variable('ROBOT_TOKEN'), secret: variable('ROBOT_SECRET') } } },
  },
  commands: {
    onboarding: {
      script: 'scripts/provision.sh',
      path: '/opt/provision.sh',
      arguments: ['--emp-id', '{{emp_id}}', '--role', '{{role}}', '--request', '{{request_id}}'],
    },
  },
  workflows: {
    onboarding: {
      title: '新员工入职 🚀',
      on: { dingtalk: { process_code: variable('PROCESS_CODE') } },
      parameters: {
        emp_id: { field: { dingtalk: 'TextField-EMPID' }, pattern: 'E[0-9]{3,8}' },
        role: { field: 'DDSelectField-ROLE', one_of: { 运维: 'devops', 开发: 'developer' } },
        note: { field: '备注', text: true, max_length: 500, optional: true, hint: '随便写' },
      },
      run: { command: 'onboarding', instances: [variable('INSTANCE_IDS')] },
      chat: { dingtalk: 'it-ops' },
    },
  },
};

/** The value with another one at `path`, where names stand between dots; `undefined` takes the key away. */
export function changed(value: unknown, path: string, to: unknown): unknown {
  const [name = '', ...rest] = path.split('.');
  const next = (item: unknown) => (rest.length === 0 ? to : changed(item, rest.join('.'), to));
  if (Array.isArray(value)) return value.map((item: unknown, index) => (String(index) === name ? next(item) : item));
  if (typeof value !== 'object' || value === null) throw new Error(`there is no ${path} in the sample`);
  const entries = new Map<string, unknown>(Object.entries(value));
  entries.set(name, next(entries.get(name)));
  return Object.fromEntries([...entries].filter(([, item]) => item !== undefined));
}

/** A workflow with these parameters and nothing else of interest. */
export function workflowWith(parameters: Readonly<Record<string, unknown>>): Workflow {
  return {
    title: '入职',
    on: { dingtalk: { process_code: 'PROC-1' } },
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, parameter]) => [name, parameterSchema.parse(parameter)]),
    ),
    approvers: { min: 1, from: 'any' },
    mode: 'run',
    run: { command: 'onboarding', instances: ['i-1'], timeout: 60, offline: 'fail' },
    on_revoke: 'ask',
    chat: { dingtalk: 'it-ops' },
    start_message: false,
    mention: [],
    language: 'zh-CN',
    time_zone: 'Asia/Shanghai',
  };
}
