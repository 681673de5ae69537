import type { Clock } from './clock.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined | readonly string[]>>;

/** Structured log: ids, codes, sizes and times only, never payloads or secrets. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines all carry these fields too. */
  with(fields: LogFields): Log;
}

export interface LogEntry {
  time: string;
  level: LogLevel;
  message: string;
  fields: LogFields;
}

/** A log that hands each entry at or above `level` to `write`. */
export function createLog(options: { clock: Clock; write: (entry: LogEntry) => void; level?: LogLevel }): Log {
  const threshold = LOG_LEVELS.indexOf(options.level ?? 'info');
  const bind = (bound: LogFields): Log => {
    const at =
      (level: LogLevel) =>
      (message: string, fields: LogFields = {}) => {
        if (LOG_LEVELS.indexOf(level) < threshold) return;
        const time = new Date(options.clock.now()).toISOString();
        options.write({ time, level, message, fields: { ...bound, ...fields } });
      };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      with: (fields) => bind({ ...bound, ...fields }),
    };
  };
  return bind({});
}

/** One entry as one JSON line, without the line break. */
export function formatLogLine({ time, level, message, fields }: LogEntry): string {
  return JSON.stringify({ time, level, message, ...fields });
}
