import { RunCommandRequest } from '@alicloud/ecs20140526/dist/models/RunCommandRequest.js';
import * as z from 'zod/mini';
import { filesOf, onlineInstances, type SentFile } from '../../../setup/scripts.ts';
import { TransientError } from '../../../shared/errors.ts';
import { sha256Hex } from '../../../shared/ids.ts';
import type { Check } from '../check.ts';
import { error, type Finding } from '../finding.ts';
import type { Admitted } from '../patient.ts';

/** RunCommand takes so many instances at once: https://www.alibabacloud.com/help/en/ecs/api-runcommand */
const MAX_INSTANCES = 100;
const POLL_MS = 200;
const WAIT_MS = 60_000;
/** No command of the environment begins so: its end wakes nobody. */
const NAME = 'doctor-of-approval-loop';

/** What stands on the instances, read by a command that changes nothing. */
export const scripts: Check = {
  name: 'scripts',
  fine: 'every instance has the released scripts',
  needs: ['ecs'],
  async look(patient) {
    const { target, ecs, input } = patient;
    const files = filesOf(input.workflows, input.texts);
    const online = await onlineInstances(target, ecs, input.instances);
    const findings: Finding[] = [];
    for (let from = 0; files.length > 0 && from < online.length; from += MAX_INSTANCES) {
      const outputs = await readDigests(patient, files, online.slice(from, from + MAX_INSTANCES));
      for (const { instance, output } of outputs) findings.push(...compare(files, instance, output, patient));
    }
    return findings;
  },
};

const startedSchema = z.object({ InvokeId: z.string() });
const resultsSchema = z.object({
  Invocation: z.object({
    InvocationResults: z.object({
      InvocationResult: z.array(
        z.object({ InstanceId: z.string(), InvocationStatus: z.string(), Output: z._default(z.string(), '') }),
      ),
    }),
  }),
});

/** Lines of `sha256sum` by instance. A path of workflows.yaml holds no quote. */
async function readDigests({ target, ecs, clock }: Admitted, files: readonly SentFile[], instances: string[]) {
  const paths = files.map(({ path }) => `'${path}'`).join(' ');
  const request = new RunCommandRequest({
    regionId: target.region,
    type: 'RunShellScript',
    name: NAME,
    commandContent: Buffer.from(`#!/bin/sh\nsha256sum -- ${paths} 2>/dev/null\nexit 0\n`).toString('base64'),
    contentEncoding: 'Base64',
    instanceId: instances,
    timeout: 60,
  });
  const { InvokeId } = await ecs.call('RunCommand', request.toMap(), startedSchema);
  const query = { RegionId: target.region, InvokeId, ContentEncoding: 'Base64', PageSize: 50 };
  const until = clock.now() + WAIT_MS;
  for (;;) {
    const { Invocation } = await ecs.call('DescribeInvocationResults', query, resultsSchema);
    const results = Invocation.InvocationResults.InvocationResult;
    if (results.length > 0 && results.every(({ InvocationStatus }) => !/^(Pending|Running)$/.test(InvocationStatus)))
      return results.map(({ InstanceId, Output }) => ({
        instance: InstanceId,
        output: Buffer.from(Output, 'base64').toString(),
      }));
    if (clock.now() > until)
      throw new TransientError('ecs.slow_run', `run ${InvokeId} has not ended after ${WAIT_MS / 1000} s`);
    await clock.sleep(POLL_MS);
  }
}

function compare(
  files: readonly SentFile[],
  instance: string,
  output: string,
  { setupCommand }: Pick<Admitted, 'setupCommand'>,
): Finding[] {
  const found = new Map(
    output.split('\n').flatMap((line) => {
      const [, digest = '', path = ''] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
      return path === '' ? [] : [[path, digest] as const];
    }),
  );
  return files.flatMap(({ script, path, text }) => {
    const digest = found.get(path);
    if (digest === sha256Hex(text)) return [];
    const seen =
      digest === undefined
        ? 'is missing, so that every run there fails'
        : `is another text than ${script} (sha256 ${digest.slice(0, 12)}), so that every run there fails`;
    return [error(`${path} on ${instance}`, seen, `${setupCommand}, which sends it`)];
  });
}
