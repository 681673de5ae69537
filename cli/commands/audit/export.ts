import { Command, Option } from 'commander';
import { readObjects } from '../../audit/chain.ts';
import { CSV_HEAD, exportRow, toCsvLine } from '../../audit/export-rows.ts';
import { openRecords } from '../../audit/open-records.ts';
import { isWithin, readPeriod } from '../../audit/period.ts';
import { sortKeys } from '../../audit/verify-records.ts';
import { toSafeJson } from '../../inspect/terminal.ts';
import type { Io } from '../../io.ts';
import { DEFAULT_STATE } from '../../local-cloud.ts';

interface Options {
  format: 'jsonl' | 'csv';
  since?: string;
  until?: string;
  dir?: string;
  bom: boolean;
  state: string;
}

/** Excel reads a CSV as UTF-8 only behind this. */
const BOM = '\ufeff';

export function auditExportCommand(io: Io): Command {
  return new Command('export')
    .description('One line for each request: who asked, who agreed, what, where, status, times, hashes')
    .addOption(
      new Option('--format <format>', 'how each line is written').choices(['jsonl', 'csv']).makeOptionMandatory(),
    )
    .option('--since <date>', 'only requests that began then or later')
    .option('--until <date>', 'only requests that began then or earlier; a date is the whole day, in UTC')
    .option('--dir <folder>', 'a copy of the records bucket as files; needs no cloud')
    .option('--no-bom', 'CSV without the mark by which Excel knows UTF-8')
    .option('--state <dir>', 'folder of the running cloud', DEFAULT_STATE)
    .addHelpText(
      'after',
      `
CSV is UTF-8; a cell that a spreadsheet would take for a formula begins with an apostrophe. JSON lines have every value
as it is. A request whose chain is broken says so in the column "chain"; "audit verify" says where.

Example:
  $ npm run -s loop -- audit export --format csv --since 2026-11-01 > requests.csv
`,
    )
    .action((options: Options) => exportAll(options, io));
}

async function exportAll(options: Options, io: Io): Promise<void> {
  const period = readPeriod(options);
  const records = await openRecords(io, options);
  const { byRequest } = sortKeys(await records.paths());
  if (options.format === 'csv') io.out(`${options.bom ? BOM : ''}${CSV_HEAD}\r`);
  for (const [id, keys] of byRequest) {
    io.signal.throwIfAborted();
    const chain = await readObjects(records, id, keys);
    const begun = chain.records.find(({ seq }) => seq === 1)?.record?.fact.at;
    if (begun !== undefined && !isWithin(begun, period)) continue;
    const row = exportRow(chain);
    io.out(options.format === 'csv' ? `${toCsvLine(row)}\r` : toSafeJson(row));
  }
}
