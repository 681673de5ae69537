import { z } from 'zod';
import { parseJson } from '../../parse-json.ts';
import type { Component } from '../organisation.ts';
import { type FormWorld, READ_FORMS, type ReadValue } from './read-forms.ts';

const Rows = z.array(z.array(z.object({ name: z.string(), value: z.string() })));
type Column = NonNullable<Component['children']>[number];

const TABLE_EXT_VALUE = { statValue: [], componentName: 'TableField' };

/** A table's read form (seen in captured answers): rows of cells, or the schemas of its columns while it is empty. */
export function readTable(written: string, table: Component, world: FormWorld): ReadValue | undefined {
  const rows = parseJson(Rows, written);
  if (!rows) return undefined;
  if (rows.length === 0) return table.required ? undefined : emptyTable(table);
  const read = rows.map((row, index) => ({
    rowValue: row.map((cell) => readCell(cell, table.children ?? [], world)),
    rowNumber: `${table.id}_${index}`,
  }));
  if (read.some(({ rowValue }) => rowValue.includes(undefined))) return undefined;
  return { value: JSON.stringify(read), extValue: TABLE_EXT_VALUE };
}

export function emptyTable(table: Component): ReadValue {
  const columns = (table.children ?? []).map(({ componentType, id, name, bizAlias, required }) => ({
    componentName: componentType,
    props: { id, label: name, bizAlias: bizAlias ?? '', required },
  }));
  return { value: JSON.stringify(columns), extValue: TABLE_EXT_VALUE };
}

function readCell(cell: { name: string; value: string }, columns: Column[], world: FormWorld) {
  const column = columns.find(({ id, name, bizAlias }) => [id, name, bizAlias].includes(cell.name));
  if (!column || column.componentType === 'TableField') return undefined;
  const read = READ_FORMS[column.componentType](cell.value, column, world);
  if (!read) return undefined;
  const { id: key, name: label, componentType } = column;
  return { componentType, label, key, value: read.value, ...(read.extValue ? { extendValue: read.extValue } : {}) };
}
