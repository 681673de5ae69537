import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { ruleTargetSchema } from './rule-target.ts';

export const DEFAULT_BUS = 'default';

const tagsSchema = z.record(z.string(), z.string());

const ruleSchema = z.object({
  RuleName: z.string(),
  Description: z.string(),
  Status: z.enum(['ENABLE', 'DISABLE']),
  FilterPattern: z.string(),
  Targets: z.array(ruleTargetSchema),
  Ctime: z.number(),
  Mtime: z.number(),
  Tags: tagsSchema,
});

/** What makes a source take HTTP requests: `token` is in its URL, the rest is the wire's. */
const httpSourceSchema = z.object({
  token: z.string(),
  Type: z.string(),
  Method: z.array(z.string()),
  SecurityConfig: z.string(),
  Ip: z.array(z.string()),
  Referer: z.array(z.string()),
});

const sourceSchema = z.object({
  Name: z.string(),
  Description: z.string(),
  Ctime: z.number(),
  http: httpSourceSchema.optional(),
});

const busSchema = z.object({
  EventBusName: z.string(),
  Description: z.string(),
  CreateTimestamp: z.number(),
  Tags: tagsSchema,
  rules: z.array(ruleSchema),
  sources: z.array(sourceSchema),
});

const stateSchema = z.object({ buses: z.array(busSchema) });

/** Times are in milliseconds since the epoch; names in PascalCase are the wire's. */
export type State = z.infer<typeof stateSchema>;
export type EventBus = z.infer<typeof busSchema>;
export type Rule = z.infer<typeof ruleSchema>;
export type HttpSource = z.infer<typeof httpSourceSchema>;

export interface StateStore {
  current(): State;
  /** Changes a copy and puts it in place once it is on disk; changes wait for each other, one that throws is undone. */
  update<T>(change: (draft: State) => T): Promise<T>;
}

/** Buses, rules and sources, kept in one JSON file. Throws if the file is there and is not ours. */
export async function openState(directory: string, now: number): Promise<StateStore> {
  const file = join(directory, 'event-bridge.json');
  await mkdir(directory, { recursive: true });
  let state = await load(file, now);
  let last: Promise<unknown> = Promise.resolve();
  return {
    current: () => state,
    update(change) {
      const done = last.then(async () => {
        const draft = structuredClone(state);
        const result = change(draft);
        await writeAtomically(file, JSON.stringify(draft));
        state = draft;
        return result;
      });
      last = done.catch(() => undefined);
      return done;
    },
  };
}

async function load(file: string, now: number): Promise<State> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return { buses: [createBus(DEFAULT_BUS, now)] };
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file} does not hold the state of an event bridge; delete it to start anew`, { cause: error });
  }
}

export function createBus(name: string, now: number): EventBus {
  return { EventBusName: name, Description: '', CreateTimestamp: now, Tags: {}, rules: [], sources: [] };
}

async function writeAtomically(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`;
  const handle = await open(fresh, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(fresh, file);
}
