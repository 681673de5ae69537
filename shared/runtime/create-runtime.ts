import { randomBytes } from 'node:crypto';
import type { Credentials } from '../alicloud/credentials.ts';
import { createEventPublisher } from '../alicloud/put-events.ts';
import { type Clock, createSystemClock } from '../clock.ts';
import { type Environment, EnvironmentError, environmentSchema, readVariables } from '../config/environment.ts';
import { callHttp } from '../http/call.ts';
import { PLATFORM_NAMES, type PlatformName } from '../ids.ts';
import { createJournal, type Journal } from '../journal/journal.ts';
import { createLeases, type Leases } from '../journal/leases.ts';
import { createMarkers, type Markers } from '../journal/markers.ts';
import type { ObjectStore } from '../journal/object-store.ts';
import { createOssStore } from '../journal/oss-store.ts';
import { rememberObjects } from '../journal/remembering-store.ts';
import { createUsage, type Usage } from '../journal/usage.ts';
import { createLog, formatLogLine, type Log, type LogEntry } from '../log.ts';
import { type Names, namesOf } from '../names.ts';
import type { PlatformTools, Variables } from '../platforms/tools.ts';
import type { FunctionName } from '../request/next-step.ts';
import type { Part } from '../workflows/fill-in.ts';
import { fillInWorkflows } from '../workflows/load-workflows.ts';
import type { Workflows } from '../workflows/schema.ts';
import { credentialsOf, readContext } from './context.ts';
import { countCalls } from './count-calls.ts';
import { createPublish, type Publish } from './publish.ts';
import { withTrace } from './trace.ts';

/**
 * What all three functions stand on, wired to the real process, clock and network. Built once per instance of a
 * function; the keys of the function's role change during its life, so each call brings them anew.
 */
export interface Runtime {
  region: string;
  environment: Environment;
  environmentName: string;
  names: Names;
  workflows: Workflows;
  clock: Clock;
  log: Log;
  credentials: () => Credentials;
  journal: Journal;
  markers: Markers;
  leases: Leases;
  work: ObjectStore;
  records: ObjectStore;
  usage: Usage;
  tools: PlatformTools;
  variables: Variables;
  publish: Publish;
  /** Must be called first in each invocation, with what Function Compute passed beside the event. */
  enter(context: unknown): void;
}

/** workflows.yaml as parsed, as it is in each of the environments that a bundle was built for. */
export type WorkflowFiles = Readonly<Record<string, unknown>>;

/** `platformsOf` tells from the environment which platforms' values of the `used` parts are needed. */
export function createRuntime(
  me: FunctionName,
  firstContext: unknown,
  files: WorkflowFiles,
  used: readonly Part[],
  variables: Variables,
  platformsOf: (variables: Variables) => readonly PlatformName[] = () => PLATFORM_NAMES,
): Runtime {
  let context = readContext(firstContext);
  let spanId = newSpanId();
  const environment = readVariables(environmentSchema, variables);
  const { region, accountId } = context;
  const names = namesOf(environment.LOOP_ENVIRONMENT, accountId);
  // Signatures carry the machine's time, also where the embedded cloud's time runs faster.
  const signingClock = createSystemClock();
  const clock = createSystemClock({ speed: environment.CLOCK_SPEED, origin: environment.CLOCK_ORIGIN });
  const write = (entry: LogEntry) => void process.stdout.write(`${formatLogLine(withTrace(entry, spanId))}\n`);
  const base = createLog({ clock, level: environment.LOG_LEVEL, write });
  const log = base.with({ function: me });
  const credentials = () => credentialsOf(context);
  const oss = (bucket: string) =>
    createOssStore({
      endpoint: environment.OSS_ENDPOINT ?? `https://oss-${region}-internal.aliyuncs.com`,
      region,
      bucket,
      credentials,
      http: callHttp,
      clock: signingClock,
    });
  const work = oss(names.workBucket);
  const records = oss(names.recordsBucket);
  const by = () => `${me}/${context.requestId}`;
  const publisher = createEventPublisher({
    endpoint: environment.EVENT_BRIDGE_ENDPOINT ?? `https://${accountId}.eventbridge.${region}.aliyuncs.com`,
    credentials,
    http: callHttp,
    clock: signingClock,
    nonce: () => randomBytes(16).toString('hex'),
  });
  const file = fileOf(files, environment.LOOP_ENVIRONMENT);
  const workflows = fillInWorkflows(file, { variables, used, platforms: platformsOf(variables) });
  const writer = () => `${me}_${randomBytes(8).toString('hex')}`;
  const usage = createUsage({ work, quota: workflows.quota, clock, log, writer });
  return {
    region,
    environment,
    environmentName: environment.LOOP_ENVIRONMENT,
    names,
    workflows,
    clock,
    log,
    credentials,
    journal: createJournal({ records: rememberObjects(records), by }),
    markers: createMarkers(work),
    leases: createLeases({ work, clock, holder: () => `${by()}/${randomBytes(4).toString('hex')}` }),
    work,
    records,
    usage,
    tools: { http: countCalls(callHttp, usage), clock, randomBytes },
    variables,
    publish: createPublish({ publisher, bus: names.bus, clock, log }),
    enter: (next) => {
      context = readContext(next);
      spanId = newSpanId();
    },
  };
}

/** 16 digits of hex. */
function newSpanId(): string {
  return randomBytes(8).toString('hex');
}

/** A bundle in the wrong environment would run what is meant for another one: it does not start. */
function fileOf(files: WorkflowFiles, environmentName: string): unknown {
  if (Object.hasOwn(files, environmentName)) return files[environmentName];
  throw new EnvironmentError(`LOOP_ENVIRONMENT is "${environmentName}", and this was built for ${Object.keys(files)}`);
}
