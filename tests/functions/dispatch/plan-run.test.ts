import { planRun, type RunPlan } from '../../../functions/dispatch/plan-run.ts';
import type { Parameters, ProvisionRequest } from '../../../shared/events.ts';
import { sha256Hex } from '../../../shared/ids.ts';
import { namesOf } from '../../../shared/names.ts';
import { commandInputSchema } from '../../../shared/request/records.ts';
import type { Command, Workflow } from '../../../shared/workflows/schema.ts';
import { FACTS, REQUEST_ID } from '../../shared/request/facts.ts';
import { workflowWith } from '../../shared/workflows/sample.ts';

const SCRIPT = '#!/bin/sh\necho "$@"\n';
const COMMAND: Command = {
  script: 'scripts/p.sh',
  path: '/opt/p.sh',
  arguments: ['--emp-id', '{{emp_id}}', '--note', '{{note}}', '--request', '{{request_id}}'],
};
const WORKFLOW: Workflow = workflowWith({
  emp_id: { field: 'a', pattern: 'E[0-9]+' },
  role: { field: 'b', one_of: ['devops'] },
  note: { field: 'c', text: true, max_length: 4096, optional: true },
});
const PARAMETERS: Parameters = { emp_id: 'E123', role: 'devops', note: "it's 中文 🚀\n" };

interface Changes {
  command?: Partial<Command>;
  workflow?: Partial<Workflow>;
  parameters?: Parameters;
  request?: Partial<ProvisionRequest>;
}

function plan({ command = {}, workflow = {}, parameters = PARAMETERS, request = {} }: Changes = {}): RunPlan {
  return planRun(
    { ...FACTS.accepted.request, parameters, ...request },
    {
      workflows: {
        quota: {},
        chats: {},
        commands: { onboarding: { ...COMMAND, ...command } },
        workflows: { onboarding: { ...WORKFLOW, ...workflow } },
      },
      scripts: { 'scripts/p.sh': { sha256: sha256Hex(SCRIPT), text: SCRIPT } },
      environmentName: 'dev',
      names: namesOf('dev', '1234567890'),
    },
  );
}

const withRun = (run: Partial<Workflow['run']>): Changes => ({ workflow: { run: { ...WORKFLOW.run, ...run } } });

test('the input of a run is all there is to it', () => {
  const content = `#!/bin/sh
# approval-loop, command "onboarding"
if ! echo '${sha256Hex(SCRIPT)}  /opt/p.sh' | sha256sum -c --status -; then
  echo '/opt/p.sh is missing or not the released version; run setup for this instance' >&2
  exit 90
fi
exec /opt/p.sh '--emp-id' '{{emp_id}}' '--note' '{{note}}' '--request' '{{request_id}}'
`;
  const { input } = plan();
  expect(input).toEqual({
    operation: 'InvokeCommand',
    command_name: `approval-loop-dev-onboarding-${sha256Hex(content).slice(0, 12)}`,
    content,
    content_sha256: sha256Hex(content),
    instances: ['i-1'],
    parameters: { emp_id: 'E123', note: 'aXQncyDkuK3mlocg8J+agAo=', request_id: REQUEST_ID },
    timeout_seconds: 60,
    client_token: sha256Hex(`${REQUEST_ID}\nrun`).slice(0, 40),
    tags: { 'approval-loop-request': REQUEST_ID, 'approval-loop-environment': 'dev' },
  });
  expect(commandInputSchema.parse(input)).toEqual(input);
});

test('the same request gives the same input every time, another request another token', () => {
  expect(plan()).toEqual(plan());
  const other = plan({ request: { request_id: 'dingtalk.other' } }).input;
  expect(other.client_token).not.toBe(plan().input.client_token);
  expect(other.command_name).toBe(plan().input.command_name);
  expect(other.parameters['request_id']).toBe('dingtalk.other');
});

test('what undoes a run is another command, in the name of the request that it undoes', () => {
  const { input } = plan({
    workflow: { revoke: { command: 'onboarding' }, run: { ...WORKFLOW.run, command: 'nothing' } },
    request: { request_id: `${REQUEST_ID}.revoke`, action: 'revoke', instances: ['i-7', 'i-9'] },
  });
  expect(input).toMatchObject({
    instances: ['i-7', 'i-9'],
    parameters: { request_id: REQUEST_ID },
    client_token: sha256Hex(`${REQUEST_ID}.revoke\nrun`).slice(0, 40),
    tags: { 'approval-loop-request': `${REQUEST_ID}.revoke` },
  });
});

test('another attempt is another run, in the name of the approval', () => {
  const { input } = plan({ request: { request_id: `${REQUEST_ID}.retry-1`, instances: ['i-2'] } });
  expect(input).toMatchObject({
    instances: ['i-2'],
    parameters: { request_id: REQUEST_ID },
    client_token: sha256Hex(`${REQUEST_ID}.retry-1\nrun`).slice(0, 40),
    tags: { 'approval-loop-request': `${REQUEST_ID}.retry-1` },
  });
});

