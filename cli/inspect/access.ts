import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import * as z from 'zod';
import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import { readRelease } from '../../setup/read-release.ts';
import { type Clock, createSystemClock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import { callHttp } from '../../shared/http/call.ts';
import { parseJson } from '../../shared/json.ts';
import { namesOf } from '../../shared/names.ts';
import { configuredSources, createSources } from '../../shared/platforms/create-sources.ts';
import type { ApprovalSource } from '../../shared/platforms/platform.ts';
import type { FunctionName } from '../../shared/request/next-step.ts';
import { loadWorkflows } from '../../shared/workflows/load-workflows.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import type { Io } from '../io.ts';
import { findRunningCloud } from '../local-cloud.ts';
import { type Connection, connect } from './connect.ts';

/**
 * Everything that a person's tool reads and does in one environment. The commands know nothing else, so that another
 * kind of environment is another way to make one of these.
 */
export interface Access extends Omit<Connection, 'invokeFunction'> {
  /** dev, staging, prod. */
  environment: string;
  /** The environment's time. */
  clock: Clock;
  /** With every `${NAME}` filled in. */
  workflows: Workflows;
  /** The platforms, as ingest reads them. */
  sources: readonly ApprovalSource[];
  /** Starts a function's sweep at once instead of at the next minute. */
  wake(name: FunctionName): Promise<void>;
  /** The embedded cloud's own door, for what no real service offers: its log and its groups. */
  cloud: CloudDescription;
}

const doorSchema = z.object({
  variables: z.record(z.string(), z.string()),
  clock: z.object({ speed: z.number(), origin: z.number() }),
});

/** The embedded cloud that runs on this folder; a UsageError says how to start one. */
export async function openAccess(io: Io, state: string): Promise<Access> {
  const cloud = await findRunningCloud(resolve(io.root, state));
  const headers = { authorization: `Bearer ${cloud.control.token}` };
  const url = `${cloud.control.url}/variables`;
  const answer = await callHttp({ service: 'control', method: 'GET', url, headers });
  const { variables, clock: pace } = doorSchema.parse(parseJson(answer.body));
  const environment = variables['LOOP_ENVIRONMENT'] ?? '';
  const { file } = await readRelease(io.root, environment);
  const names = namesOf(environment, cloud.account_id);
  const clock = createSystemClock(pace);
  const { invokeFunction, ...connection } = connect(cloud);
  const { dingtalk, lark } = cloud.endpoints;
  const endpoints = { DINGTALK_API_ENDPOINT: dingtalk, DINGTALK_OAPI_ENDPOINT: dingtalk, LARK_ENDPOINT: lark };
  const platforms = { ...variables, ...endpoints };
  return {
    ...connection,
    environment,
    clock,
    workflows: loadWorkflows(file, {
      variables,
      used: ['on', 'run', 'chats'],
      platforms: configuredSources(platforms),
    }),
    sources: createSources(platforms, { http: callHttp, clock, randomBytes }),
    wake: async (name) => {
      const event = { triggerTime: new Date(clock.now()).toISOString(), triggerName: 'cli' };
      await invokeFunction(names.function(name), event).catch((error: unknown) =>
        io.err(`${name} could not be started (${errorMessage(error)}); its sweep comes within a minute`),
      );
    },
    cloud,
  };
}
