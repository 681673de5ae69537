import type { CloudAssistant } from '../../../shared/alicloud/cloud-assistant.ts';
import type { CommandInput } from '../../../shared/request/records.ts';

/** Whatever a query can spoil. */
export const AWKWARD = `~!*'() +&=%/?#"\\<>{}[]|^\`$;,:@ 中文 🙂\n\t\r\u00a0`;

const common = {
  command_name: 'approval-loop-dev-onboarding',
  content_sha256: '0'.repeat(64),
  timeout_seconds: 300,
  client_token: 'a'.repeat(40),
  tags: { 'approval-loop-request': 'dingtalk.pi-1_A', environment: 'dev' },
};

export const INPUTS: Readonly<Record<string, CommandInput>> = {
  'a command of its own': {
    ...common,
    operation: 'InvokeCommand',
    command_id: 'c-hz01',
    content: 'not sent',
    instances: ['i-a'],
    parameters: { emp_id: 'E123', role: 'devops' },
  },
  'awkward values on 100 instances': {
    ...common,
    operation: 'InvokeCommand',
    command_id: 'c-hz01',
    content: '',
    instances: Array.from({ length: 100 }, (_, index) => `i-${index}`),
    parameters: { text: AWKWARD, empty: '', 'a-b_C': '0' },
    tags: { empty: '', [AWKWARD]: AWKWARD },
    timeout_seconds: 10,
  },
  'no parameters and no tags': {
    ...common,
    operation: 'InvokeCommand',
    command_id: 'c-hz01',
    content: '',
    instances: ['i-a', 'i-b'],
    parameters: {},
    tags: {},
  },
  'a script with each run': {
    ...common,
    operation: 'RunCommand',
    content: `#!/bin/sh\necho '入职 🙂' {{emp_id}}\n`,
    instances: ['i-a'],
    parameters: { emp_id: 'E123' },
  },
  'a script of 18 KB': {
    ...common,
    operation: 'RunCommand',
    content: `#!/bin/sh\n# ${AWKWARD}${'中'.repeat(6_000)}`,
    instances: ['i-a', 'i-b'],
    parameters: { text: AWKWARD },
  },
};

/** One call of each kind, by ours; the conformance test makes the same with the official client, in this order. */
export function ourCalls(assistant: CloudAssistant): (() => Promise<unknown>)[] {
  return [
    ...Object.values(INPUTS).map((input) => () => assistant.run(input)),
    () => assistant.findInvocation('t-hz01'),
    () => assistant.findInvocationsByTag('approval-loop-request', 'dingtalk.pi-1_A'),
    () => assistant.findInvocationsByTag(AWKWARD, AWKWARD),
    () => assistant.findCommandId('approval-loop-dev-onboarding'),
    () => assistant.findCommandId(AWKWARD),
  ];
}
