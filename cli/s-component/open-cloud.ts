import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import type { CloudDescription } from '../../local/cloud/cloud-description.ts';
import type { ClockPace } from '../../shared/clock.ts';
import { callHttp } from '../../shared/http/call.ts';
import { UsageError } from '../io.ts';
import { findRunningCloud, startLocalCloud } from '../local-cloud.ts';

/** The cloud that a function talks to. */
export interface OpenCloud {
  description: CloudDescription;
  /** What the deploying shell would have for s.yaml, by name. */
  variables: Record<string, string>;
  /** Endpoints and time, which every function of an embedded cloud gets. */
  environment: Record<string, string>;
  pace: ClockPace;
  close(): Promise<void>;
}

const variablesSchema = z.object({
  variables: z.record(z.string(), z.string()),
  environment: z.record(z.string(), z.string()),
  clock: z.object({ speed: z.number(), origin: z.number() }),
});

/** The cloud that runs on `state`, or one for this call alone, which `say` tells. */
export async function openCloud(root: string, state: string, say: (line: string) => void): Promise<OpenCloud> {
  const directory = resolve(root, state);
  try {
    const description = await findRunningCloud(directory);
    say(`the function talks to the embedded cloud on ${state} (process ${description.pid})`);
    return { ...(await describe(description)), close: async () => {} };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
  }
  say(`no embedded cloud runs on ${state}: this call gets an empty one of its own; "npm start" runs one that stays`);
  return startOwn(root);
}

async function startOwn(root: string): Promise<OpenCloud> {
  const directory = await mkdtemp(join(tmpdir(), 'approval-loop-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const local = await startLocalCloud({ root, directory, port: 0 });
    const close = async () => {
      await local.close();
      await remove();
    };
    return { ...(await describe(local.description)), close };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function describe(description: CloudDescription): Promise<Omit<OpenCloud, 'close'>> {
  const { control } = description;
  const headers = { authorization: `Bearer ${control.token}` };
  const answer = await callHttp({ service: 'control', method: 'GET', url: `${control.url}/variables`, headers });
  const { clock, ...rest } = variablesSchema.parse(JSON.parse(answer.body.toString()));
  return { description, ...rest, pace: clock };
}
