import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../shared/log.ts';
import { controlGroupParents } from './control-group.ts';
import { HOLDER_SCRIPTS, KEEPER_SCRIPT } from './holder-script.ts';
import { HOST_ENVIRONMENT } from './sandbox-support.ts';

/** The process that holds an instance's namespaces and mounts. */
export interface Holder {
  mode: 'root' | 'user';
  /** Its id on the host: `/proc/<pid>/ns` is the way in. */
  pid: number;
  /** Holds the disk. */
  directory: string;
  /** Empty when processes cannot be bounded. */
  controlGroup: string;
  isClosed(): boolean;
  /** Ends everything inside and waits until it is gone. */
  close(): Promise<void>;
}

export interface HolderOptions {
  mode: 'root' | 'user';
  instanceId: string;
  directory: string;
  hiddenPaths: string[];
  log: Log;
}

/** Builds the instance's root and holds it until `close`, or until this process ends in whatever way. */
export async function startHolder(options: HolderOptions): Promise<Holder> {
  const child = spawn('bash', ['--norc', '-c', KEEPER_SCRIPT, 'keeper', ...(await keeperArguments(options))], {
    cwd: '/',
    env: HOST_ENVIRONMENT,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let closed = false;
  const ended = once(child, 'close').finally(() => {
    closed = true;
  });
  const close = async () => {
    closed = true;
    child.stdin.end();
    await ended;
  };
  let complaint = '';
  child.stderr.on('data', (chunk) => {
    complaint = (complaint + chunk).slice(-2000);
  });
  child.stdin.on('error', () => {});
  const ready = await Promise.race([firstLine(child.stdout), ended.then(() => '')]);
  const match = /^ready (\d+) (kept|memory) (.*)$/.exec(ready);
  if (!match) {
    await close();
    throw new Error(`Instance ${options.instanceId} could not be started in ${options.directory}: ${complaint.trim()}`);
  }
  const [, pid, disk, controlGroup = ''] = match;
  warnOfWeakness(options, disk === 'memory', controlGroup === '');
  const { mode, directory } = options;
  return { mode, directory, pid: Number(pid), controlGroup, isClosed: () => closed, close };
}

async function keeperArguments({ mode, instanceId, directory, hiddenPaths }: HolderOptions): Promise<string[]> {
  await mkdir(join(directory, 'stage'), { recursive: true });
  await mkdir(join(directory, 'disk'), { recursive: true, mode: 0o700 });
  const folder = await realpath(directory);
  const hidden = await Promise.all(hiddenPaths.map((path) => realpath(path)));
  const group = `approval-loop-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  const memberships = await readFile('/proc/self/cgroup', 'utf8').catch(() => '');
  const parents = controlGroupParents(memberships, existsSync('/sys/fs/cgroup/cgroup.controllers'));
  const [first = '', second = ''] = mode === 'root' ? parents : [];
  return [mode, folder, instanceId, group, first, second, HOLDER_SCRIPTS[mode], folder, ...hidden];
}

function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
  });
}

function warnOfWeakness({ mode, instanceId, directory, log }: HolderOptions, inMemory: boolean, free: boolean): void {
  if (inMemory) {
    log.warn('The disk is in memory, lost when this process ends: an overlay cannot write to the folder given', {
      instanceId,
      directory,
    });
  }
  if (mode === 'root' && free) {
    log.warn('No control group could be made: a script may use up the processes of this machine', { instanceId });
  }
}
