import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import { startHolder } from './holder.ts';
import type { Instance } from './instance.ts';
import { runTask } from './run-task.ts';
import { detectSandboxSupport } from './sandbox-support.ts';
import { readInstanceFile, sendInstanceFile } from './transfer-file.ts';

export interface InstanceOptions {
  /** Also its host name. */
  instanceId: string;
  /** Holds the instance's disk, kept between starts. One process at a time may use it. */
  directory: string;
  /** Paths of the host that do not exist inside: the repository, the state folder. `directory` is always among them. */
  hiddenPaths: string[];
  clock: Clock;
  log: Log;
}

/** Starts an instance on its disk. Rejects where this machine cannot keep it apart, with what to do about it. */
export async function createInstance({ clock, ...options }: InstanceOptions): Promise<Instance> {
  const support = await detectSandboxSupport({ platform: process.platform, uid: process.getuid?.() });
  if (support.mode === 'none') throw new Error(support.message);
  const holder = await startHolder({ mode: support.mode, ...options });
  return {
    instanceId: options.instanceId,
    run: (task) => runTask(holder, clock, task),
    sendFile: (file) => sendInstanceFile(holder, file),
    readFile: (path) => readInstanceFile(holder, path),
    close: holder.close,
  };
}
