import * as z from 'zod/mini';
import { parseJson } from '../json.ts';
import { ALL_KEYS, type ObjectStore } from './object-store.ts';
import { clearStarts } from './starts.ts';

/** Why no run starts: a person has said so, or there were more runs in an hour than the workflow may have. */
export const pauseSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('person'),
    /** In ms since the epoch. */
    at: z.number(),
    by: z.string().check(z.maxLength(128)),
    reason: z.string().check(z.maxLength(512)),
  }),
  z.object({ kind: z.literal('limit'), at: z.number(), per_hour: z.number() }),
]);
export type Pause = z.infer<typeof pauseSchema>;

/** A pause of one workflow; null stands for all of them. */
export interface StandingPause {
  workflow: string | null;
  pause: Pause;
}

const PREFIX = 'pauses/';
const OF_ALL = `${PREFIX}all`;
const OF_ONE = `${PREFIX}workflows/`;
const keyOf = (workflow: string | null) => (workflow === null ? OF_ALL : OF_ONE + workflow);

/** Whatever lies there holds the runs up: who paused may have written it by hand. */
const UNREADABLE: Pause = { kind: 'person', at: 0, by: '?', reason: 'the object of the pause cannot be read' };

function parsePause(body: Buffer): Pause {
  const pause = pauseSchema.safeParse(parseJson(body));
  return pause.success ? pause.data : UNREADABLE;
}

/** What keeps the runs of this workflow from starting, as it stands now: nobody remembers it. */
export async function findPause(work: ObjectStore, workflow: string): Promise<Pause | undefined> {
  const [all, one] = await Promise.all([work.get(OF_ALL), work.get(keyOf(workflow))]);
  const body = all ?? one;
  return body && parsePause(body);
}

/** From now on no run of the workflow starts. `exists` where it is paused already; that pause stays as it is. */
export function putPause(work: ObjectStore, { workflow, pause }: StandingPause): Promise<'created' | 'exists'> {
  return work.createIfAbsent(keyOf(workflow), Buffer.from(JSON.stringify(pause)));
}

export async function listPauses(work: ObjectStore): Promise<StandingPause[]> {
  const keys = await work.list(PREFIX, { limit: ALL_KEYS });
  const read = keys.map(async (key): Promise<StandingPause[]> => {
    const body = await work.get(key);
    return body ? [{ workflow: key === OF_ALL ? null : key.slice(OF_ONE.length), pause: parsePause(body) }] : [];
  });
  return (await Promise.all(read)).flat();
}

/** When a pause was last lifted; the sweeps then look at every open request, however old it is. */
const RESUMED = 'resumed';
const resumedSchema = z.object({ at: z.number() });

/** Lifts the pause of one workflow, whose runs are counted anew, or the one of all; those of others stay. */
export async function liftPause(work: ObjectStore, workflow: string | null, now: number): Promise<void> {
  if (workflow !== null) await clearStarts(work, workflow);
  await work.delete(keyOf(workflow));
  await work.delete(RESUMED);
  await work.createIfAbsent(RESUMED, Buffer.from(JSON.stringify({ at: now })));
}

/** In ms since the epoch; 0 where nothing was ever paused. */
export async function lastResumed(work: Pick<ObjectStore, 'get'>): Promise<number> {
  const body = await work.get(RESUMED);
  const resumed = resumedSchema.safeParse(body && parseJson(body));
  return resumed.success ? resumed.data.at : 0;
}
