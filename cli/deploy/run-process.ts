import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Io } from '../io.ts';

/** Runs a program in the repository to its end and gives its exit code. Its lines go to stderr. */
export function runProcess(
  io: Io,
  command: string,
  args: readonly string[],
  env: Record<string, string | undefined> = io.env,
): Promise<number> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: io.root, env, stdio: ['ignore', 'pipe', 'pipe'], signal: io.signal });
    // Whole lines, however they come in pieces.
    for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', (line) => io.err(line));
    child.once('error', fail);
    child.once('close', (code) => done(code ?? 1));
  });
}
