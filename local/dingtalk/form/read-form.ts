import { z } from 'zod';
import { parseJson } from '../../parse-json.ts';
import type { FormValue } from '../instance.ts';
import type { Component } from '../organisation.ts';
import { type FormWorld, READ_FORMS, type ReadValue } from './read-forms.ts';
import { emptyTable, readTable } from './read-table.ts';

/** One value as a caller of "create an approval instance" writes it, named by one of the three. */
export interface WrittenValue {
  id?: string | undefined;
  bizAlias?: string | undefined;
  name?: string | undefined;
  value: string;
}

export type FormResult = { form: FormValue[] } | { failed: string };

/**
 * The whole form as the instance detail shows it: every component of the template, in its order. `failed` names the
 * component or written value that is not acceptable.
 */
export function readForm(components: Component[], written: WrittenValue[], world: FormWorld): FormResult {
  const stranger = written.find((value) => !components.some((component) => isFor(value, component)));
  if (stranger) return { failed: stranger.id ?? stranger.bizAlias ?? stranger.name ?? '' };
  const form: FormValue[] = [];
  for (const component of components) {
    if (component.componentType === 'TextNote') continue;
    const value = written.find((candidate) => isFor(candidate, component))?.value ?? '';
    const read = value === '' ? readUnfilled(component) : readFilled(value, component, world);
    if (!read) return { failed: component.name };
    form.push(formValue(component, read));
  }
  return { form };
}

/** Written by id, by business alias, by label, or (a date range) by the first of its two labels. */
function isFor({ id, bizAlias, name }: WrittenValue, component: Component): boolean {
  if (id) return id === component.id;
  if (bizAlias) return bizAlias === component.bizAlias;
  if (name === component.name) return true;
  return component.componentType === 'DDDateRangeField' && parseJson(z.array(z.string()), component.name)?.[0] === name;
}

function readFilled(value: string, component: Component, world: FormWorld): ReadValue | undefined {
  if (component.componentType === 'TableField') return readTable(value, component, world);
  return READ_FORMS[component.componentType](value, component, world);
}

/** An empty text reads as the four letters "null"; that the other types do so too is inferred. */
function readUnfilled(component: Component): ReadValue | undefined {
  if (component.required) return undefined;
  return component.componentType === 'TableField' ? emptyTable(component) : { value: 'null' };
}

function formValue({ id, name, componentType, bizAlias }: Component, read: ReadValue): FormValue {
  return {
    id,
    name,
    value: read.value,
    ...(read.extValue ? { extValue: JSON.stringify(read.extValue) } : {}),
    componentType,
    bizAlias: bizAlias ?? '',
  };
}
