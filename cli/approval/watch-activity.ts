import { request } from 'node:http';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import { parseJson } from '../../shared/json.ts';
import { LOG_LEVELS, type LogEntry } from '../../shared/log.ts';

const value = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);
const entrySchema = z.object({
  time: z.string(),
  level: z.enum(LOG_LEVELS),
  message: z.string(),
  fields: z.record(z.string(), value),
});

/**
 * Calls `onEntry` for everything that the cloud logs from now on, until the returned function is called, and `onLost`
 * when the cloud stops before.
 */
export async function watchActivity(
  cloud: CloudDescription,
  onEntry: (entry: LogEntry) => void,
  onLost: () => void,
): Promise<() => void> {
  const headers = { authorization: `Bearer ${cloud.control.token}` };
  return new Promise((resolve, reject) => {
    const call = request(`${cloud.control.url}/activity`, { headers }, (response) => {
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
    });
    call.on('error', reject);
    call.end();
  });
}
