import { request } from 'node:http';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import { parseJson } from '../../shared/json.ts';
import { LOG_LEVELS, type LogEntry } from '../../shared/log.ts';

const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);
/** How long the door says nothing once everything that it kept has been sent. */
const QUIET_MS = 150;

const entrySchema = z.object({
  time: z.string(),
  level: z.enum(LOG_LEVELS),
  message: z.string(),
  fields: z.record(z.string(), value),
});

/** What the cloud has kept of its log. */
export async function readActivity(cloud: CloudDescription): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  let done = () => {};
  const end = new Promise<void>((resolve) => {
    done = resolve;
  });
  let timer = setTimeout(done, QUIET_MS * 10);
  const onEntry = (entry: LogEntry) => {
    entries.push(entry);
    clearTimeout(timer);
    timer = setTimeout(done, QUIET_MS);
  };
  const stop = await watchActivity(cloud, onEntry, done, 0);
  await end;
  clearTimeout(timer);
  stop();
  return entries;
}

/**
 * Calls `onEntry` for everything that the cloud logs from now on, or has kept after the entry of this number, until the
 * returned function is called, and `onLost` when the cloud stops before.
 */
export async function watchActivity(
  cloud: CloudDescription,
  onEntry: (entry: LogEntry) => void,
  onLost: () => void,
  since?: number,
): Promise<() => void> {
  const headers = { authorization: `Bearer ${cloud.control.token}` };
  return new Promise((resolve, reject) => {
    const call = request(
      `${cloud.control.url}/activity${since === undefined ? '' : `?since=${since}`}`,
      { headers },
      (response) => {
        if (response.statusCode !== 200)
          return reject(new Error(`the cloud's control door answered HTTP ${response.statusCode}`));
        let stopped = false;
        response.on('error', () => {});
        response.on('close', () => {
          if (!stopped) onLost();
        });
        const lines = createInterface(response);
        lines.on('error', () => {});
        lines.on('line', (line) => {
          const entry = entrySchema.safeParse(parseJson(line));
          if (entry.success) onEntry(entry.data);
        });
        return resolve(() => {
          stopped = true;
          call.destroy();
        });
      },
    );
    call.on('error', reject);
    call.end();
  });
}
