import { isInstanceId, isRequestId, originalOf, PLATFORM_NAMES, requestIdOf } from '../../shared/ids.ts';
import { foreign } from '../inspect/terminal.ts';
import { UsageError } from '../io.ts';
import { placeOf } from './chain.ts';
import type { Records } from './open-records.ts';

/** The requests that an id stands for: with its attempts and its reversal, unless it names one of those itself. */
export async function selectIds(records: Pick<Records, 'paths'>, id: string): Promise<string[]> {
  const named = isRequestId(id) ? [id] : isInstanceId(id) ? PLATFORM_NAMES.map((name) => requestIdOf(name, id)) : [];
  if (named.length === 0)
    throw new UsageError(`"${foreign(id, 80)}" is neither a request id nor the id of an approval instance`);
  const there = await allIds(records);
  const whole = named.flatMap((each) => there.filter((other) => other === each || originalOf(other) === each));
  // One that is gone may still be known to a checkpoint.
  return [...new Set([...named, ...whole])];
}

/** Every request that has a record. */
export async function allIds(records: Pick<Records, 'paths'>): Promise<string[]> {
  return [...new Set((await records.paths()).flatMap((path) => placeOf(path)?.requestId ?? []))];
}
