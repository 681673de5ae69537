import type { Readable } from 'node:stream';

/** What a command may touch of the process that runs it. */
export interface Io {
  /** The repository. */
  root: string;
  stdin: Readable;
  /** Results. */
  out(line: string): void;
  /** Everything else: progress, warnings, errors. */
  err(line: string): void;
  /** Whether stdout is a terminal that shows colour. */
  color: boolean;
  env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C and SIGTERM. */
  signal: AbortSignal;
}

/** The user got it wrong: the message alone is printed and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command ran and its outcome is bad, which has been printed already: the exit code is 1, or another that says more. */
export class Unsuccessful extends Error {
  override readonly name = 'Unsuccessful';
  readonly exitCode: number;

  constructor(message?: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** ANSI styles where they are shown, plain text elsewhere. */
export function paint(io: Pick<Io, 'color'>) {
  const style = (open: number, close: number) => (text: string) =>
    io.color ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    cyan: style(36, 39),
  };
}
