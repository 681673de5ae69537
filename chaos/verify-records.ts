import { createHash } from 'node:crypto';
import * as z from 'zod';

/** A chain as an auditor reads it, from nothing but keys and bytes. */
export interface VerifiedChain {
  /** Types of the facts in their order. */
  facts: string[];
  /** What is wrong with it, if anything. */
  fault?: string;
}

const recordSchema = z.object({
  request_id: z.string(),
  seq: z.number(),
  previous: z.string().nullable(),
  fact: z.looseObject({ type: z.string() }),
});

/**
 * Checks every chain of the records bucket: numbers without a gap, each record with the SHA-256 of the bytes before it,
 * and no object that belongs to none. Written on its own, so that it can prove the code that writes them.
 */
export function verifyRecords(records: ReadonlyMap<string, Buffer>): Map<string, VerifiedChain> {
  const chains = new Map<string, { seq: number; bytes: Buffer }[]>();
  for (const [key, bytes] of records) {
    // Where in a group it was asked for stands beside the chain, also of an approval that is not granted.
    if (key.startsWith('origins/')) continue;
    const [, first, later, number] = /^(?:accepted\/(.+)\.json|records\/(.+)\/(\d{4})\.json)$/.exec(key) ?? [];
    const requestId = first ?? later ?? key;
    const seq = first === undefined ? Number(number ?? 0) : 1;
    chains.set(requestId, [...(chains.get(requestId) ?? []), { seq, bytes }]);
  }
  return new Map([...chains].map(([requestId, parts]) => [requestId, verifyChain(requestId, parts)]));
}

function verifyChain(requestId: string, parts: readonly { seq: number; bytes: Buffer }[]): VerifiedChain {
  const facts: string[] = [];
  let previous: string | null = null;
  for (const { seq, bytes } of parts.toSorted((a, b) => a.seq - b.seq)) {
    const parsed = recordSchema.safeParse(jsonOf(bytes));
    if (!parsed.success) return { facts, fault: `record ${seq} is unreadable` };
    const { data } = parsed;
    if (seq !== facts.length + 1 || data.seq !== seq) return { facts, fault: `record ${facts.length + 1} is missing` };
    if (data.request_id !== requestId) return { facts, fault: `record ${seq} names ${data.request_id}` };
    if (data.previous !== previous) return { facts, fault: `record ${seq} does not carry the hash of the one before` };
    previous = createHash('sha256').update(bytes).digest('hex');
    facts.push(data.fact.type);
  }
  return { facts };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
