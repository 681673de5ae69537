import type { Readable } from 'node:stream';

/** The terminal, or what stands in for it, of the tool that has loaded this component. */
export interface Terminal {
  stdin: Readable & { isTTY?: boolean };
  out(line: string): void;
  err(line: string): void;
  /** Aborted by Ctrl-C and SIGTERM. */
  signal: AbortSignal;
}

/**
 * The tool ends at once on SIGINT, with exit code 0 and whatever was started left to itself. From here on both signals
 * only ask for the end, which comes when all is closed; a second one does not wait for that.
 */
export function openTerminal(): Terminal {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.removeAllListeners(name);
    process.on(name, () => {
      if (interrupted.signal.aborted) process.exit(130);
      interrupted.abort(new Error('interrupted'));
    });
  }
  return {
    stdin: process.stdin,
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    signal: interrupted.signal,
  };
}
