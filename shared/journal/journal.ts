import { isRequestId, sha256Hex } from '../ids.ts';
import { parseJson } from '../json.ts';
import { type Fact, type JournalRecord, recordSchema } from '../request/records.ts';
import type { ObjectStore } from './object-store.ts';

/** Somebody changed, removed or reordered records: nothing may be decided from this chain. */
export class BrokenChainError extends Error {
  override readonly name = 'BrokenChainError';
}

/** A request's facts and where its chain ends. */
export interface Chain {
  requestId: string;
  facts: Fact[];
  /** SHA-256 of the last record's bytes; null when there is none. */
  lastSha256: string | null;
}

export interface Journal {
  read(requestId: string): Promise<Chain>;
  /**
   * Writes the next fact unless somebody else already has; then `won` is false. Either way the chain that is returned
   * is the true one as far as this call knows, and the caller goes on from there.
   */
  append(chain: Chain, fact: Fact): Promise<{ chain: Chain; won: boolean }>;
}

/**
 * Record 1 lies under `accepted/`, which only the accept step may write; the others under `records/<request>/`. Each
 * key can be created once, and each record carries the hash of the one before.
 */
export function recordKey(requestId: string, seq: number): string {
  if (!isRequestId(requestId)) throw new RangeError('not a request id');
  return seq === 1 ? `accepted/${requestId}.json` : `records/${requestId}/${String(seq).padStart(4, '0')}.json`;
}

/** The journal on the records store. `by` names the writer in each record: function and invocation. */
export function createJournal(options: { records: ObjectStore; by: () => string }): Journal {
  const { records } = options;

  async function read(requestId: string): Promise<Chain> {
    const first = recordKey(requestId, 1);
    // The listing comes first: whatever it shows, the record before it can be read by then.
    const keys = [first, ...(await records.list(`records/${requestId}/`))];
    const bodies = await Promise.all(keys.map(async (key) => ({ key, bytes: await records.get(key) })));
    const none: Chain = { requestId, facts: [], lastSha256: null };
    return bodies.reduce((chain, { key, bytes }) => (bytes ? extend(chain, bytes, key) : chain), none);
  }

  async function append(chain: Chain, fact: Fact): Promise<{ chain: Chain; won: boolean }> {
    const record: JournalRecord = {
      v: 1,
      request_id: chain.requestId,
      seq: chain.facts.length + 1,
      previous: chain.lastSha256,
      by: options.by(),
      fact,
    };
    const key = recordKey(chain.requestId, record.seq);
    const bytes = Buffer.from(JSON.stringify(recordSchema.parse(record)));
    if ((await records.createIfAbsent(key, bytes)) === 'created')
      return { chain: extend(chain, bytes, key), won: true };
    // Our own put may have been stored although its answer was lost: then the bytes there are ours.
    const winner = await records.get(key);
    if (winner?.equals(bytes)) return { chain: extend(chain, bytes, key), won: true };
    return { chain: await read(chain.requestId), won: false };
  }

  return { read, append };
}

/** The chain with one more record, after checking that it belongs there. */
function extend(chain: Chain, bytes: Buffer, key: string): Chain {
  const seq = chain.facts.length + 1;
  const broken = (what: string) => new BrokenChainError(`${key}: ${what}; run "audit verify" on this request`);
  const record = recordSchema.safeParse(parseJson(bytes));
  if (!record.success) throw broken('not a journal record');
  if (key !== recordKey(chain.requestId, seq)) throw broken(`record ${seq} is missing before it`);
  if (record.data.request_id !== chain.requestId || record.data.seq !== seq) throw broken('it belongs elsewhere');
  if (record.data.previous !== chain.lastSha256) throw broken('it does not carry the hash of the record before it');
  return { requestId: chain.requestId, facts: [...chain.facts, record.data.fact], lastSha256: sha256Hex(bytes) };
}
