import * as z from 'zod/mini';
import type { FormField } from '../platform.ts';

const text = z.optional(z.nullable(z.string()));
const texts = z.array(z.string());

/**
 * A widget of an instance's form as the detail API gives it; what the value is depends on the type.
 * https://open.feishu.cn/document/uAjLw4CM/ukTMukTMukTM/reference/approval-v4/instance/get
 */
export const widgetSchema = z.object({
  id: text,
  custom_id: text,
  name: text,
  type: text,
  value: z.optional(z.unknown()),
  open_ids: z.optional(z.unknown()),
});
export type Widget = z.infer<typeof widgetSchema>;

const rowsSchema = z.array(z.array(widgetSchema));
const departmentsSchema = z.array(z.object({ open_id: z.string() }));
const intervalSchema = z.object({ start: z.string(), end: z.string() });
const telephoneSchema = z.object({ country_code: z.string(), national_number: z.string() });

/** A widget is named by its custom id, which stays, its id, which changes with the definition, and its label. */
export function decodeForm(widgets: readonly Widget[]): FormField[] {
  return widgets.flatMap((widget) => {
    const field = { names: namesOf(widget), value: decodeValue(widget) };
    return widget.type === 'fieldList' ? [field, ...decodeColumns(widget.value)] : [field];
  });
}

function namesOf({ custom_id, id, name }: Widget): string[] {
  return [custom_id ?? '', id ?? '', name ?? ''];
}

/** Each column of a table as a field of its own, with the values of each row. */
function decodeColumns(value: unknown): FormField[] {
  const rows = rowsSchema.safeParse(value);
  if (!rows.success) return [];
  const columns = new Map<string, { names: string[]; value: string[] }>();
  for (const cell of rows.data.flat()) {
    const names = namesOf(cell);
    const key = names.find((name) => name !== '');
    if (key === undefined) continue;
    const before = columns.get(key)?.value ?? [];
    columns.set(key, { names: columns.get(key)?.names ?? names, value: [...before, ...[decodeValue(cell)].flat()] });
  }
  return [...columns.values()];
}

function decodeValue({ type, value, open_ids }: Widget): string | readonly string[] {
  switch (type) {
    case 'contact':
      // The ids of one app, as those of the requester and the approvers are; the others need a permission.
      return textsOf(open_ids) ?? textsOf(value) ?? [];
    case 'department':
      return departmentsSchema.safeParse(value).data?.map(({ open_id }) => open_id) ?? [];
    case 'checkbox':
    case 'checkboxV2':
    case 'connect':
    case 'image':
    case 'imageV2':
    case 'attachment':
    case 'attachmentV2':
      return textsOf(value) ?? rawText(value);
    case 'dateInterval': {
      const interval = intervalSchema.safeParse(value);
      return interval.success ? [interval.data.start, interval.data.end] : rawText(value);
    }
    case 'telephone': {
      const telephone = telephoneSchema.safeParse(value);
      return telephone.success ? telephone.data.country_code + telephone.data.national_number : rawText(value);
    }
    default:
      return rawText(value);
  }
}

function textsOf(value: unknown): string[] | undefined {
  return texts.safeParse(value).data;
}

/** A text as it is, a number as it was typed, and anything else as JSON. */
function rawText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return numberText(value);
  if (Array.isArray(value) && value.length === 0) return '';
  return jsonText(value);
}

/** A whole number beyond 2^53 has lost digits on its way through JSON: it must not look like what people approved. */
function numberText(value: number): string {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? `≈${value}` : String(value);
}

function jsonText(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than the stack: no form of people.
    return '';
  }
}
