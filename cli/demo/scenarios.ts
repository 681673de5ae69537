import { APPROVER, REQUESTER } from '../../local/cloud/people.ts';
import { parseRequestId, requestIdOf } from '../../shared/ids.ts';
import { fieldOf } from '../../shared/workflows/lookups.ts';
import { type ApprovalOrder, templateCode } from '../approval/open-desk.ts';
import type { Watched } from '../approval/run-approval.ts';
import { UsageError } from '../io.ts';
import { MISHAPS } from './mishaps.ts';
import { sendCallback } from './send-callback.ts';
import type { Check, Scenario, Stage } from './stage.ts';

/** The example approval of the workflow, with some values changed. */
function order({ platform, workflow, form }: Stage, changes: Readonly<Record<string, string>> = {}): ApprovalOrder {
  const values = { ...form, ...changes };
  return { platform, workflow, values, requester: REQUESTER, approver: APPROVER, result: 'agree' };
}

/** What can go wrong on the instance is known for the workflows of this repository. */
async function prepare(stage: Stage, which: 'notOurs' | 'hangs'): Promise<void> {
  const mishap = MISHAPS[stage.workflow]?.[which];
  if (!mishap)
    throw new UsageError(`this scenario is there for ${Object.keys(MISHAPS).join(', ')}, not for ${stage.workflow}`);
  stage.say(`${mishap.about}\n`);
  await stage.onInstance(mishap.script);
}

function ran(watched: Watched, times: number): Check {
  const what = times === 0 ? 'nothing ran on the instance' : 'the command ran exactly once';
  return { what, holds: watched.runs === times };
}

function told(watched: Watched, times: number): Check {
  return {
    what: times === 0 ? 'nobody got a message' : 'the group got exactly one message',
    holds: watched.messages === times,
  };
}

function ended({ outcome: { invocation } }: Watched, status: string, exitCode?: number): Check {
  const code = exitCode === undefined ? '' : `, exit code ${exitCode}`;
  const holds = invocation?.status === status && (exitCode === undefined || invocation.exit_code === exitCode);
  return { what: `Cloud Assistant says ${status}${code}`, holds };
}

async function playOnce(stage: Stage, ...checks: ((watched: Watched) => Check)[]) {
  const watched = await stage.approve(order(stage));
  return { watched, checks: [ran(watched, 1), ...checks.map((check) => check(watched)), told(watched, 1)] };
}

const success: Scenario = {
  about: 'An approved request is carried out on the instance.',
  play: (stage) => playOnce(stage, (watched) => ended(watched, 'Success', 0)),
};

const failure: Scenario = {
  about: 'Something on the instance is not ours: the script leaves it alone and exits with 3.',
  async play(stage) {
    await prepare(stage, 'notOurs');
    return playOnce(stage, (watched) => ended(watched, 'Failed', 3));
  },
};

const timeout: Scenario = {
  about:
    'Something hangs on the instance; when the time of the workflow is up the run is killed (the clock of the instance runs fast here).',
  cloudOptions: { instanceSpeed: 400 },
  async play(stage) {
    await prepare(stage, 'hangs');
    return playOnce(stage, (watched) => ended(watched, 'Timeout'));
  },
};

const refused: Scenario = {
  about: 'An approved form with a value outside its allow-list never reaches a machine.',
  async play(stage) {
    const watched = await stage.approve(order(stage, spoiledValue(stage)));
    return { watched, checks: [ran(watched, 0), told(watched, 1)] };
  },
};

/** A value that no pattern takes, in the first field that a pattern guards. */
function spoiledValue({ cloud, platform, workflow, form }: Stage): Record<string, string> {
  const parameters = Object.values(cloud.workflows.workflows[workflow]?.parameters ?? {});
  const guarded = parameters.find(({ pattern }) => pattern !== undefined);
  const component = guarded && fieldOf(guarded, platform);
  if (component === undefined) throw new UsageError(`${workflow} has no parameter with a pattern to refuse a value by`);
  return { [component]: `${form[component] ?? ''}; rm -rf /` };
}

/** The platform's callback about a granted approval: by whoever has its secrets, or by somebody who guesses them. */
function callBack({ description, platform, workflow }: Stage, instanceId: string, genuine: boolean): Promise<number> {
  const code = templateCode(description, platform, workflow);
  return sendCallback(description, platform, { instanceId, code }, genuine);
}

const duplicate: Scenario = {
  about: 'The platform sends the same callback three times, the last time late: one run, one message.',
  async play(stage) {
    // Every push of the approval: those of its beginning come first.
    stage.cloud.faults.add({ service: stage.platform, operation: 'push', times: 100, fault: { kind: 'double' } });
    const first = await stage.approve(order(stage));
    const requestId = first.outcome.request_id;
    const instanceId = parseRequestId(requestId)?.instanceId ?? '';
    const status = await callBack(stage, instanceId, true);
    stage.say(`the callback came once more: HTTP ${status}, and nothing was left to do`);
    const watched = await stage.lookAgain(requestId);
    return { watched, checks: [ran(watched, 1), ended(watched, 'Success', 0), told(watched, 1)] };
  },
};

const forged: Scenario = {
  about: 'A callback with a wrong signature is refused, and nothing else happens.',
  async play(stage) {
    const status = await callBack(stage, 'forged-1', false);
    stage.say(`the forged callback was answered with HTTP ${status}`);
    const watched = await stage.lookAgain(requestIdOf(stage.platform, 'forged-1'));
    return { watched, checks: [{ what: 'it was refused', holds: status === 403 }, ran(watched, 0), told(watched, 0)] };
  },
};

export const SCENARIOS = { success, failure, timeout, refused, duplicate, forged };
export type ScenarioName = keyof typeof SCENARIOS;
