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

export function decodeForm(components: readonly Component[]): FormField[] {
  return components.map((component) => ({
    names: [component.id, component.bizAlias, component.name].flatMap((name) => name || []),
    value: decodeValue(component),
  }));
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
    default:
      return raw;
  }
}
