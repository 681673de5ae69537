import { APPROVER, REQUESTER } from '../../local/cloud/organisation.ts';
import type { ApprovalOrder, Watched } from '../approval/run-approval.ts';
import { sendCallback } from './send-callback.ts';
import type { Check, Scenario, Stage } from './stage.ts';

const FORM = { 'TextField-EMPID': 'E123', 'DDSelectField-ROLE': 'devops' };

function order(values: Readonly<Record<string, string>> = FORM): ApprovalOrder {
  return { workflow: 'onboarding', values, requester: REQUESTER, approver: APPROVER, result: 'agree' };
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
  const watched = await stage.approve(order());
  return { watched, checks: [ran(watched, 1), ...checks.map((check) => check(watched)), told(watched, 1)] };
}

const success: Scenario = {
  about: 'An approved new hire becomes a user on the instance.',
  play: (stage) => playOnce(stage, (watched) => ended(watched, 'Success', 0)),
};

const failure: Scenario = {
  about: 'The instance has an account of that name which is not ours: the script leaves it alone and exits with 3.',
  async play(stage) {
    await stage.onInstance('useradd --no-create-home e123');
    return playOnce(stage, (watched) => ended(watched, 'Failed', 3));
  },
};

const timeout: Scenario = {
  about:
    'Something hangs on the instance; when the time of the workflow is up the run is killed (the clock of the instance runs fast here).',
  cloudOptions: { instanceSpeed: 400 },
  async play(stage) {
    await stage.onInstance(
      "printf '#!/bin/sh\\nexec sleep 3600\\n' > /usr/local/sbin/useradd && chmod 755 /usr/local/sbin/useradd",
    );
    return playOnce(stage, (watched) => ended(watched, 'Timeout'));
  },
};

const refused: Scenario = {
  about: 'An approved form with a value outside its allow-list never reaches a machine.',
  async play(stage) {
    const watched = await stage.approve(order({ ...FORM, 'TextField-EMPID': 'E123; rm -rf /' }));
    return { watched, checks: [ran(watched, 0), told(watched, 1)] };
  },
};

const duplicate: Scenario = {
  about: 'The platform sends the same callback three times, twice at once and once late: one run, one message.',
  async play(stage) {
    // Every push of the approval: those of its beginning come first.
    stage.cloud.faults.add({ service: 'dingtalk', operation: 'push', times: 100, fault: { kind: 'double' } });
    const first = await stage.approve(order());
    const requestId = first.outcome.request_id;
    const [, instanceId = ''] = requestId.split('.');
    const processCode = stage.description.dingtalk.process_codes['onboarding'] ?? '';
    const status = await sendCallback(stage.description, { instanceId, processCode });
    stage.say(`the callback came once more: HTTP ${status}, and nothing was left to do`);
    const watched = await stage.lookAgain(requestId);
    return { watched, checks: [ran(watched, 1), ended(watched, 'Success', 0), told(watched, 1)] };
  },
};

const forged: Scenario = {
  about: 'A callback with a wrong signature is refused, and nothing else happens.',
  async play(stage) {
    const processCode = stage.description.dingtalk.process_codes['onboarding'] ?? '';
    const status = await sendCallback(
      stage.description,
      { instanceId: 'forged-1', processCode },
      'NotTheTokenOfThisApp',
    );
    stage.say(`the forged callback was answered with HTTP ${status}`);
    const watched = await stage.lookAgain('dingtalk.forged-1');
    return { watched, checks: [{ what: 'it was refused', holds: status === 403 }, ran(watched, 0), told(watched, 0)] };
  },
};

export const SCENARIOS = { success, failure, timeout, refused, duplicate, forged };
export type ScenarioName = keyof typeof SCENARIOS;
