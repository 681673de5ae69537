import { z } from 'zod';
import { parseJson } from '../../parse-json.ts';
import type { Widget } from '../organisation.ts';
import { type FormWorld, READ_WIDGETS, type WrittenWidget, WrittenWidgetSchema } from './read-widgets.ts';
import { NOT_BY_API, type WidgetType } from './widget-types.ts';

export type FormResult = { form: string } | { failed: string };

type Child = Omit<Widget, 'children'>;
type ReadAs = Record<string, unknown>;

const Rows = z.array(z.array(WrittenWidgetSchema)).min(1);

export interface FormRules {
  /** Some widgets only people can fill in. */
  byApi: boolean;
  /** People must fill in what is required; "create an instance" does not check it. */
  checkRequired: boolean;
}

/**
 * The form as the instance detail shows it, in the order of the definition; what was not written is left out. `failed`
 * names the widget that is not acceptable.
 */
export function readForm(widgets: Widget[], written: string, world: FormWorld, rules: FormRules): FormResult {
  const given = parseJson(z.array(WrittenWidgetSchema), written);
  if (!given) return { failed: 'form' };
  const stranger = given.find((value) => !widgets.some((widget) => isFor(value, widget)));
  if (stranger) return { failed: stranger.id };
  const form: ReadAs[] = [];
  for (const widget of widgets) {
    const value = given.find((candidate) => isFor(candidate, widget));
    if (!value && widget.required && rules.checkRequired) return { failed: widget.id };
    if (!value) continue;
    const read = rules.byApi && NOT_BY_API.includes(widget.type) ? undefined : readOne(value, widget, world);
    if (!read) return { failed: widget.id };
    form.push(read);
  }
  return { form: toJsonText(form) };
}

/** Named by id or by custom id, with the type of the definition. */
function isFor({ id, type }: WrittenWidget, widget: { id: string; custom_id?: string | undefined; type: WidgetType }) {
  return (id === widget.id || id === widget.custom_id) && type === widget.type;
}

function readOne(written: WrittenWidget, widget: Widget, world: FormWorld): ReadAs | undefined {
  if (widget.type !== 'fieldList') return readPlain(written, widget, world);
  const value = readRows(written.value, widget.children ?? [], world);
  return value && { ...namesOf(widget), value };
}

function readPlain(written: WrittenWidget, widget: Child, world: FormWorld): ReadAs | undefined {
  if (widget.type === 'fieldList') return undefined;
  const read = READ_WIDGETS[widget.type](written, widget, world);
  return read && { ...namesOf(widget), ...read };
}

function readRows(value: unknown, columns: Child[], world: FormWorld): ReadAs[][] | undefined {
  const rows = Rows.safeParse(value).data;
  const read = rows?.map((row) =>
    row.map((cell) => {
      const column = columns.find((candidate) => isFor(cell, candidate));
      return column && readPlain(cell, column, world);
    }),
  );
  const complete = read?.map((row) => row.filter((cell) => cell !== undefined));
  return complete?.every((row, index) => row.length === rows?.[index]?.length) ? complete : undefined;
}

function namesOf({ id, custom_id, name, type }: Child): ReadAs {
  return { id, ...(custom_id ? { custom_id } : {}), name, type };
}

/** The platform's JSON writer escapes the ampersand, as addresses in real answers show. */
function toJsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll('&', '\\u0026');
}
