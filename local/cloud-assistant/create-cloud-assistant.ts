import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { type Faults, withFaults } from '../faults.ts';
import type { HttpHandler } from '../http/server.ts';
import type { Identities } from '../identities.ts';
import type { Instance } from '../instance/instance.ts';
import { createNonceMemory } from '../signatures/nonce-memory.ts';
import { createCallHandler } from './handle-call.ts';
import { readCall } from './read-call.ts';
import { type InstanceDetails, openState, type TaskEvent } from './state.ts';
import { writeRefusal } from './write-answer.ts';

export interface CloudAssistantOptions {
  region: string;
  identities: Identities;
  /** Time of runs, records and the minute of delivery. */
  clock: Clock;
  /** The time callers sign with; default `clock`. Differs when `clock` is accelerated: SDKs use the machine's time. */
  signatureClock?: Clock;
  log: Log;
  faults: Faults;
  /** Commands and records are kept here. */
  directory: string;
  newId: () => string;
  instances: Instance[];
  /** Names and tags by instance id; an instance without an entry is named by its id and has no tags. */
  instanceDetails?: Record<string, InstanceDetails>;
  /** Puts an event of source `acs.ecs` on EventBridge's bus `default`. */
  publish: (event: TaskEvent) => void;
}

export interface CloudAssistant {
  handle: HttpHandler;
  setAgentOnline(instanceId: string, online: boolean): void;
  /** Tags of an instance by name. */
  tagsOf(instanceId: string): Record<string, string>;
  /** Kills what runs and resolves when the records are on disk. */
  close(): Promise<void>;
}

/** The Cloud Assistant part of ECS (product Ecs, version 2014-05-26) over real instances on this machine. */
export async function createCloudAssistant(options: CloudAssistantOptions): Promise<CloudAssistant> {
  const { faults, identities } = options;
  const { accountId } = identities;
  const state = await openState({ ...options, accountId, instanceDetails: options.instanceDetails ?? {} });
  const clock = options.signatureClock ?? options.clock;
  const handle = createCallHandler(state, { identities, clock, nonces: createNonceMemory({ clock }) });
  return {
    handle: withFaults(handle, {
      service: 'ecs',
      faults,
      operationOf: (request) => readCall(request).action,
      errorResponse: (status, code, message) => writeRefusal(state, 'JSON', { status, code, message }),
    }),
    setAgentOnline(instanceId, online) {
      if (!state.instances.has(instanceId)) throw new Error(`there is no instance ${instanceId}`);
      state.agents.set(instanceId, online);
    },
    tagsOf: (id) => Object.fromEntries(state.detailsOf(id).tags.map(({ key, value }) => [key, value])),
    async close() {
      await state.runner.close();
      await Promise.all([state.commands, state.invocations, state.fileTasks].map((records) => records.flush()));
    },
  };
}
