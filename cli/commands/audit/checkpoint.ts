import { createPublicKey, type KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { Command } from 'commander';
import { sha256Hex } from '../../../shared/ids.ts';
import { checkChain, readObjects } from '../../audit/chain.ts';
import {
  type Checkpoints,
  type Covered,
  checkpointKey,
  MAX_REQUESTS,
  readCheckpoints,
  signCheckpoint,
} from '../../audit/checkpoint.ts';
import { openFolderStore } from '../../audit/folder-store.ts';
import { readPrivateKey, readPublicKey } from '../../audit/keys.ts';
import { openRecords, type Records } from '../../audit/open-records.ts';
import { verdictLines } from '../../audit/print-verdict.ts';
import { sortKeys, verifyRecords } from '../../audit/verify-records.ts';
import { printJson } from '../../inspect/terminal.ts';
import { type Io, Unsuccessful } from '../../io.ts';
import { DEFAULT_STATE } from '../../local-cloud.ts';

interface Options {
  key: string;
  oldKey?: string[];
  out?: string;
  dir?: string;
  state: string;
  json?: true;
}

export function auditCheckpointCommand(io: Io): Command {
  return new Command('checkpoint')
    .description('Sign how far every request is, so that what is cut off or removed later is missed')
    .requiredOption('--key <file>', 'the private key, Ed25519 in PEM ("audit keygen" makes one)')
    .option('--old-key <file...>', 'public keys that earlier checkpoints were signed with')
    .option('--out <folder>', 'write checkpoints/<n>.json into this folder instead of the records bucket')
    .option('--dir <folder>', 'a copy of the records bucket as files; needs no cloud')
    .option('--state <dir>', 'folder of the running cloud', DEFAULT_STATE)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Verifies everything first and signs nothing over a fault (exit code 1). A checkpoint lists what is new since the one
before it, whose hash it carries. Run it as a job of its own, for example every night, with a key that no function has.

Example:
  $ npm run -s loop -- audit checkpoint --key audit-private.pem
`,
    )
    .action((options: Options) => checkpoint(options, io));
}

async function checkpoint(options: Options, io: Io): Promise<void> {
  const privateKey = await readPrivateKey(options.key);
  const publicKeys = [createPublicKey(privateKey), ...(await Promise.all((options.oldKey ?? []).map(readPublicKey)))];
  const records = await openRecords(io, options);
  const place = await openPlace(records, options);
  const before = await readCheckpoints(place, publicKeys);
  const verdict = await verifyRecords(records, before);
  if (verdict.faults.length > 0) {
    for (const line of verdictLines(verdict, before, io)) io.err(line);
    io.err('nothing was signed');
    throw new Unsuccessful();
  }
  const grown = await findGrown(records, before);
  const written = await write(place, { grown, before, privateKey, at: new Date(records.clock.now()).toISOString() });
  if (options.json) printJson(io, { requests: grown.length, written });
  else if (written.length === 0) io.out('nothing is new since the last checkpoint; none was written');
  for (const { key, sha256 } of options.json ? [] : written) io.out(`${key}  sha256 ${sha256}`);
}

async function openPlace(
  records: Records,
  { out }: Options,
): Promise<Pick<Records, 'get' | 'list' | 'createIfAbsent'>> {
  if (out === undefined) return records;
  await mkdir(out, { recursive: true });
  return openFolderStore(out);
}

/** Requests that have more records than the checkpoints know. */
async function findGrown(records: Records, { covered }: Checkpoints): Promise<Covered[]> {
  const { byRequest } = sortKeys(await records.paths());
  const grown: Covered[] = [];
  for (const [id, keys] of byRequest) {
    if ((covered.get(id)?.at(-1)?.records ?? 0) >= keys.length) continue;
    const chain = await readObjects(records, id, keys);
    const first = chain.records[0]?.record;
    const last = chain.records.at(-1);
    // Listed in part, while it was written: the next checkpoint has it. It was whole a moment ago.
    if (!first || !last || checkChain(chain).length > 0) continue;
    grown.push({ id, at: first.fact.at, records: last.seq, sha256: last.sha256 });
  }
  return grown;
}

async function write(
  place: Pick<Records, 'createIfAbsent'>,
  { grown, before, privateKey, at }: { grown: Covered[]; before: Checkpoints; privateKey: KeyObject; at: string },
): Promise<{ key: string; sha256: string }[]> {
  const written: { key: string; sha256: string }[] = [];
  let previous = before.newest?.sha256 ?? null;
  for (let start = 0; start < grown.length; start += MAX_REQUESTS) {
    const n = before.count + written.length + 1;
    const body = { v: 1 as const, n, at, previous, requests: grown.slice(start, start + MAX_REQUESTS) };
    const bytes = signCheckpoint(body, privateKey);
    const key = checkpointKey(n);
    if ((await place.createIfAbsent(key, bytes)) === 'exists')
      throw new Error(`${key} was written by somebody else just now; run it again`);
    previous = sha256Hex(bytes);
    written.push({ key, sha256: previous });
  }
  return written;
}
