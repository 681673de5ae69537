import * as eventBridge from '@alicloud/eventbridge';
import FcClient, * as fc from '@alicloud/fc20230330';
import { $OpenApiUtil } from '@alicloud/openapi-core';
import PopClient from '@alicloud/pop-core';
import SlsClient, { UpdateAlertRequest } from '@alicloud/sls20201230';
import { z } from 'zod';
import { createEventBridgeClient } from '../../../setup/event-bridge-client.ts';
import { logPlaceOf } from '../../../setup/log-place.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { createLog } from '../../../shared/log.ts';
import { type AliOss, createAliOss } from '../../local/object-storage/create-ali-oss.ts';
import type { OpsCloud } from '../ops-cloud.ts';

/** What breaks an environment, and what makes it whole again. */
export type Break = (ward: Ward) => Promise<(() => Promise<unknown>) | undefined>;

/** The official clients, with the account's own key: what an operator has who breaks something. */
export interface Ward {
  ops: OpsCloud;
  bus: ReturnType<typeof createEventBridgeClient>;
  ram(action: string, parameters: object): Promise<unknown>;
  ecs(action: string, parameters: object): Promise<unknown>;
  oss(bucket: string): AliOss;
  fc: FcClient;
  sls: AlertsWard;
  /** Sets variables of a function; gives back what undoes it. */
  setVariables(name: string, changed: Record<string, string>): Promise<() => Promise<unknown>>;
}

/** The alerts of the environment, in the log project of its functions. */
export interface AlertsWard {
  client: SlsClient;
  project: string;
  /** Until then, in seconds since the epoch. */
  mute(name: string | undefined, until: number): Promise<void>;
}

function openAlerts({ local: { description } }: OpsCloud): AlertsWard {
  const { access_key_id: accessKeyId, access_key_secret: accessKeySecret, endpoints } = description;
  const { project } = logPlaceOf({ region: description.region, accountId: description.account_id });
  const place = { endpoint: `local@${new URL(endpoints.sls).host}`, protocol: 'http', regionId: description.region };
  const client = new SlsClient(new $OpenApiUtil.Config({ accessKeyId, accessKeySecret, ...place }));
  return {
    client,
    project,
    async mute(name = '', muteUntil) {
      const { body } = await client.getAlert(project, name);
      const { displayName, description: text, schedule } = body ?? {};
      const configuration = { ...body?.configuration, muteUntil };
      const changed = { displayName, description: text, schedule, configuration };
      await client.updateAlert(project, name, new UpdateAlertRequest(changed));
    },
  };
}

export function openWard(ops: OpsCloud): Ward {
  const { access_key_id, access_key_secret, endpoints, account_id, region } = ops.local.description;
  const keys = { accessKeyId: access_key_id, accessKeySecret: access_key_secret };
  const pop = (endpoint: string, apiVersion: string) => {
    const client = new PopClient({ ...keys, endpoint, apiVersion });
    return (action: string, parameters: object) => client.request(action, { RegionId: region, ...parameters });
  };
  const functions = new FcClient(
    new $OpenApiUtil.Config({ ...keys, endpoint: new URL(endpoints.fc).host, protocol: 'http', regionId: region }),
  );
  return {
    ops,
    bus: createEventBridgeClient({
      environmentName: 'dev',
      region,
      accountId: account_id,
      credentials: keys,
      endpoints: { eventBridge: `http://${endpoints.event_bridge}` },
      clock: createSystemClock(),
      log: createLog({ clock: createSystemClock(), level: 'error', write: () => {} }),
    }),
    ram: pop(endpoints.ram, '2015-05-01'),
    ecs: pop(`http://${endpoints.ecs}`, '2014-05-26'),
    oss: (bucket) =>
      createAliOss({ ...keys, endpoint: endpoints.oss, region: `oss-${region}`, authorizationV4: true, bucket }),
    fc: functions,
    sls: openAlerts(ops),
    async setVariables(name, changed) {
      const functionName = `approval-loop-dev-${name}`;
      const { body } = await functions.getFunction(functionName, new fc.GetFunctionRequest({}));
      const before = body?.environmentVariables ?? {};
      const set = (environmentVariables: Record<string, string>) =>
        functions.updateFunction(
          functionName,
          new fc.UpdateFunctionRequest({ body: new fc.UpdateFunctionInput({ environmentVariables }) }),
        );
      await set({ ...before, ...changed });
      return () => set(before);
    },
  };
}

const answerSchema = z.strictObject({
  environment: z.string().min(1),
  worst: z.enum(['ok', 'note', 'warning', 'error']),
  findings: z.array(
    z.strictObject({
      severity: z.enum(['ok', 'note', 'warning', 'error']),
      what: z.string().min(1),
      seen: z.string().min(1),
      mend: z.string().min(1).optional(),
    }),
  ),
});

/** What doctor says is wrong, as `severity what: seen`; each has something that mends it. */
export function problemsOf(stdout: string): string[] {
  const { findings } = answerSchema.parse(JSON.parse(stdout));
  const problems = findings.filter(({ severity }) => severity === 'warning' || severity === 'error');
  expect(problems.filter(({ mend }) => mend === undefined)).toEqual([]);
  return problems.map(({ severity, what, seen }) => `${severity} ${what}: ${seen}`);
}

export function linesOf(stdout: string, wanted: string): string[] {
  const { findings } = answerSchema.parse(JSON.parse(stdout));
  return findings.filter(({ severity }) => severity === wanted).map(({ what, seen }) => `${what}: ${seen}`);
}

/** Breaks it, asks doctor, makes it whole again; the exit code fits what was said. */
export async function problemsAfter(ward: Ward, breakIt: Break): Promise<string[]> {
  const undo = await breakIt(ward);
  const { code, stdout, stderr } = await ward.ops.loop('doctor', '--json');
  await undo?.();
  ward.ops.local.cloud.faults.clear();
  const problems = problemsOf(stdout);
  expect({ code, stderr }).toEqual({ code: exitCodeOf(problems), stderr: '' });
  return problems;
}

function exitCodeOf(problems: readonly string[]): number {
  if (problems.some((problem) => problem.startsWith('error '))) return 1;
  return problems.length > 0 ? 3 : 0;
}

export { eventBridge, fc };
