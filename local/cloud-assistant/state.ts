import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { Instance } from '../instance/instance.ts';
import { type Agents, createAgents } from './agents.ts';
import { openRecordCollection, type RecordCollection } from './record-collection.ts';
import { Command, FileTask, type InstanceRun, Invocation, type Tag } from './records.ts';
import { retain } from './retain.ts';
import { createRunner, type Runner } from './runner.ts';
import { isFinal } from './status.ts';

/** What an instance is called in DescribeInstances, and by which tags ResourceTag finds it. */
export interface InstanceDetails {
  name: string;
  tags: Tag[];
}

export interface TaskEvent {
  type: string;
  data: Record<string, string>;
  subject: string;
  time: string;
}

export interface StateOptions {
  region: string;
  accountId: string;
  clock: Clock;
  log: Log;
  directory: string;
  newId: () => string;
  instances: Instance[];
  instanceDetails: Record<string, InstanceDetails>;
  publish: (event: TaskEvent) => void;
}

/** What the operations share. */
export interface State extends Omit<StateOptions, 'instances' | 'instanceDetails' | 'directory'> {
  instances: ReadonlyMap<string, Instance>;
  detailsOf(instanceId: string): InstanceDetails;
  describe(instanceId: string, details: InstanceDetails): void;
  /** An id of letters and digits behind its prefix. */
  makeId(prefix: 't' | 'c' | 'f'): string;
  commands: RecordCollection<Command>;
  invocations: RecordCollection<Invocation>;
  fileTasks: RecordCollection<FileTask>;
  agents: Agents;
  runner: Runner;
}

/** The state as the runner sees it. */
export type RunnerState = Omit<State, 'runner'>;

/** Reads what an earlier process left; what it had not finished is closed as Error, and nothing of it runs again. */
export async function openState(options: StateOptions): Promise<State> {
  const { directory, clock } = options;
  const creationTimeOf = (record: { creationTime: number }) => record.creationTime;
  const open = { creationTimeOf, idOf: (record: { invokeId: string }) => record.invokeId };
  const agents = createAgents(clock);
  const details = new Map(Object.entries(options.instanceDetails));
  const state = {
    ...options,
    instances: new Map(options.instances.map((instance) => [instance.instanceId, instance])),
    detailsOf: (id: string) => details.get(id) ?? { name: id, tags: [] },
    describe: (id: string, changed: InstanceDetails) => void details.set(id, changed),
    makeId: (prefix: string) => `${prefix}-${options.newId().replaceAll(/[^A-Za-z0-9]/g, '')}`,
    commands: await openRecordCollection({
      directory: join(directory, 'commands'),
      schema: Command,
      idOf: ({ commandId }) => commandId,
      creationTimeOf,
    }),
    invocations: await openRecordCollection({ ...open, directory: join(directory, 'invocations'), schema: Invocation }),
    fileTasks: await openRecordCollection({ ...open, directory: join(directory, 'files'), schema: FileTask }),
    agents,
  };
  await closeInterrupted(state.invocations, clock.now());
  await closeInterrupted(state.fileTasks, clock.now());
  await retain(state.invocations, clock.now());
  await retain(state.fileTasks, clock.now());
  return { ...state, runner: createRunner(state) };
}

async function closeInterrupted<T extends { runs: InstanceRun[] }>(
  records: RecordCollection<T>,
  now: number,
): Promise<void> {
  for (const record of records.newestFirst()) {
    const open = record.runs.filter((run) => !isFinal(run.status));
    for (const run of open) {
      Object.assign(run, {
        status: 'Error',
        errorCode: 'ClientRestarted',
        errorInfo: 'the agent was restarted before the run ended.',
        finishTime: now,
        updateTime: now,
      } satisfies Partial<InstanceRun>);
    }
    if (open.length > 0) await records.save(record);
  }
}
