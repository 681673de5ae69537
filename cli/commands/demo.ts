import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { readRelease } from '../../setup/read-release.ts';
import { findNamed } from '../approval/form-values.ts';
import { formatMessage, formatStep } from '../approval/print-steps.ts';
import { collectOutcome, runApproval, type Watched } from '../approval/run-approval.ts';
import { createStepReader, type SeenStep } from '../approval/steps.ts';
import { readExampleForm } from '../demo/example-form.ts';
import { SCENARIOS, type ScenarioName } from '../demo/scenarios.ts';
import type { Check, Scenario, Stage } from '../demo/stage.ts';
import { type Io, paint, Unsuccessful } from '../io.ts';
import { type LocalCloud, startLocalCloud } from '../local-cloud.ts';

interface Options {
  scenario: ScenarioName;
  workflow: string;
  json?: true;
}

export function demoCommand(io: Io): Command {
  const scenarios = Object.entries(SCENARIOS).map(([name, { about }]) => `  ${name.padEnd(10)}${about}`);
  return new Command('demo')
    .description('One approval all the way round: embedded cloud, real functions, real script, message in the group')
    .addOption(new Option('--scenario <name>', 'which end to show').choices(Object.keys(SCENARIOS)).default('success'))
    .option('--workflow <name>', 'a workflow of workflows.yaml with an example form in docs/examples', 'onboarding')
    .option('--json', 'print one JSON object instead')
    .addHelpText(
      'after',
      `
Scenarios:
${scenarios.join('\n')}

The object of --json holds request_id, workflow, parameters, invocation, message, steps, duration_ms.

Example:
  $ npm run demo -- --scenario timeout
  $ npm run demo -- --workflow resource-request
`,
    )
    .action((options: Options) => demo(options, io));
}

/** Plays a scenario on a cloud of its own, which is gone afterwards. */
async function demo({ scenario: name, workflow, json }: Options, io: Io): Promise<void> {
  findNamed((await readRelease(io.root)).workflows, workflow);
  const form = await readExampleForm(io.root, workflow);
  const scenario: Scenario = SCENARIOS[name];
  const style = paint(io);
  const say = json ? () => {} : (line: string) => io.out(line);
  const directory = await mkdtemp(join(tmpdir(), 'approval-loop-demo-'));
  try {
    say(`${style.bold(name)}: ${scenario.about}`);
    const local = await startLocalCloud({ root: io.root, directory, port: 0, ...scenario.cloudOptions });
    try {
      say(
        style.dim(
          `embedded cloud ready after ${local.description.ready_ms} ms, ${local.cloud.changes.length} things set up\n`,
        ),
      );
      const { watched, checks } = await scenario.play({ ...createStage(local, workflow, io, say), form });
      io.signal.throwIfAborted();
      if (json) io.out(JSON.stringify(watched.outcome));
      else conclude(name, watched, checks, io);
      for (const { what } of checks.filter(({ holds }) => !holds)) io.err(`${style.red('not so')}: ${what}`);
      if (!checks.every(({ holds }) => holds)) throw new Unsuccessful();
    } finally {
      await local.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function createStage(
  { cloud, description }: LocalCloud,
  workflow: string,
  io: Io,
  say: (line: string) => void,
): Omit<Stage, 'form'> {
  const style = paint(io);
  const startedAt = Date.now();
  const trouble = (message: string, fields: object) =>
    say(`${' '.repeat(11)}${style.yellow(message)}  ${style.dim(JSON.stringify(fields))}`);
  return {
    cloud,
    description,
    workflow,
    say,
    approve: (order) =>
      runApproval(
        description,
        order,
        {
          onSubmitted: (requestId) => {
            say(`${requestId}: ${order.requester} asks, ${order.approver} presses ${order.result}`);
          },
          onStep: (step) => say(formatStep(step, io)),
          onTrouble: ({ message, fields }) => trouble(message, fields),
        },
        io.signal,
      ),
    lookAgain: (requestId) => {
      const steps: SeenStep[] = [];
      const read = createStepReader(requestId, startedAt);
      const replay = cloud.activity.watch((entry) => {
        steps.push(...read(entry));
        if (entry.message === 'callback rejected') trouble(entry.message, entry.fields);
      }, 0);
      replay();
      return collectOutcome(description, workflow, requestId, steps, Date.now() - startedAt);
    },
    onInstance: (script) => runOnInstance(cloud.instances, script),
  };
}

async function runOnInstance([instance]: LocalCloud['cloud']['instances'], script: string): Promise<void> {
  if (!instance) throw new Error('the embedded cloud has no instance');
  const result = await instance.run({
    scriptName: 'prepare-scenario.sh',
    script: Buffer.from(`set -e\n${script}\n`),
    timeoutMs: 600_000,
    terminationMode: 'ProcessTree',
    signal: new AbortController().signal,
    onOutput: () => {},
  });
  if (result.end === 'exited' && result.exitCode === 0) return;
  throw new Error(`preparing the instance failed: ${JSON.stringify(result)}`);
}

function conclude(name: ScenarioName, { outcome }: Watched, checks: readonly Check[], io: Io): void {
  const style = paint(io);
  if (outcome.message) io.out(`\n${formatMessage(outcome.message, io)}\n`);
  for (const { what, holds } of checks) io.out(`${holds ? style.green('✓') : style.red('✗')} ${what}`);
  if (name !== 'success') return;
  io.out('\nWhere to look next:');
  io.out(`  ${style.bold('npm start')}                             the same cloud, kept running, with a line to paste`);
  io.out(
    `  ${style.bold('npm run demo -- --scenario refused')}    other ends: ${Object.keys(SCENARIOS).slice(1).join(', ')}`,
  );
  io.out(`  ${style.bold('docs/architecture.md')}                  how it works, on one page`);
}
