import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { planRun, type RunPlan } from '../../../functions/dispatch/plan-run.ts';
import { checkGuards } from '../../../functions/ingest/check-guards.ts';
import { type Release, readRelease } from '../../../setup/read-release.ts';
import { errorMessage } from '../../../shared/errors.ts';
import type { Parameters } from '../../../shared/events.ts';
import { fill } from '../../../shared/message/fill.ts';
import { TEXTS } from '../../../shared/message/texts.ts';
import { namesOf } from '../../../shared/names.ts';
import type { Refusal } from '../../../shared/request/records.ts';
import { WorkflowsError } from '../../../shared/workflows/fault.ts';
import { loadWorkflows } from '../../../shared/workflows/load-workflows.ts';
import { mapParameters } from '../../../shared/workflows/map-parameters.ts';
import type { Workflow, Workflows } from '../../../shared/workflows/schema.ts';
import { findNamed } from '../../approval/form-values.ts';
import { readSample, type SampleApproval } from '../../approval/sample-approval.ts';
import { type Io, paint, Unsuccessful, UsageError } from '../../io.ts';
import { readEnvironmentName } from '../../setup/deploy-environment.ts';

interface TryOptions {
  form: string;
  workflow?: string;
  env: string;
  json?: true;
}

export function workflowsTryCommand(io: Io): Command {
  return new Command('try')
    .description('Show what a sample approval would do: its parameters, the guards, and the run. Nothing is run')
    .requiredOption('--form <file>', 'the sample approval, in JSON; - reads stdin')
    .option('--workflow <name>', 'the workflow it starts, where the sample does not say')
    .option('--env <name>', 'the environment whose workflows and commands count', 'dev')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `
A sample is what the detail API of DingTalk answered ({"result":{…}}), or an approval in short:
  {"workflow":"onboarding", "fields":{"TextField-EMPID":"E123","DDSelectField-ROLE":"devops"},
   "requester":"zhangsan", "approvers":["lisi"]}
Also "state": approved, pending, not approved or revoked; "kind": original, modification or revocation; "platform".
Fields go by component id, business alias or label. Exit code 0 if it would run, 1 if it would be refused.

Example:
  $ npm run -s loop -- workflows try --form docs/examples/onboarding.json
`,
    )
    .action(async (options: TryOptions) => {
      const release = await readRelease(io.root, readEnvironmentName(options.env));
      const tried = tryApproval(readSample(await readJson(options.form, io)), options, release, io);
      if (options.json) io.out(JSON.stringify(tried));
      else for (const line of toLines(tried, io)) io.out(line);
      if (tried.outcome === 'refused') throw new Unsuccessful('it would be refused');
    });
}

type Tried =
  | { outcome: 'refused'; workflow: string; refusal: Refusal; message: string }
  | {
      outcome: 'accepted';
      workflow: string;
      agreed: string[];
      parameters: Parameters;
      run: RunPlan['input'];
      command_line: string[];
    };

function tryApproval(sample: SampleApproval, options: TryOptions, release: Release, io: Io): Tried {
  const workflows = fillWhatIsSet(release, io);
  const name = options.workflow ?? sample.workflow ?? onlyWorkflow(workflows);
  const workflow = findNamed(workflows, name);
  const refusal = checkGuards(workflow, sample.approval);
  if (refusal) return refused(name, workflow, refusal);
  const mapped = mapParameters(workflow, sample.platform, sample.approval.fields);
  if (mapped.kind === 'refused') return refused(name, workflow, mapped.refusal);
  const { command, input } = planRun(toRequest(name, sample, mapped.parameters), {
    workflows,
    scripts: release.scripts,
    environmentName: options.env,
    names: namesOf(options.env, ''),
  });
  const words = command.arguments.map((word) =>
    word.replace(/^\{\{(.+)\}\}$/, (_, parameter: string) => input.parameters[parameter] ?? ''),
  );
  const { parameters } = mapped;
  const agreed = sample.approval.approvers.map(({ name: person }) => person);
  return {
    outcome: 'accepted',
    workflow: name,
    agreed,
    parameters,
    run: input,
    command_line: [command.path ?? command.script, ...words],
  };
}

function refused(name: string, { language }: Workflow, refusal: Refusal): Tried {
  const { refusals } = TEXTS[language];
  const message = fill(refusals[refusal.code] ?? refusals.other, { code: refusal.code, ...refusal.values });
  return { outcome: 'refused', workflow: name, refusal, message };
}

/** Instances and templates from the variables of this shell where it has them all; else they stay as they are written. */
function fillWhatIsSet({ file, workflows }: Release, io: Io): Workflows {
  try {
    return loadWorkflows(file, { variables: io.env, used: ['run'] });
  } catch (error) {
    if (error instanceof WorkflowsError) return workflows;
    throw error;
  }
}

function onlyWorkflow({ workflows }: Workflows): string {
  const names = Object.keys(workflows);
  const [name] = names;
  if (name !== undefined && names.length === 1) return name;
  throw new UsageError(`say which workflow it starts: --workflow ${names.join(', ')}`);
}

function toRequest(workflow: string, { platform, approval }: SampleApproval, parameters: Parameters) {
  const { instance_id, code, title, number, requester, approvers } = approval;
  return {
    request_id: `${platform}.${instance_id}`,
    workflow,
    action: 'provision' as const,
    platform,
    tenant: '',
    approval: { instance_id, code, title, number },
    requester,
    approvers: [...approvers],
    parameters,
  };
}

function toLines(tried: Tried, io: Io): string[] {
  const { bold, green, red } = paint(io);
  if (tried.outcome === 'refused')
    return [`${red('refused')}  ${tried.workflow}: ${tried.refusal.code}`, `the group would read: ${tried.message}`];
  const { run, command_line } = tried;
  return [
    `${green('accepted')}  ${tried.workflow}: approved, agreed to by ${tried.agreed.join(', ')}`,
    ...Object.entries(tried.parameters).map(([name, value]) => `  ${bold(name)} = ${JSON.stringify(value)}`),
    `${run.operation} ${run.command_name} on ${run.instances.join(', ')}, at most ${run.timeout_seconds} s`,
    `  ${command_line.map((word, index) => (index === 0 ? word : `'${word}'`)).join(' ')}`,
    'nothing was run',
  ];
}

async function readJson(file: string, io: Io): Promise<unknown> {
  try {
    const text = file === '-' ? Buffer.concat(await io.stdin.toArray()).toString() : await readFile(file, 'utf8');
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} cannot be read as JSON: ${errorMessage(error)}`);
  }
}