test('a script without a path is sent with the run', () => {
  const { input } = plan({ command: { path: undefined } });
  expect(input.operation).toBe('RunCommand');
  expect(input.content).toBe(`#!/bin/sh
# approval-loop, command "onboarding"
set -- '--emp-id' '{{emp_id}}' '--note' '{{note}}' '--request' '{{request_id}}'
echo "$@"
`);
});

describe('the parameters of a run', () => {
  test.each<[string, Changes, Record<string, string>]>([
    [
      'are those that the command uses, once each',
      { command: { arguments: ['{{role}}', '{{role}}'] } },
      { role: 'devops' },
    ],
    ['may be none', { command: { arguments: ['--all'] } }, {}],
    [
      'hold the request id where the command asks for it',
      { command: { arguments: ['{{request_id}}'] } },
      { request_id: REQUEST_ID },
    ],
    [
      'hold an empty text as nothing',
      { command: { arguments: ['{{note}}'] }, parameters: { ...PARAMETERS, note: '' } },
      { note: '' },
    ],
    [
      'hold values as they are',
      { command: { arguments: ['{{emp_id}}'] }, parameters: { emp_id: ' $& "E" ' } },
      { emp_id: ' $& "E" ' },
    ],
    [
      'are not taken from what the request says beside them',
      { command: { arguments: ['{{request_id}}'] }, parameters: { request_id: 'dingtalk.forged' } },
      { request_id: REQUEST_ID },
    ],
  ])('%s', (_, changes, expected) => {
    expect(plan(changes).input.parameters).toEqual(expected);
  });

  test('the longest free text still fits into a record', () => {
    const { input } = plan({ parameters: { ...PARAMETERS, note: '中'.repeat(1365) } });
    expect(input.parameters['note']).toHaveLength(5460);
    expect(commandInputSchema.safeParse(input).success).toBe(true);
  });
});

describe('the instances of a run', () => {
  test.each([
    ['one', ['i-1'], ['i-1']],
    ['several in their order', ['i-2', 'i-1'], ['i-2', 'i-1']],
    ['several in one text', ['i-1,i-2', 'i-3'], ['i-1', 'i-2', 'i-3']],
    ['with blanks around', [' i-1 , i-2\n'], ['i-1', 'i-2']],
    ['each once', ['i-1,i-2', 'i-1'], ['i-1', 'i-2']],
    ['without what is empty', ['i-1,,', ','], ['i-1']],
  ])('%s', (_, instances, expected) => {
    expect(plan(withRun({ instances })).input.instances).toEqual(expected);
  });

  const numbered = (count: number) => [[...Array(count).keys()].map((index) => `i-${index}`).join(',')];

  test('are 100 at most', () => {
    expect(plan(withRun({ instances: numbered(100) })).input.instances).toHaveLength(100);
    expect(() => plan(withRun({ instances: numbered(101) }))).toThrow(
      'run.instances names 101 instances; 1 to 100 are possible',
    );
  });

  test('are at least one', () => {
    expect(() => plan(withRun({ instances: [' , '] }))).toThrow(
      'run.instances names 0 instances; 1 to 100 are possible',
    );
  });
});

describe('a configuration that no longer has what the request was accepted with fails loudly', () => {
  test.each<[string, Changes, string]>([
    [
      'the workflow',
      { request: { workflow: 'gone' } },
      'the workflow gone is not in workflows.yaml any more; the request stays open',
    ],
    [
      'the command',
      withRun({ command: 'gone' }),
      'the workflow onboarding is not in workflows.yaml any more; the request stays open',
    ],
    [
      'a parameter that is new',
      { parameters: { emp_id: 'E1' } },
      'workflows.yaml has a parameter note that the request was accepted without; it stays open',
    ],
    [
      'the script',
      { command: { script: 'scripts/gone.sh' } },
      'commands.onboarding.script names scripts/gone.sh, which the build did not bundle',
    ],
  ])('%s', (_, changes, message) => {
    expect(() => plan(changes)).toThrow(message);
  });
});

describe('instances that a parameter picks', () => {
  const picked = (role: string) =>
    plan({
      ...withRun({ instances: { parameter: 'role', map: { devops: 'i-1, i-2', analyst: 'i-3' } } }),
      parameters: { ...PARAMETERS, role },
    });

  test('are those of its value', () => {
    expect(picked('devops').input.instances).toEqual(['i-1', 'i-2']);
    expect(picked('analyst').input.instances).toEqual(['i-3']);
  });

  test.each(['developer', 'constructor', ''])(
    'cannot be told for the value %j any more, so the request stays open',
    (role) => {
      expect(() => picked(role)).toThrow(
        `run.instances has no entry for the role "${role}" any more; the request stays open`,
      );
    },
  );
});
