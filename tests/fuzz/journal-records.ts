import fc from 'fast-check';
import { sha256Hex } from '../../shared/ids.ts';
import { BrokenChainError, type Chain, createJournal, recordKey } from '../../shared/journal/journal.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import type { Fact } from '../../shared/request/records.ts';
import { FACTS, REQUEST_ID } from '../shared/request/facts.ts';
import {
  type ByteEdit,
  byteEdit,
  editBytes,
  editJson,
  garbage,
  type JsonEdit,
  jsonEdit,
  memberAt,
  tryJson,
} from './mutations.ts';
import { defineTarget, demand } from './target.ts';

type Tampering =
  | { kind: 'bytes'; record: number; edit: ByteEdit }
  | { kind: 'json'; record: number; edit: JsonEdit }
  | { kind: 'replace'; record: number; bytes: Buffer }
  | { kind: 'remove' | 'other'; record: number }
  | { kind: 'swap'; record: number; with: number }
  | { kind: 'add'; record: number; name: string };

interface Case {
  chain: number;
  tampering: Tampering[];
}

const { accepted, refused, planned, dispatched, completed, announced, closed, parked } = FACTS;
const CHAINS: readonly (readonly Fact[])[] = [
  [accepted, planned, dispatched, completed, announced, closed],
  [refused, announced, closed],
  [accepted, parked],
  [accepted],
  [accepted, planned, ...Array.from({ length: 9 }, (_, at): Fact => ({ ...dispatched, invoke_id: `t-${at}` }))],
];

const record = fc.nat(10);
const kind = <K extends string>(value: K) => fc.constant(value);
const names = fc.constantFrom('0001.json', '0002.json.bak', '0007.json', '9999.json', '00002.json', 'x');
const tampering: fc.Arbitrary<Tampering> = fc.oneof(
  fc.record({ kind: kind('bytes'), record, edit: byteEdit }),
  fc.record({ kind: kind('json'), record, edit: jsonEdit }),
  fc.record({ kind: kind('replace'), record, bytes: garbage }),
  fc.record({ kind: fc.constantFrom('remove', 'other'), record }),
  fc.record({ kind: kind('swap'), record, with: record }),
  fc.record({ kind: kind('add'), record, name: names }),
);

export const journalRecords = defineTarget<Case>({
  name: 'journal',
  cases: fc.record({ chain: fc.nat(CHAINS.length - 1), tampering: fc.array(tampering, { maxLength: 3 }) }),
  open: async () => {
    const originals = await Promise.all(CHAINS.map((facts) => writeChain(REQUEST_ID, facts)));
    const others = await Promise.all(CHAINS.map((facts) => writeChain('lark.other', facts)));
    return {
      check: ({ chain, tampering }) => {
        const [original, other] = [originals[chain], others[chain]];
        demand(original !== undefined && other !== undefined, 'there is no such chain');
        return checkCase(original, other, tampering);
      },
    };
  },
});

type Objects = ReadonlyMap<string, Buffer>;

function storeOn(objects: Map<string, Buffer>): ObjectStore {
  return {
    createIfAbsent: async (key, body) => {
      if (objects.has(key)) return 'exists';
      objects.set(key, body);
      return 'created';
    },
    get: async (key) => objects.get(key),
    list: async (prefix) => [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(),
    delete: async (key) => void objects.delete(key),
  };
}

async function writeChain(requestId: string, facts: readonly Fact[]): Promise<{ objects: Objects; chain: Chain }> {
  const objects = new Map<string, Buffer>();
  const journal = createJournal({ records: storeOn(objects), by: () => 'fuzz/1' });
  let chain = await journal.read(requestId);
  for (const fact of facts) chain = (await journal.append(chain, fact)).chain;
  return { objects, chain };
}

function tamper(objects: Map<string, Buffer>, other: Objects, change: Tampering): void {
  const all = [...objects.keys()];
  const key = all[change.record % all.length];
  const bytes = key === undefined ? undefined : objects.get(key);
  if (key === undefined || bytes === undefined) return;
  if (change.kind === 'remove') objects.delete(key);
  if (change.kind === 'bytes') objects.set(key, editBytes(bytes, change.edit));
  if (change.kind === 'json')
    objects.set(key, Buffer.from(JSON.stringify(editJson(tryJson(bytes), change.edit)) ?? ''));
  if (change.kind === 'replace') objects.set(key, change.bytes);
  if (change.kind === 'add') objects.set(`records/${REQUEST_ID}/${change.name}`, bytes);
  if (change.kind === 'other') objects.set(key, [...other.values()][change.record % other.size] ?? bytes);
  const second = change.kind === 'swap' ? all[change.with % all.length] : undefined;
  if (second === undefined) return;
  objects.set(key, objects.get(second) ?? bytes);
  objects.set(second, bytes);
}

async function checkCase(
  original: { objects: Objects; chain: Chain },
  other: { objects: Objects },
  changes: readonly Tampering[],
): Promise<void> {
  const objects = new Map(original.objects);
  for (const change of changes) tamper(objects, other.objects, change);
  const journal = createJournal({ records: storeOn(objects), by: () => 'fuzz/2' });
  const read = await journal.read(REQUEST_ID).catch((error: unknown) => {
    if (error instanceof BrokenChainError) return undefined;
    throw error;
  });
  if (read) checkChain(read, original, objects);
  else demand(!isUntouched(original.objects, objects), 'a true chain is refused');
}

function isUntouched(before: Objects, after: Objects): boolean {
  return before.size === after.size && [...before].every(([key, bytes]) => after.get(key)?.equals(bytes));
}

/**
 * A chain that reads back is the true one, or what hashes cannot tell from it: each record vouches for the one before,
 * and nothing for the last. So records taken off the end leave a chain that is true and shorter, and the last record
 * can be exchanged for another one that fits there. Exactly that is let pass; every record before is the original's
 * to the byte, and nothing in the store is left out.
 */
function checkChain(read: Chain, original: { objects: Objects; chain: Chain }, objects: Objects): void {
  const count = read.facts.length;
  const keys = Array.from({ length: count }, (_, index) => recordKey(REQUEST_ID, index + 1));
  demand(objects.size === count && keys.every((key) => objects.has(key)), 'it is not what is in the store');
  demand(count <= original.chain.facts.length, 'it is longer than the true one');
  const last = objects.get(keys.at(-1) ?? '');
  demand(read.lastSha256 === (last ? sha256Hex(last) : null), 'it ends with another hash');
  const vouched = keys.slice(0, -1);
  demand(
    vouched.every((key) => original.objects.get(key)?.equals(objects.get(key) ?? Buffer.alloc(0))),
    'a changed record',
  );
  const same = (at: number) => JSON.stringify(read.facts[at]) === JSON.stringify(original.chain.facts[at]);
  demand(
    vouched.every((_, index) => same(index)),
    'another fact',
  );
  if (last && !original.objects.get(keys.at(-1) ?? '')?.equals(last)) checkExchanged(last, vouched, original.objects);
  else demand(count === 0 || same(count - 1), 'another end');
}

/** A last record that is not the original's belongs where it is: nothing else can be told from it. */
function checkExchanged(last: Buffer, vouched: readonly string[], originals: Objects): void {
  const previous = vouched.at(-1);
  const fits = previous === undefined ? null : sha256Hex(originals.get(previous) ?? '');
  const json = tryJson(last);
  const isThere = memberAt(json, 'seq') === vouched.length + 1 && memberAt(json, 'request_id') === REQUEST_ID;
  demand(isThere && memberAt(json, 'previous') === fits, 'the last record does not fit there');
}
