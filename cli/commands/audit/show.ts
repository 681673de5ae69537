import { Command } from 'commander';
import { checkChain, readStoredChain, type StoredChain } from '../../audit/chain.ts';
import { openRecords, type Records } from '../../audit/open-records.ts';
import { allIds, selectIds } from '../../audit/select-ids.ts';
import { describeFact } from '../../inspect/describe-fact.ts';
import { foreign, printJson } from '../../inspect/terminal.ts';
import { type Io, paint, Unsuccessful, UsageError } from '../../io.ts';
import { DEFAULT_STATE } from '../../local-cloud.ts';

interface Options {
  dir?: string;
  state: string;
  json?: true;
}

export function auditShowCommand(io: Io): Command {
  return new Command('show')
    .description('The chain of records of a request, with hashes, writers and times')
    .argument('<id>', 'request id, approval instance id, or the record that a message names; attempts and reversal too')
    .option('--dir <folder>', 'a copy of the records bucket as files; needs no cloud')
    .option('--state <dir>', 'folder of the running cloud', DEFAULT_STATE)
    .option('--json', 'print one JSON object with the whole records')
    .addHelpText(
      'after',
      `
Exit code 1 if a chain is broken.

Example:
  $ npm run -s loop -- audit show dingtalk.k4LLnJ4xR7qz_1Zk2AJ0Tg03421700000000
  $ npm run -s loop -- audit show 9f86d081884c
`,
    )
    .action((id: string, options: Options) => show(id, options, io));
}

async function show(id: string, options: Options, io: Io): Promise<void> {
  const records = await openRecords(io, options);
  const named = await readChains(records, await selectIds(records, id));
  const chains = named.length === 0 && DIGEST.test(id) ? await findByDigest(records, id) : named;
  if (chains.length === 0) throw new UsageError(`there are no records of "${foreign(id, 80)}"`);
  if (options.json) printJson(io, { requests: chains.map((chain) => ({ ...chain, faults: checkChain(chain) })) });
  else for (const chain of chains) for (const line of chainLines(chain, io)) io.out(line);
  if (chains.some((chain) => checkChain(chain).length > 0)) throw new Unsuccessful();
}

/** The beginning of a record's hash, as messages show it. */
const DIGEST = /^[0-9a-f]{8,64}$/;

async function findByDigest(records: Records, digest: string): Promise<StoredChain[]> {
  const chains = await readChains(records, await allIds(records));
  return chains.filter((chain) => chain.records.some(({ sha256 }) => sha256.startsWith(digest)));
}

async function readChains(records: Records, ids: readonly string[]): Promise<StoredChain[]> {
  const chains: StoredChain[] = [];
  for (const id of ids) chains.push(await readStoredChain(records, id));
  return chains.filter((chain) => chain.records.length > 0);
}

function chainLines(chain: StoredChain, io: Io): string[] {
  const { bold, dim, red } = paint(io);
  const lines = chain.records.flatMap(({ key, seq, sha256, bytes, record }) => [
    `${String(seq).padStart(3)}  ${key}  ${bytes} bytes`,
    dim(`     sha256 ${sha256}`),
    ...(record
      ? [
          dim(`     before ${foreign(record.previous ?? 'none, it is the first')}`),
          `     ${record.fact.at}  ${record.fact.type} by ${foreign(record.by)}`,
          ...[describeFact(record.fact)].filter((text) => text !== '').map((text) => `     ${text}`),
        ]
      : []),
  ]);
  const faults = checkChain(chain).map(({ object, message }) => red(`  ✗  ${foreign(object)}: ${foreign(message)}`));
  return [bold(chain.requestId), ...lines, ...faults, ''];
}
