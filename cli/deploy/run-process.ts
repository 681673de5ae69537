import { spawn } from 'node:child_process';
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
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        for (const line of chunk.trimEnd().split('\n')) io.err(line);
      });
    child.once('error', fail);
    child.once('close', (code) => done(code ?? 1));
  });
}
