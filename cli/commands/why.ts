import { Command, Option } from 'commander';
import type { LogEntry } from '../../shared/log.ts';
import { LANGUAGES, type Language } from '../../shared/workflows/schema.ts';
import { readActivity } from '../approval/watch-activity.ts';
import { openAccess } from '../inspect/access.ts';
import { foreign, printJson } from '../inspect/terminal.ts';
import { type Io, Unsuccessful } from '../io.ts';
import { DEFAULT_STATE } from '../local-cloud.ts';
import { explain } from '../why/explain.ts';
import type { DiagnosisCode } from '../why/explanation.ts';
import { explanationLines, inWords } from '../why/print-explanation.ts';

interface Options {
  lang: Language;
  state: string;
  json?: true;
}

export function whyCommand(io: Io): Command {
  return new Command('why')
    .description('What became of an approval: every hop, what it waits for or what went wrong, and what to do next')
    .argument('<id>', 'request id, approval instance id, business number, employee id, or who asked')
    .addOption(new Option('--lang <language>', 'of the words').choices(LANGUAGES).default('en'))
    .option('--state <dir>', 'folder of the running cloud', DEFAULT_STATE)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Looks into the records, the open markers, the runs, and the log; an approval that is not known here is looked up on the
platform. Exit code 1 if nothing is known of it anywhere.

Examples:
  $ npm run -s loop -- why E123
  $ npm run -s loop -- why 202611241200000000001 --lang zh-CN
`,
    )
    .action((query: string, options: Options) => why(query, options, io));
}

const NOTHING_KNOWN = new Set<DiagnosisCode>(['unreadable', 'unreachable', 'not_configured', 'no_attempt']);

async function why(query: string, { lang, state, json }: Options, io: Io): Promise<void> {
  const access = await openAccess(io, state);
  const log: LogEntry[] = await readActivity(access.cloud).catch(() => []);
  const found = await explain(access, query, log, lang);
  if (json) {
    const requests = found.map((each) => ({ ...each, ...inWords(each.diagnosis, lang) }));
    printJson(io, { query, requests });
  } else {
    const blocks = found.map((each) => explanationLines(each, lang, io).join('\n'));
    if (blocks.length > 0) io.out(blocks.join('\n\n'));
  }
  if (found.some(({ diagnosis }) => !NOTHING_KNOWN.has(diagnosis.code))) return;
  if (found.length > 0) throw new Unsuccessful();
  const { what, todo } = inWords({ code: 'nowhere', values: {} }, lang);
  io.err(`${foreign(query, 80)}: ${what} ${todo}`);
  throw new Unsuccessful();
}
