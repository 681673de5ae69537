import * as z from 'zod';
import { LOG_LEVELS, type Log, type LogFields } from '../../shared/log.ts';

/** What `console` and `context.logger` put before a line. */
const RUNTIME_PREFIX = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \S* \[\w+\] /;

const entrySchema = z.looseObject({ message: z.string(), level: z.string() });
const fieldSchema = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);

/** A structured log line of the function goes on as one of ours; anything else it prints is shown at debug level. */
export function passOnLine(line: string, log: Log): void {
  const entry = entrySchema.safeParse(parseJson(line.replace(RUNTIME_PREFIX, '')));
  if (!entry.success) {
    log.debug(line);
    return;
  }
  const { message, level, time: _time, ...rest } = entry.data;
  const fields: Record<string, LogFields[string]> = {};
  for (const [name, value] of Object.entries(rest)) {
    const plain = fieldSchema.safeParse(value);
    fields[name] = plain.success ? plain.data : JSON.stringify(value);
  }
  log[LOG_LEVELS.find((known) => known === level) ?? 'info'](message, fields);
}

function parseJson(text: string): unknown {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
