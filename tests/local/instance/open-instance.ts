import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInstance } from '../../../local/instance/create-instance.ts';
import type { Instance, InstanceResult, InstanceTask } from '../../../local/instance/instance.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';

export const REPOSITORY = resolve(__dirname, '../../..');

const isRoot = process.getuid?.() === 0;
const namespaces = ['--mount', '--pid', '--ipc', '--uts', '--net', '--fork', 'mount', '--make-rprivate', '/'];
const canSandbox = isRoot && spawnSync('unshare', namespaces).status === 0;

/** Runs its tests only as root on a machine that can make namespaces, as the instances' full isolation needs. */
export const describeAsRoot = canSandbox ? describe : describe.skip;

export interface OpenInstance extends Instance {
  directory: string;
  log: LogEntry[];
  /** Runs a script and returns its end with all of its output. */
  sh(script: string, task?: Partial<InstanceTask>): Promise<{ result: InstanceResult; output: string }>;
}

/** An instance on a new disk, or on the one given. */
export async function openInstance(options: { directory?: string } = {}): Promise<OpenInstance> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'instance-')));
  const entries: LogEntry[] = [];
  const clock = createSystemClock();
  const log = createLog({ clock, write: (entry) => entries.push(entry) });
  const instance = await createInstance({ instanceId: 'i-test', directory, hiddenPaths: [REPOSITORY], clock, log });
  return { ...instance, directory, log: entries, sh: (script, task) => runScript(instance, script, task) };
}

export async function runScript(instance: Instance, script: string, task: Partial<InstanceTask> = {}) {
  const chunks: Buffer[] = [];
  const result = await instance.run({
    scriptName: 't-test.sh',
    script: Buffer.from(script),
    timeoutMs: 15_000,
    terminationMode: 'ProcessTree',
    signal: new AbortController().signal,
    onOutput: (chunk) => chunks.push(chunk),
    ...task,
  });
  return { result, output: Buffer.concat(chunks).toString('utf8') };
}

export async function discardInstance(instance: OpenInstance): Promise<void> {
  await instance.close();
  await rm(instance.directory, { recursive: true });
}
