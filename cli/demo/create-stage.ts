import { formatStep } from '../approval/print-steps.ts';
import { collectOutcome, runApproval } from '../approval/run-approval.ts';
import { createStepReader, type SeenStep } from '../approval/steps.ts';
import { type Io, paint } from '../io.ts';
import type { LocalCloud } from '../local-cloud.ts';
import { askInGroup } from './ask-in-group.ts';
import type { Stage } from './stage.ts';

/** A stage on this cloud that prints what happens by `say`. */
export function createStage(
  { cloud, description }: LocalCloud,
  play: Pick<Stage, 'platform' | 'workflow' | 'form'> & { group?: string | undefined },
  io: Io,
  say: (line: string) => void,
): Stage {
  const { group } = play;
  const style = paint(io);
  const startedAt = Date.now();
  const trouble = (message: string, fields: object) =>
    say(`${' '.repeat(11)}${style.yellow(message)}  ${style.dim(JSON.stringify(fields))}`);
  return {
    cloud,
    description,
    ...play,
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
          ...(group !== undefined && {
            submit: (asked) => askInGroup(cloud, group, asked, { say, signal: io.signal }),
          }),
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
      return collectOutcome(description, play.workflow, requestId, steps, Date.now() - startedAt);
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
