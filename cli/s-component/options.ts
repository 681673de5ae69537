import { parseArgs } from 'node:util';
import { errorMessage } from '../../shared/errors.ts';
import { UsageError } from '../io.ts';
import { DEFAULT_STATE } from '../local-cloud.ts';

/** The tool's own options stand among a component's arguments; those that take a value must be known as such. */
const TOOL_OPTIONS = {
  template: { type: 'string', short: 't' },
  access: { type: 'string', short: 'a' },
  env: { type: 'string' },
  'output-format': { type: 'string', short: 'o' },
  silent: { type: 'boolean' },
  debug: { type: 'boolean' },
  'assume-yes': { type: 'boolean', short: 'y' },
  'skip-actions': { type: 'boolean' },
} as const;

/** As the stock component has them, and `--state`; its options for debuggers need Docker. */
const OWN_OPTIONS = {
  event: { type: 'string', short: 'e' },
  'event-file': { type: 'string', short: 'f' },
  state: { type: 'string' },
} as const;

export interface Options {
  verb: 'invoke' | 'start';
  event: string | undefined;
  eventFile: string | undefined;
  /** Folder of the embedded cloud that the function talks to. */
  state: string;
}

const USAGE = `use "local invoke" with -e <json>, -f <file> or an event on stdin, or "local start"; --state <folder> names the embedded cloud`;

export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const [verb, ...rest] = positionals;
  if (verb !== 'invoke' && verb !== 'start') throw new UsageError(`"local ${verb ?? ''}" is not known; ${USAGE}`);
  if (rest.length > 0) throw new UsageError(`"${rest.join(' ')}" is one word too many; ${USAGE}`);
  const { event, 'event-file': eventFile, state = DEFAULT_STATE } = values;
  if (event !== undefined && eventFile !== undefined) throw new UsageError('-e and -f exclude each other; give one');
  if (verb === 'start' && (event ?? eventFile) !== undefined) {
    throw new UsageError('"local start" takes no event: requests to its URL are the events');
  }
  return { verb, event, eventFile, state };
}

/** Whether the result is asked for in a format of the tool's, so that nothing else may be on stdout. */
export function isFormatted(args: readonly string[]): boolean {
  const { values } = parseArgs({ args: [...args], options: TOOL_OPTIONS, strict: false });
  const format = values['output-format'];
  return format !== undefined && format !== 'default';
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { ...TOOL_OPTIONS, ...OWN_OPTIONS }, allowPositionals: true });
  } catch (error) {
    // Node goes on with advice on positional arguments, of which there are none.
    throw new UsageError(`${errorMessage(error).split('. ')[0]}; ${USAGE}`);
  }
}
