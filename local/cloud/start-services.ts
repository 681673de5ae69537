import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { logPlaceOf } from '../../setup/log-place.ts';
import { type Clock, type ClockPace, createSystemClock } from '../../shared/clock.ts';
import { createLog, type Log } from '../../shared/log.ts';
import { ENVIRONMENT_TAG } from '../../shared/request/tags.ts';
import { createCloudAssistant } from '../cloud-assistant/create-cloud-assistant.ts';
import type { InstanceDetails } from '../cloud-assistant/state.ts';
import { createEventBridge } from '../event-bridge/create-event-bridge.ts';
import { createFaults } from '../faults.ts';
import { createFunctionCompute } from '../function-compute/create-function-compute.ts';
import { createIdentities } from '../identities.ts';
import { createInstance } from '../instance/create-instance.ts';
import type { Instance } from '../instance/instance.ts';
import { createKms } from '../kms/create-kms.ts';
import { createLogService } from '../log-service/create-log-service.ts';
import { createObjectStorage } from '../object-storage/create-object-storage.ts';
import { createGate } from '../ram/create-gate.ts';
import { createRam } from '../ram/create-ram.ts';
import type { Activity } from './activity.ts';
import { type CloudOptions, ENVIRONMENT } from './cloud.ts';
import { type CloudState, keysOf } from './cloud-state.ts';
import { invokeFunction } from './invoke-function.ts';

export const REGION = 'cn-hangzhou';

/** Whatever is started puts here how it is stopped again. */
export type Closers = (() => Promise<void>)[];

export type Tools = ReturnType<typeof createTools>;

/** What all services share: time, identities, the log that everybody can watch, and the faults asked for. */
export function createTools(pace: ClockPace, activity: Activity, state: CloudState) {
  const clock = createSystemClock(pace);
  const identities = createIdentities(state.account_id);
  identities.add({ ...keysOf(state), name: 'root' });
  return {
    region: REGION,
    clock,
    /** SDKs sign with the machine's time, however fast the embedded cloud runs. */
    signatureClock: createSystemClock(),
    log: createLog({ clock, level: 'debug', write: (entry) => activity.write(entry) }),
    faults: createFaults(),
    identities,
    newId: () => randomUUID(),
    random: Math.random,
  };
}

/** The machines that commands run on. */
export async function startInstances(
  options: CloudOptions & { clock: Clock; log: Log; pace: ClockPace; instanceIds: readonly string[] },
  closers: Closers,
): Promise<Instance[]> {
  const { root, directory, log, pace } = options;
  const clock =
    options.instanceSpeed === undefined ? options.clock : createSystemClock({ ...pace, speed: options.instanceSpeed });
  return Promise.all(
    options.instanceIds.map(async (instanceId) => {
      const place = join(directory, 'instances', instanceId);
      const instance = await createInstance({
        instanceId,
        directory: place,
        hiddenPaths: [root, directory],
        clock,
        log,
      });
      closers.push(() => instance.close());
      return instance;
    }),
  );
}

/** Every service of Alibaba Cloud, wired to the others. */
export async function startServices(
  options: CloudOptions & Tools & { state: CloudState; instances: Instance[]; pace: ClockPace },
  closers: Closers,
) {
  const place = (name: string) => join(options.directory, name);
  const functions = await createFunctionCompute({
    ...options,
    realClock: options.signatureClock,
    runtimeFile: join(options.root, 'dist', 'local', 'fc-runtime.js'),
  });
  closers.push(() => functions.close());
  const eventBridge = await createEventBridge({
    ...options,
    directory: place('event-bridge'),
    deliver: (target, body) => invokeFunction(functions, target, body),
  });
  closers.push(() => eventBridge.close());
  const cloudAssistant = await createCloudAssistant({
    ...options,
    directory: place('cloud-assistant'),
    instanceDetails: Object.fromEntries(options.instances.map(ofEnvironment)),
    publish: (event) => eventBridge.publish({ source: 'acs.ecs', ...event }),
  });
  closers.push(() => cloudAssistant.close());
  const objectStorage = await createObjectStorage({ ...options, directory: place('object-storage') });
  closers.push(() => objectStorage.close());
  const ram = createRam({ ...options, clock: options.signatureClock, directory: place('ram') });
  const { accountId } = options.identities;
  const { region } = options;
  const kms = createKms({ ...options, clock: options.signatureClock, directory: place('kms') });
  const logService = createLogService({
    ...options,
    clock: options.signatureClock,
    directory: place('log-service'),
    // Function Compute makes it at a first deployment; nothing is written into it here.
    projects: [logPlaceOf({ region, accountId }).project],
  });
  options.faults.guard(createGate({ ...options, accountId, state: ram.state, tagsOf: cloudAssistant.tagsOf }));
  return { functions, eventBridge, cloudAssistant, objectStorage, ram, logService, kms };
}

/** Whoever gave the machine to the environment has tagged it so. */
function ofEnvironment({ instanceId }: Instance): [string, InstanceDetails] {
  return [instanceId, { name: instanceId, tags: [{ key: ENVIRONMENT_TAG, value: ENVIRONMENT }] }];
}
