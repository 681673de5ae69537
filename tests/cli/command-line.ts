import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../..');
export const PROGRAM = resolve(ROOT, 'bin/approval-loop.mjs');

/** A command hangs when it runs longer; nothing here takes a third of it. */
const LIMIT_MS = 90_000;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A command line in a process group of its own, as a terminal would start it. */
export interface Running {
  pid: number;
  /** What it has printed up to and with the first text like this, on stdout or stderr. */
  printed(pattern: RegExp): Promise<string>;
  ended: Promise<Ended>;
  write(text: string): void;
  /** Signals the process alone. */
  signal(name: NodeJS.Signals): void;
  /** Ctrl-C: the terminal signals the whole group. */
  interrupt(): void;
}

export interface CommandOptions {
  /** All of stdin; without it stdin is empty, and with `open` it stays open. */
  input?: string | Buffer | 'open';
  env?: Record<string, string>;
  cwd?: string;
  program?: readonly [string, ...string[]];
}

const groups = new Set<ChildProcess>();

/** Ends whatever a failed test has left behind. */
export async function killAll(): Promise<void> {
  for (const child of groups) {
    const exit = once(child, 'exit');
    killGroup(child, 'SIGKILL');
    await exit;
  }
}

export function start(args: readonly string[], options: CommandOptions = {}): Running {
  const { input = '', env, cwd = ROOT, program = [process.execPath, PROGRAM] } = options;
  const [file, ...first] = program;
  const child = spawn(file, [...first, ...args], { cwd, detached: true, env: { ...process.env, ...env } });
  groups.add(child);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      texts[name] += chunk;
    });
  }
  child.stdin.on('error', () => {}); // A command that ends without reading its input.
  if (input !== 'open') child.stdin.end(input);
  const limit = setTimeout(() => killGroup(child, 'SIGKILL'), LIMIT_MS);
  child.once('exit', () => {
    clearTimeout(limit);
    groups.delete(child);
  });
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, ...texts }));
  return {
    pid: child.pid ?? 0,
    ended,
    printed: (pattern) => waitForText(child, texts, pattern),
    write: (text) => void child.stdin.write(text),
    signal: (name) => void child.kill(name),
    interrupt: () => killGroup(child, 'SIGINT'),
  };
}

/** Runs a command line to its end. */
export function run(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  return start(args, options).ended;
}

function killGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid !== undefined) process.kill(-child.pid, name);
}

function waitForText(child: ReturnType<typeof spawn>, texts: Record<string, string>, pattern: RegExp): Promise<string> {
  return new Promise((done, fail) => {
    const look = () => {
      const found = Object.values(texts).find((text) => pattern.test(text));
      if (found !== undefined) done(found);
    };
    look();
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('close', () => fail(new Error(`ended without ${pattern}: ${JSON.stringify(texts)}`)));
  });
}
