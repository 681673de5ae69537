import { spawn } from 'node:child_process';
import type { Holder } from './holder.ts';
import { HOST_ENVIRONMENT } from './sandbox-support.ts';
import { JOIN_SCRIPT, LAUNCH_SCRIPT } from './task-script.ts';

/** For one process: largest file and private memory, in bytes. Root's number of processes is the control group's part. */
const PROCESS_LIMITS = '--fsize=1073741824 --data=2147483648';
const LIMITS = { root: PROCESS_LIMITS, user: `${PROCESS_LIMITS} --nproc=512` };

/** Said by a launch's init as soon as it dies with its parent. */
const LAUNCHED = 'launched\n';

export interface LaunchOptions {
  /** Shell text run inside as root, and its arguments. */
  text: string;
  args: string[];
  /** Name of a script file that is made of `input`; without one `input` is the text's stdin. */
  scriptName?: string;
  input: Buffer;
  onOutput: (chunk: Buffer) => void;
}

export interface LaunchEnd {
  /** -1 when a signal ended it. */
  exitCode: number;
  /** The last line the text wrote to file descriptor 3; empty when it was never reached. */
  answer: string;
  /** The end of what was written to stderr. */
  complaint: string;
}

export interface Launch {
  ended: Promise<LaunchEnd>;
  /** Kills it with everything it started. */
  kill(): void;
}

const CLOSED: LaunchEnd = { exitCode: -1, answer: '', complaint: 'The instance is closed.' };

/** Starts a process inside the instance; what it leaves behind is killed when it ends. */
export function launch(holder: Holder, options: LaunchOptions): Launch {
  if (holder.isClosed()) return { ended: Promise.resolve(CLOSED), kill: () => {} };
  const child = spawn('bash', ['--norc', '-c', JOIN_SCRIPT, 'join', holder.controlGroup, ...command(holder, options)], {
    cwd: '/',
    env: HOST_ENVIRONMENT,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  let words = '';
  let complaint = '';
  const ended = new Promise<LaunchEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ exitCode: code ?? -1, answer: lastAnswer(words), complaint }));
  });
  // Until the word `launched` a kill would not take along what has just been started.
  const launched = new Promise<void>((resolve) => {
    child.stdio[3]?.on('data', (chunk) => {
      words = (words + chunk).slice(0, 1000);
      if (words.includes(LAUNCHED)) resolve();
    });
    child.once('close', () => resolve());
  });
  child.stdout.on('data', options.onOutput);
  child.stderr.on('data', (chunk) => {
    complaint = (complaint + chunk).slice(-1000);
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input);
  return { ended, kill: () => void launched.then(() => child.kill('SIGKILL')) };
}

function lastAnswer(words: string): string {
  return words.replace(LAUNCHED, '').trim().split('\n').at(-1) ?? '';
}

function command({ pid, mode }: Holder, { text, args, scriptName }: LaunchOptions): string[] {
  const namespaces = ['--mount', '--ipc', '--uts', '--net', `--pid=/proc/${pid}/ns/pid_for_children`];
  return [
    ...[
      'nsenter',
      `--target=${pid}`,
      ...namespaces,
      ...(mode === 'user' ? ['--user', '--preserve-credentials'] : []),
      '--',
    ],
    ...['setpriv', '--pdeathsig', 'KILL', '--', 'unshare', '--mount', '--pid', '--'],
    ...['sh', '-c', LAUNCH_SCRIPT, 'launch', scriptName ?? '', LIMITS[mode]],
    ...[text, 'cloud-assistant', ...args],
  ];
}
