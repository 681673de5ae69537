import { oneLine } from '../../shared/message/neutralise.ts';
import type { Io } from '../io.ts';

/** Two columns of a terminal: East Asian wide and full-width characters, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const MAX_CELL_BYTES = 200;

/** Text of others on one line of a terminal: it may say anything, but it must not act. */
export function foreign(text: string, maxBytes = MAX_CELL_BYTES): string {
  return oneLine(text, maxBytes);
}

/** Columns under their heads; the last one takes what is left of the line. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const lines = [heads, ...rows].map((cells) => cells.map((cell) => foreign(cell)));
  const widths = heads.map((_, column) => Math.max(...lines.map((cells) => widthOf(cells[column] ?? ''))));
  return lines.map((cells) =>
    cells
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell) + 2))
      .join('')
      .trimEnd(),
  );
}

function widthOf(text: string): number {
  return [...text].reduce((width, character) => width + (WIDE.test(character) ? 2 : 1), 0);
}

/** JSON for machines that does nothing to a terminal either: what JSON leaves unescaped there is escaped too. */
export function printJson(io: Pick<Io, 'out'>, value: object): void {
  io.out(toSafeJson(value));
}

export function toSafeJson(value: object): string {
  const toEscape = (unseen: string) => `\\u${unseen.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value).replace(UNSEEN, toEscape);
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A span of time in its largest unit, two where the second one matters: `3 d 4 h`, `12 min`, `5 s`. */
export function span(ms: number): string {
  const first = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[first] ?? ['s', 1000];
  const whole = `${Math.floor(Math.max(0, ms) / size)} ${unit}`;
  const [below, smaller] = first === 0 || first === 1 ? (UNITS[first + 1] ?? []) : [];
  const rest = smaller === undefined ? 0 : Math.floor((ms % size) / smaller);
  return rest === 0 ? whole : `${whole} ${rest} ${below}`;
}
