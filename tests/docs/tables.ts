import { type Page, proseOf } from './read-docs.ts';

/** A row of a table by the heads of its columns. */
export type Row = Readonly<Record<string, string>>;

/** Every row of every table of a page; an empty cell is ''. */
export function rowsOf(page: Page): Row[] {
  const tables = proseOf(page).match(/(?:^\|.*\|$\n?)+/gm) ?? [];
  return tables.flatMap((table) => {
    const [head = [], , ...rows] = table.trim().split('\n').map(cellsOf);
    return rows.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])));
  });
}

function cellsOf(row: string): string[] {
  return row
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}
