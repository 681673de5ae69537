import type { Change } from '../../setup/change.ts';
import { foreign, table } from '../inspect/terminal.ts';
import { type Io, paint, Unsuccessful } from '../io.ts';

const MARKS: Record<Change['did'], string> = {
  created: '+',
  updated: '~',
  sent: '>',
  unchanged: '=',
  skipped: '!',
  'not ours': '?',
  refused: 'x',
  removed: '-',
  kept: '*',
};
/** In a diff nothing has been done yet. */
const PLANNED: Record<Change['did'], string> = {
  created: 'create',
  updated: 'repair',
  sent: 'send',
  unchanged: 'unchanged',
  skipped: 'skip',
  'not ours': 'not ours',
  refused: 'refuse',
  removed: 'remove',
  kept: 'keep',
};

/** One line for each thing that is not as it should be; the others are counted. */
export function printDiff(io: Io, changes: readonly Change[]): void {
  const shown = printChanges(io, changes);
  io.out(`= ${changes.length - shown} unchanged`);
}

/** One line for each thing but those that are unchanged; returns how many lines those are. */
export function printChanges(io: Io, changes: readonly Change[]): number {
  const shown = changes.filter(({ did }) => did !== 'unchanged');
  const rows = shown.map(({ kind, name, did, detail = '' }) => [MARKS[did], PLANNED[did], kind, name, detail]);
  const [, ...lines] = table(['', '', '', '', ''], rows);
  for (const line of lines) io.out(colour(io, line));
  return shown.length;
}

/** `created 3, sent 1, unchanged 12` */
export function countChanges(changes: readonly Change[]): string {
  const dids = Object.keys(MARKS).map((did) => ({ did, count: changes.filter((change) => change.did === did).length }));
  return dids.flatMap(({ did, count }) => (count > 0 ? [`${did} ${count}`] : [])).join(', ');
}

/** What stands in the way keeps the environment from being as it should: that ends the command. */
export function refuseObstacles(changes: readonly Change[], io: Io): void {
  const obstacles = changes.filter(({ did }) => did === 'refused');
  for (const { kind, name, detail = '' } of obstacles) io.err(foreign(`${kind} ${name}: ${detail}`, 400));
  if (obstacles.length > 0) throw new Unsuccessful();
}

function colour(io: Io, line: string): string {
  const { green, yellow, red } = paint(io);
  if (line.startsWith('+') || line.startsWith('>')) return green(line);
  if (line.startsWith('~')) return yellow(line);
  return /^[!?x-]/.test(line) ? red(line) : line;
}
