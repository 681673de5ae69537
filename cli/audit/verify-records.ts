import { isOriginKey } from '../../shared/journal/origins.ts';
import { lastStep } from '../../shared/request/presses.ts';
import { FINISHED, inParallel } from '../inspect/summary.ts';
import { checkChain, type Fault, placeOf, readObjects, readStoredChain, type StoredChain } from './chain.ts';
import { type Checkpoints, type Covered, isCheckpointKey } from './checkpoint.ts';
import type { Records } from './open-records.ts';
import { isWithin, type Period } from './period.ts';

export interface Selection extends Period {
  /** Only these requests. */
  ids?: readonly string[];
}

export interface Verdict {
  requests: number;
  records: number;
  faults: Fault[];
  /** Requests whose last records no checkpoint covers yet: of these the end could be cut off without a trace. */
  uncovered: string[];
  /** Requests that are not at their end. */
  unfinished: string[];
}

/** Reads every record of the selection and compares it with its neighbours, the checkpoints, and the open markers. */
export async function verifyRecords(
  records: Records,
  checkpoints: Checkpoints,
  selection: Selection = {},
): Promise<Verdict> {
  const { byRequest, foreign } = sortKeys(await records.paths());
  const ids = [...new Set([...byRequest.keys(), ...checkpoints.covered.keys()])].sort();
  const chosen = selection.ids ? ids.filter((id) => selection.ids?.includes(id)) : ids;
  const all = await inParallel(chosen, (id) =>
    verifyRequest(records, id, byRequest.get(id) ?? [], checkpoints.covered.get(id) ?? [], selection),
  );
  const found = all.flatMap((each) => each ?? []);
  return {
    requests: found.length,
    records: found.reduce((sum, each) => sum + each.records, 0),
    faults: [...checkpoints.faults, ...foreign, ...found.flatMap((each) => each.faults)],
    uncovered: found.flatMap(({ id, isCovered }) => (isCovered ? [] : [id])),
    unfinished: found.flatMap(({ id, isFinished }) => (isFinished ? [] : [id])),
  };
}

/** Keys by their request; a key that is nobody's is foreign. */
export function sortKeys(paths: readonly string[]): { byRequest: Map<string, string[]>; foreign: Fault[] } {
  const byRequest = new Map<string, string[]>();
  const foreign: Fault[] = [];
  for (const object of paths) {
    const place = placeOf(object);
    if (place) byRequest.set(place.requestId, [...(byRequest.get(place.requestId) ?? []), object]);
    else if (!isCheckpointKey(object) && !isOriginKey(object))
      foreign.push({ kind: 'foreign', object, request_id: null, record: null, message: 'no record has such a name' });
  }
  return { byRequest, foreign };
}

async function verifyRequest(
  records: Records,
  id: string,
  keys: readonly string[],
  covered: readonly Covered[],
  period: Period,
) {
  const listed = await readObjects(records, id, keys);
  const begun = [listed.records.find(({ seq }) => seq === 1)?.record?.fact.at, covered[0]?.at];
  if (!begun.every((at) => at === undefined) && !begun.some((at) => at !== undefined && isWithin(at, period)))
    return undefined;
  // Records that were written while the keys were listed may have been listed in part.
  const chain = faultsOf(listed, covered).length === 0 ? listed : await readStoredChain(records, id);
  const faults = faultsOf(chain, covered);
  const isFinished = hasFinished(chain);
  if (!isFinished && faults.length === 0 && records.markers) faults.push(...(await findCut(records, id)));
  const isCovered = (covered.at(-1)?.records ?? 0) >= chain.records.length;
  return { id, records: chain.records.length, faults, isCovered, isFinished };
}

function faultsOf(chain: StoredChain, covered: readonly Covered[]): Fault[] {
  return [...checkChain(chain), ...covered.flatMap((entry) => contradiction(chain, entry) ?? [])];
}

function hasFinished({ records }: StoredChain): boolean {
  return FINISHED.includes(lastStep(records.flatMap(({ record }) => record?.fact ?? []))?.type ?? '');
}

/** What a checkpoint knows better than the records that are there. */
function contradiction({ requestId, records }: StoredChain, { records: count, sha256 }: Covered): Fault | undefined {
  const at = { request_id: requestId };
  const record = records.find(({ seq }) => seq === count);
  const last = records.at(-1);
  if (!last) {
    const message = `all ${count} records of ${requestId} are gone; a checkpoint has them`;
    return { ...at, kind: 'lost', object: `accepted/${requestId}.json`, record: 1, message };
  }
  if (last.seq < count) {
    const message = `the records after ${last.seq} are gone; a checkpoint has ${count} of them`;
    return { ...at, kind: 'cut', object: last.key, record: last.seq + 1, message };
  }
  if (!record || record.sha256 === sha256) return undefined;
  const message = `record ${count} has another hash than a checkpoint has of it`;
  return { ...at, kind: 'changed', object: record.key, record: count, message };
}

/** An unfinished request has an open marker for as long as it is on its way. */
async function findCut({ markers, ...records }: Records, requestId: string): Promise<Fault[]> {
  if (await markers?.get(requestId).catch(() => true)) return [];
  // It may have come to its end meanwhile.
  const again = await readStoredChain(records, requestId);
  const last = again.records.at(-1);
  if (!last?.record || hasFinished(again)) return [];
  const { seq, key: object } = last;
  const message = `record ${seq} (${last.record.fact.type}) is the last one, the request is not at its end, and it has no open marker: later records were cut off, or the marker was deleted`;
  return [{ kind: 'cut', object, request_id: requestId, record: seq + 1, message }];
}
