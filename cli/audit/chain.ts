import { sha256Hex } from '../../shared/ids.ts';
import { recordKey } from '../../shared/journal/journal.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import { parseJson } from '../../shared/json.ts';
import { type JournalRecord, recordSchema } from '../../shared/request/records.ts';
import { inParallel } from '../inspect/summary.ts';

export type ReadStore = Pick<ObjectStore, 'get' | 'list'>;

/** What is wrong, and where: the object, and the request's record of this number. */
export interface Fault {
  kind: 'changed' | 'missing' | 'cut' | 'swapped' | 'unreadable' | 'foreign' | 'lost' | 'checkpoint';
  object: string;
  request_id: string | null;
  record: number | null;
  message: string;
}

/** A record as it lies in the store. */
export interface StoredRecord {
  key: string;
  /** Its place by its key. */
  seq: number;
  sha256: string;
  bytes: number;
  /** Undefined where the bytes are no record. */
  record: JournalRecord | undefined;
}

/** A request's records in their places, whatever is wrong with them. */
export interface StoredChain {
  requestId: string;
  records: StoredRecord[];
}

const RECORD_KEY = /^(?:accepted\/([^/]+)\.json|records\/([^/]+)\/([0-9]{4})\.json)$/;

/** Which request and which place a key of the records store is for; undefined for a key that no record has. */
export function placeOf(key: string): { requestId: string; seq: number } | undefined {
  const [, first, later, number] = RECORD_KEY.exec(key) ?? [];
  const requestId = first ?? later ?? '';
  const seq = first === undefined ? Number(number) : 1;
  try {
    return recordKey(requestId, seq) === key ? { requestId, seq } : undefined;
  } catch {
    return undefined;
  }
}

export async function readStoredChain(store: ReadStore, requestId: string): Promise<StoredChain> {
  const later = await store.list(`records/${requestId}/`);
  return readObjects(store, requestId, [recordKey(requestId, 1), ...later]);
}

/** Reads these objects of one request; one that is gone, or whose key is no record's, is left out. */
export async function readObjects(store: ReadStore, requestId: string, keys: readonly string[]): Promise<StoredChain> {
  const read = await inParallel(keys, async (key) => ({ key, bytes: await store.get(key) }));
  const records = read.flatMap(({ key, bytes }): StoredRecord[] => {
    const place = placeOf(key);
    if (!place || !bytes) return [];
    // A byte that is no UTF-8 would be read as a replacement character, and pass.
    const text = bytes.toString();
    const parsed = Buffer.from(text).equals(bytes) ? recordSchema.safeParse(parseJson(text)) : undefined;
    return [
      {
        key,
        seq: place.seq,
        sha256: sha256Hex(bytes),
        bytes: bytes.length,
        record: parsed?.success ? parsed.data : undefined,
      },
    ];
  });
  return { requestId, records: records.sort((a, b) => a.seq - b.seq) };
}

/** Everything that the records themselves show to be wrong. What follows the last one only a checkpoint knows. */
export function checkChain({ requestId, records }: StoredChain): Fault[] {
  return [...missingRecords(requestId, records), ...records.flatMap(faultOf(requestId)), ...brokenLinks(records)];
}

function missingRecords(requestId: string, records: readonly StoredRecord[]): Fault[] {
  const there = new Set(records.map(({ seq }) => seq));
  const last = records.at(-1)?.seq ?? 0;
  const gone = Array.from({ length: last }, (_, index) => index + 1).filter((seq) => !there.has(seq));
  return gone.map((seq) => ({
    kind: 'missing',
    object: recordKey(requestId, seq),
    request_id: requestId,
    record: seq,
    message: `record ${seq} is missing, and record ${last} is there`,
  }));
}

function faultOf(requestId: string) {
  return ({ key, seq, record }: StoredRecord): Fault[] => {
    const at = { object: key, request_id: requestId, record: seq };
    if (!record) return [{ ...at, kind: 'unreadable', message: 'these bytes are no record of the journal' }];
    if (isInPlace({ key, seq, record }, requestId)) return [];
    const message = `in the place of record ${seq} lies record ${record.seq} of ${record.request_id}`;
    return [{ ...at, kind: 'swapped', message }];
  };
}

function isInPlace({ key, seq, record }: Pick<StoredRecord, 'key' | 'seq' | 'record'>, requestId: string): boolean {
  const id = placeOf(key)?.requestId ?? requestId;
  return record !== undefined && record.request_id === id && record.seq === seq;
}

/** A record whose hash the next one does not carry: one of the two was changed, most likely the one that is named. */
function brokenLinks(records: readonly StoredRecord[]): Fault[] {
  const [first] = records;
  const start: Fault[] =
    first?.seq === 1 && first.record && first.record.previous !== null
      ? [changed(first, 'record 1 carries the hash of a record before it, and there is none')]
      : [];
  const broken = records.map((record, index) => isBroken(record, records[index + 1]));
  return start.concat(
    records.flatMap((record, index) => {
      const next = records[index + 1];
      if (!broken[index] || !next || broken[index - 1]) return [];
      // Two broken links in a row have the record between them in common.
      const culprit = broken[index + 1] ? next : record;
      return [changed(culprit, `record ${next.seq} does not carry the hash that record ${record.seq} has`)];
    }),
  );
}

function isBroken(record: StoredRecord, next: StoredRecord | undefined): boolean {
  if (!next?.record || !record.record || next.seq !== record.seq + 1) return false;
  const inPlace = [record, next].every((each) => isInPlace(each, ''));
  return inPlace && next.record.previous !== record.sha256;
}

function changed({ key, seq }: StoredRecord, message: string): Fault {
  return { kind: 'changed', object: key, request_id: placeOf(key)?.requestId ?? null, record: seq, message };
}
