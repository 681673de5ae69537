import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { EMBEDDED_ALARMS } from '../../local/log-service/embedded-alarms.ts';
import { readRelease } from '../../setup/read-release.ts';
import { functionSecrets, NO_SECRETS, SecretNameError } from '../../setup/secrets/secret-names.ts';
import type { SetupInput } from '../../setup/set-up.ts';
import type { SetupTarget } from '../../setup/target.ts';
import { createSystemClock } from '../../shared/clock.ts';
import { callHttp } from '../../shared/http/call.ts';
import { parseJson } from '../../shared/json.ts';
import { createLog, formatLogLine } from '../../shared/log.ts';
import { loadWorkflows } from '../../shared/workflows/load-workflows.ts';
import { instanceTextsOf } from '../../shared/workflows/lookups.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import { type Io, UsageError } from '../io.ts';
import { findRunningCloud } from '../local-cloud.ts';
import { readDeployEnvironment, readEnvironmentName } from './deploy-environment.ts';
import { larkSetupOf } from './lark-setup.ts';

/** What setup works on, and what it should make there. */
export interface OpenSetup {
  /** workflows.yaml as the build has parsed it. */
  file: unknown;
  /** What this shell has for the functions, by the names of s.yaml and workflows.yaml. */
  variables: Readonly<Record<string, string | undefined>>;
  target: SetupTarget;
  input: SetupInput;
}

/** The cloud of the shell's key, or the embedded one that runs on the folder `state`. */
export async function openSetup(io: Io, options: { env: string; state?: string }): Promise<OpenSetup> {
  const environmentName = readEnvironmentName(options.env);
  return options.state === undefined
    ? openReal(io, environmentName)
    : openEmbedded(io, resolve(io.root, options.state), environmentName);
}

/** The cloud of the shell's key. */
export async function openReal(io: Io, environmentName: string): Promise<OpenSetup> {
  const { region, accountId, credentials, endpoints, settings } = await readDeployEnvironment(io, environmentName);
  const release = await readRelease(io.root, environmentName);
  const workflows = loadWorkflows(release.file, { variables: io.env, used: ['run'] });
  return {
    file: release.file,
    variables: io.env,
    target: { environmentName, region, accountId, credentials, endpoints, ...tools(io) },
    input: {
      ...release,
      workflows,
      instances: instancesOf(workflows),
      lark: larkSetupOf(release.file, io.env),
      secrets: await readSecretNames(io, settings.secrets.kms, environmentName),
      alarms: settings.alarms ?? {},
    },
  };
}

const doorSchema = z.object({ variables: z.record(z.string(), z.string()) });

/** The embedded cloud that runs on this folder. */
export async function openEmbedded(io: Io, directory: string, wanted?: string): Promise<OpenSetup> {
  const cloud = await findRunningCloud(directory);
  const headers = { authorization: `Bearer ${cloud.control.token}` };
  const call = { service: 'control', method: 'GET', url: `${cloud.control.url}/variables`, headers } as const;
  const { variables } = doorSchema.parse(parseJson((await callHttp(call)).body));
  const environmentName = variables['LOOP_ENVIRONMENT'] ?? '';
  if (wanted !== undefined && wanted !== environmentName)
    throw new UsageError(
      `the embedded cloud holds the environment ${environmentName}, not ${wanted}; use --env ${environmentName}`,
    );
  const release = await readRelease(io.root, environmentName);
  const workflows = loadWorkflows(release.file, { variables, used: ['run'] });
  const { event_bridge, ecs, oss, ram, fc, sls, kms, dingtalk, lark } = cloud.endpoints;
  const platforms = { DINGTALK_API_ENDPOINT: dingtalk, DINGTALK_OAPI_ENDPOINT: dingtalk, LARK_ENDPOINT: lark };
  return {
    file: release.file,
    variables: { ...variables, ...platforms },
    target: {
      environmentName,
      region: cloud.region,
      accountId: cloud.account_id,
      credentials: { accessKeyId: cloud.access_key_id, accessKeySecret: cloud.access_key_secret },
      endpoints: { eventBridge: `http://${event_bridge}`, ecs: `http://${ecs}`, oss, ram, fc, sls, kms },
      ...tools(io),
    },
    input: {
      ...release,
      workflows,
      instances: cloud.instances,
      lark: larkSetupOf(release.file, { ...variables, ...platforms }),
      secrets: NO_SECRETS,
      alarms: EMBEDDED_ALARMS,
    },
  };
}

/** Which functions read which secrets, as s.yaml gives them the variables. */
async function readSecretNames({ root }: Io, variables: readonly string[], environmentName: string) {
  const sYaml: unknown = parse(await readFile(join(root, 's.yaml'), 'utf8'));
  try {
    return functionSecrets(sYaml, variables, environmentName);
  } catch (error) {
    throw error instanceof SecretNameError ? new UsageError(error.message) : error;
  }
}

function tools(io: Io): Pick<SetupTarget, 'clock' | 'log'> {
  const clock = createSystemClock();
  return { clock, log: createLog({ clock, level: 'warn', write: (entry) => io.err(formatLogLine(entry)) }) };
}

function instancesOf({ workflows }: Workflows): string[] {
  const texts = Object.values(workflows).flatMap((workflow) => instanceTextsOf(workflow));
  return [...new Set(texts.flatMap((text) => text.split(',')).map((id) => id.trim()))];
}
