import type { Readable } from 'node:stream';

/** https://www.alibabacloud.com/help/en/functioncompute/product-overview/limits-of-usage */
const MAX_LINE_BYTES = 32 * 1024;
const TAIL_BYTES = 4 * 1024;

export interface FunctionOutput {
  /** Forgets the tail: a new call begins. */
  startCall(): void;
  /** Resolves once this line has been read, or stdout has ended. */
  untilLine(line: string): Promise<void>;
  /** The last 4 KB since the call began. */
  tail(): Buffer;
}

/** Reads what an instance prints and hands on each line, without its line break; a line over 32 KB comes in pieces. */
export function readFunctionOutput(
  streams: { stdout: Readable; stderr: Readable },
  onLine: (line: string) => void,
): FunctionOutput {
  let tail = Buffer.alloc(0);
  let lastLine = '';
  let ended = false;
  let awaited: { line: string; resolve: () => void } | undefined;

  const take = (bytes: Buffer) => {
    lastLine = bytes.toString();
    onLine(lastLine);
    if (lastLine === awaited?.line) awaited.resolve();
  };
  const read = (stream: Readable) => {
    let pending = Buffer.alloc(0);
    stream.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
      pending = Buffer.concat([pending, chunk]);
      for (let end = pending.indexOf(10); end >= 0 || pending.length > MAX_LINE_BYTES; end = pending.indexOf(10)) {
        const length = end < 0 || end > MAX_LINE_BYTES ? MAX_LINE_BYTES : end;
        take(pending.subarray(0, length));
        pending = pending.subarray(length === end ? length + 1 : length);
      }
    });
    stream.on('end', () => {
      if (pending.length > 0) take(pending);
    });
  };
  read(streams.stdout);
  read(streams.stderr);
  streams.stdout.on('close', () => {
    ended = true;
    awaited?.resolve();
  });

  return {
    startCall: () => {
      tail = Buffer.alloc(0);
    },
    untilLine: async (line) => {
      if (lastLine === line || ended) return;
      await new Promise<void>((resolve) => {
        awaited = { line, resolve };
      });
      awaited = undefined;
    },
    tail: () => tail,
  };
}
