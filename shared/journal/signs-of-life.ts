import type { AlarmName } from '../alarms.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { FunctionName } from '../request/next-step.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * What a function leaves in the work bucket for `doctor`, which cannot look inside: that its sweep runs, and that a
 * probe on the bus has reached it.
 */

const EMPTY = Buffer.from('{}');
/** A sweep leaves one object for each of these; it starts once a minute. */
export const TRACE_MS = 10 * 60_000;

const sweeps = (name: FunctionName) => `sweeps/${name}/`;

/** Says that the sweep has come to its end; what it left before is cleared away. */
export async function leaveTrace(
  name: FunctionName,
  { work, clock, log }: { work: ObjectStore; clock: Pick<Clock, 'now'>; log: Pick<Log, 'info'> },
): Promise<void> {
  const prefix = sweeps(name);
  const key = prefix + String(Math.floor(clock.now() / TRACE_MS));
  if ((await work.createIfAbsent(key, EMPTY)) === 'exists') return;
  log.info('the sweep runs', { alarm: 'sweep_alive' satisfies AlarmName });
  for (const old of await work.list(prefix)) if (old < key) await work.delete(old);
}

/** When the function's sweep has last left a trace, in ms since the epoch and up to `TRACE_MS` too early. */
export async function lastTrace(work: ObjectStore, name: FunctionName): Promise<number | undefined> {
  const last = (await work.list(sweeps(name))).at(-1);
  return last === undefined ? undefined : Number(last.slice(sweeps(name).length)) * TRACE_MS;
}

const answer = (probeId: string, name: FunctionName) => `probes/${probeId}/${name}`;

export async function answerProbe(work: ObjectStore, probeId: string, name: FunctionName): Promise<void> {
  await work.createIfAbsent(answer(probeId, name), EMPTY);
}

/** Whether the function has answered; its answer is cleared away. */
export async function takeAnswer(work: ObjectStore, probeId: string, name: FunctionName): Promise<boolean> {
  const key = answer(probeId, name);
  if ((await work.get(key)) === undefined) return false;
  await work.delete(key);
  return true;
}
