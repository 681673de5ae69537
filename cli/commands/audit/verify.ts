import { Command } from 'commander';
import { readCheckpoints } from '../../audit/checkpoint.ts';
import { openFolderStore } from '../../audit/folder-store.ts';
import { readPublicKey } from '../../audit/keys.ts';
import { openRecords } from '../../audit/open-records.ts';
import { readPeriod } from '../../audit/period.ts';
import { verdictLines } from '../../audit/print-verdict.ts';
import { selectIds } from '../../audit/select-ids.ts';
import { verifyRecords } from '../../audit/verify-records.ts';
import { printJson } from '../../inspect/terminal.ts';
import { type Io, Unsuccessful } from '../../io.ts';
import { DEFAULT_STATE } from '../../local-cloud.ts';

interface Options {
  since?: string;
  until?: string;
  dir?: string;
  checkpoints?: string;
  publicKey?: string[];
  state: string;
  json?: true;
}

export function auditVerifyCommand(io: Io): Command {
  return new Command('verify')
    .description('Read every record and say what was changed, removed, cut off, swapped or put there by somebody else')
    .argument('[id]', 'only this request and its attempts; by default all')
    .option('--since <date>', 'only requests that began then or later')
    .option('--until <date>', 'only requests that began then or earlier; a date is the whole day, in UTC')
    .option('--dir <folder>', 'a copy of the records bucket as files; needs no cloud')
    .option('--checkpoints <folder>', 'where the checkpoints are, if not beside the records')
    .option('--public-key <file...>', 'the keys that the checkpoints must be signed with')
    .option('--state <dir>', 'folder of the running cloud', DEFAULT_STATE)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Each record carries the hash of the one before it. What came after a request's last record, and requests that are gone
as a whole, only checkpoints know: what no checkpoint covers yet is named. Exit code 1 on any fault.

Examples:
  $ npm run -s loop -- audit verify --public-key audit-public.pem
  $ npm run -s loop -- audit verify --dir ./records-copy --since 2026-11-01
`,
    )
    .action((id: string | undefined, options: Options) => verify(id, options, io));
}

async function verify(id: string | undefined, options: Options, io: Io): Promise<void> {
  const period = readPeriod(options);
  const publicKeys = await Promise.all((options.publicKey ?? []).map(readPublicKey));
  const records = await openRecords(io, options);
  const place = options.checkpoints === undefined ? records : await openFolderStore(options.checkpoints);
  // First the checkpoints: what they cover was there when they were made.
  const checkpoints = await readCheckpoints(place, publicKeys);
  const ids = id === undefined ? undefined : await selectIds(records, id);
  const verdict = await verifyRecords(records, checkpoints, { ...period, ...(ids && { ids }) });
  if (options.json) {
    const { count, newest, signed } = checkpoints;
    printJson(io, { ...verdict, checkpoints: { count, newest, signatures_checked: signed } });
  } else for (const line of verdictLines(verdict, checkpoints, io)) io.out(line);
  if (verdict.faults.length > 0) throw new Unsuccessful();
}
