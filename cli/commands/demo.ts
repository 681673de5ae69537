import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { ENVIRONMENT } from '../../local/cloud/cloud.ts';
import { readRelease } from '../../setup/read-release.ts';
import { PLATFORM_NAMES, type PlatformName } from '../../shared/ids.ts';
import { assertStartsOn, findNamed, startsOn } from '../approval/form-values.ts';
import { formatMessage } from '../approval/print-steps.ts';
import type { Watched } from '../approval/run-approval.ts';
import { groupFor } from '../demo/ask-in-group.ts';
import { createStage } from '../demo/create-stage.ts';
import { readExampleForm } from '../demo/example-form.ts';
import { SCENARIOS, type ScenarioName } from '../demo/scenarios.ts';
import type { Check, Scenario } from '../demo/stage.ts';
import { type Io, paint, Unsuccessful, UsageError } from '../io.ts';
import { startLocalCloud } from '../local-cloud.ts';
import { PLATFORM_TITLES } from '../platform-titles.ts';

interface Options {
  /** Every platform that the workflow starts on, where none is named. */
  platform?: PlatformName;
  scenario: ScenarioName;
  workflow: string;
  from: 'form' | 'group';
  json?: true;
}

export function demoCommand(io: Io): Command {
  const scenarios = Object.entries(SCENARIOS).map(([name, { about }]) => `  ${name.padEnd(10)}${about}`);
  return new Command('demo')
    .description('One approval all the way round: embedded cloud, real functions, real script, message in the group')
    .addOption(new Option('--scenario <name>', 'which end to show').choices(Object.keys(SCENARIOS)).default('success'))
    .addOption(
      new Option('--platform <platform>', 'where it is approved; by default one after the other').choices(
        PLATFORM_NAMES,
      ),
    )
    .addOption(
      new Option('--from <where>', 'where it begins: with the form, or with a message to the robot of a group')
        .choices(['form', 'group'])
        .default('form'),
    )
    .option('--workflow <name>', 'a workflow of workflows.yaml with an example form in docs/examples', 'onboarding')
    .option('--json', 'print one JSON object a platform instead')
    .addHelpText(
      'after',
      `
Scenarios:
${scenarios.join('\n')}

An object of --json holds request_id, workflow, parameters, invocation, message, steps, duration_ms.

Example:
  $ npm run demo -- --scenario timeout --platform lark
  $ npm run demo -- --workflow resource-request
  $ npm run demo -- --from group
`,
    )
    .action((options: Options) => demo(options, io));
}

/** Plays a scenario on each platform, one after the other. */
async function demo(options: Options, io: Io): Promise<void> {
  const { scenario: name, workflow: workflowName, json } = options;
  const { workflows } = await readRelease(io.root, ENVIRONMENT);
  const workflow = findNamed(workflows, workflowName);
  if (options.platform) assertStartsOn(workflow, workflowName, options.platform);
  const groups = startsOn(workflow).flatMap((platform) => {
    const group = options.from === 'group' ? groupFor(workflows, workflow, platform) : undefined;
    return options.from === 'form' || group !== undefined ? [{ platform, group }] : [];
  });
  const played = groups.filter(({ platform }) => platform === (options.platform ?? platform));
  if (played.length === 0) throw new UsageError(noGroup(workflowName, options.platform));
  if (!json) io.out(`${paint(io).bold(name)}: ${SCENARIOS[name].about}`);
  let isAllWell = true;
  for (const { platform, group } of played) {
    const form = await readExampleForm(io.root, workflowName, workflow, platform);
    const failed = await playOn({ platform, group, workflow: workflowName, form }, options, io);
    for (const { what } of failed) io.err(`${paint(io).red('not so')}: ${what}`);
    isAllWell &&= failed.length === 0;
  }
  if (!isAllWell) throw new Unsuccessful();
  if (!json && name === 'success') pointOn(io);
}

function noGroup(workflow: string, platform?: PlatformName): string {
  const where = platform === undefined ? 'no group' : `no group of ${PLATFORM_TITLES[platform]}`;
  return `${workflow} can be asked for in ${where}: it needs words, and chats with the app's own robot in them (docs/workflows.md, words and chats)`;
}

/** Plays it on a cloud of its own, which is gone afterwards; returns what did not hold. */
async function playOn(
  play: Parameters<typeof createStage>[1],
  { scenario: name, json }: Options,
  io: Io,
): Promise<Check[]> {
  const scenario: Scenario = SCENARIOS[name];
  const style = paint(io);
  const say = json ? () => {} : (line: string) => io.out(line);
  const directory = await mkdtemp(join(tmpdir(), 'approval-loop-demo-'));
  try {
    const local = await startLocalCloud({ root: io.root, directory, port: 0, ...scenario.cloudOptions });
    try {
      const { ready_ms } = local.description;
      say(`\n${style.bold(PLATFORM_TITLES[play.platform])}`);
      say(style.dim(`embedded cloud ready after ${ready_ms} ms, ${local.cloud.changes.length} things set up\n`));
      const stage = createStage(local, play, io, say);
      const { watched, checks } = await scenario.play(stage);
      io.signal.throwIfAborted();
      if (json) io.out(JSON.stringify(watched.outcome));
      else conclude(watched, checks, io);
      return checks.filter(({ holds }) => !holds);
    } finally {
      await local.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function conclude({ outcome }: Watched, checks: readonly Check[], io: Io): void {
  const style = paint(io);
  if (outcome.message) io.out(`\n${formatMessage(outcome.message, io)}\n`);
  for (const { what, holds } of checks) io.out(`${holds ? style.green('✓') : style.red('✗')} ${what}`);
}

function pointOn(io: Io): void {
  const style = paint(io);
  io.out('\nWhere to look next:');
  io.out(`  ${style.bold('npm start')}                             the same cloud, kept running, with a line to paste`);
  io.out(
    `  ${style.bold('npm run demo -- --scenario refused')}    other ends: ${Object.keys(SCENARIOS).slice(1).join(', ')}`,
  );
  io.out(`  ${style.bold('docs/architecture.md')}                  how it works, on one page`);
}
