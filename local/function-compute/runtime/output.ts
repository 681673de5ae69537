import { format } from 'node:util';
import type { Clock } from '../../../shared/clock.ts';
import { LOG_LEVELS, type LogLevel } from '../../../shared/log.ts';

export interface Output {
  /** A line of the platform, always on a line of its own. */
  frame(line: string): void;
  /** A line as `console` and `context.logger` print it; nothing below the threshold. */
  print(level: LogLevel, requestId: string, values: readonly unknown[]): void;
}

/**
 * The instance's one output: stderr goes where stdout goes, so that lines keep their order.
 * Line format: https://help.aliyun.com/document_detail/2512968.html
 */
export function createOutput(options: { clock: Clock; threshold: LogLevel }): Output {
  const write = process.stdout.write.bind(process.stdout);
  let atLineStart = true;
  const tracked = (chunk: string | Uint8Array, ...rest: []) => {
    atLineStart = chunk.length === 0 ? atLineStart : chunk.at(-1) === '\n' || chunk.at(-1) === 10;
    return write(chunk, ...rest);
  };
  process.stdout.write = tracked;
  process.stderr.write = tracked;
  return {
    frame: (line) => void tracked(`${atLineStart ? '' : '\n'}${line}\n`),
    print(level, requestId, values) {
      if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(options.threshold)) return;
      const time = new Date(options.clock.now()).toISOString().replace('T', ' ').replace('Z', '');
      tracked(`${time} ${requestId} [${level}] ${format(...values)}\n`);
    },
  };
}
