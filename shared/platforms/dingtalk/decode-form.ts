import * as z from 'zod/mini';
import { parseJson } from '../../json.ts';
import type { FormField } from '../platform.ts';

/**
 * Form values are always strings; what they mean depends on the component. The read forms are not documented, only
 * seen, so an unknown shape keeps its raw text.
 */
export const componentSchema = z.object({
  id: z.optional(z.nullable(z.string())),
  name: z.optional(z.nullable(z.string())),
  bizAlias: z.optional(z.nullable(z.string())),
  componentType: z.optional(z.nullable(z.string())),
  value: z.optional(z.nullable(z.string())),
  extValue: z.optional(z.nullable(z.string())),
});
export type Component = z.infer<typeof componentSchema>;

const textsSchema = z.array(z.string());
const contactsSchema = z.array(z.object({ emplId: z.string() }));
const departmentSchema = z.object({ itemId: z.string() });

/** A table's rows as they are read; of an empty table only the columns' definitions are there. */
const rowsSchema = z.array(
  z.object({
    rowValue: z.array(
      z.object({
        key: z.optional(z.nullable(z.string())),
        bizAlias: z.optional(z.nullable(z.string())),
        label: z.optional(z.nullable(z.string())),
        componentType: z.optional(z.nullable(z.string())),
        value: z.optional(z.nullable(z.string())),
        extendValue: z.optional(
          z.nullable(z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())])),
        ),
      }),
    ),
  }),
);
const columnsSchema = z.array(z.object({ componentName: z.string(), props: z.record(z.string(), z.unknown()) }));

export function decodeForm(components: readonly Component[]): FormField[] {
  return components.flatMap((component) => {
    const names = [component.id ?? '', component.bizAlias ?? '', component.name ?? ''];
    const field = { names, value: decodeValue(component) };
    return component.componentType === 'TableField' ? [field, ...decodeColumns(component.value)] : [field];
  });
}

/** Each column of a table as a field of its own, with one value for each row. */
function decodeColumns(value: Component['value']): FormField[] {
  const rows = rowsSchema.safeParse(parseJson(value ?? ''));
  if (!rows.success) return [];
  const columns = new Map<string, { names: string[]; value: string[] }>();
  for (const { rowValue } of rows.data) {
    for (const { key, bizAlias, label, extendValue, ...cell } of rowValue) {
      const names = [key ?? '', bizAlias ?? '', label ?? ''];
      const id = names.find((name) => name !== '');
      if (id === undefined) continue;
      const column = columns.get(id) ?? { names, value: [] };
      const extValue = typeof extendValue === 'object' ? JSON.stringify(extendValue) : extendValue;
      columns.set(id, { names, value: [...column.value, ...[decodeValue({ ...cell, extValue })].flat()] });
    }
  }
  return [...columns.values()];
}

function decodeValue({ componentType, value, extValue }: Component): string | readonly string[] {
  // What nobody filled in reads as the four letters "null": seen for texts, inferred for the other components.
  const raw = value === undefined || value === null || value === 'null' ? '' : value;
  switch (componentType) {
    case 'InnerContactField': {
      // The value holds display names, which anyone can choose; the id stands in extValue.
      const contacts = contactsSchema.safeParse(parseJson(extValue ?? ''));
      return contacts.success ? contacts.data.map(({ emplId }) => emplId) : [];
    }
    case 'DepartmentField': {
      const ext = parseJson(extValue ?? '');
      const departments = z.array(departmentSchema).safeParse(Array.isArray(ext) ? ext : [ext]);
      return departments.success ? departments.data.map(({ itemId }) => itemId) : [];
    }
    case 'DDMultiSelectField':
    case 'DDDateRangeField': {
      const texts = textsSchema.safeParse(parseJson(raw));
      return texts.success ? texts.data : raw;
    }
    case 'TableField':
      return columnsSchema.safeParse(parseJson(raw)).success ? '' : raw;
    default:
      return raw;
  }
}
