import { z } from 'zod';
import { parseJson } from '../../parse-json.ts';
import type { ComponentType } from './component-types.ts';

/** What a form needs to know of the organisation. */
export interface FormWorld {
  userName(userid: string): string | undefined;
  departmentName(id: number): string | undefined;
  hasInstance(processInstanceId: string): boolean;
}

export interface ReadValue {
  value: string;
  /** The object behind `extValue` of the detail and `extendValue` inside a table. */
  extValue?: object;
}

/**
 * How a written value of each component type reads in the instance detail; undefined means that the value is not
 * valid. Written forms are documented ("create an approval instance"), read forms were seen in captured answers.
 */
export type ReadForm = (
  written: string,
  component: { options?: string[] | undefined },
  world: FormWorld,
) => ReadValue | undefined;

const Strings = z.array(z.string()).min(1);
const DAY = /^\d{4}-\d{2}-\d{2}( \d{2}:\d{2})?$/;
const Attachments = z
  .array(
    z.object({
      spaceId: z.string(),
      fileId: z.string(),
      fileName: z.string(),
      fileSize: z.union([z.string(), z.number()]),
      fileType: z.string(),
    }),
  )
  .min(1);

const plain: ReadForm = (written) => ({ value: written });

const when =
  (accepts: (written: string) => boolean): ReadForm =>
  (written) =>
    accepts(written) ? { value: written } : undefined;

const readSelect: ReadForm = (written, { options = [] }) => {
  const chosen = choice(written, options);
  return chosen && { value: written, extValue: chosen };
};

const readMultiSelect: ReadForm = (written, { options = [] }) => {
  const chosen = parseJson(Strings, written)?.map((text) => choice(text, options));
  const known = chosen?.filter((one) => one !== undefined);
  return known && known.length === chosen?.length ? { value: written, extValue: known } : undefined;
};

const readContacts: ReadForm = (written, _component, world) => {
  const people = parseJson(Strings, written)?.map((emplId) => ({
    emplId,
    name: world.userName(emplId) ?? '',
    avatar: '',
  }));
  if (!people?.every(({ name }) => name !== '')) return undefined;
  return { value: people.map(({ name }) => name).join(','), extValue: people };
};

/** One department reads as an object, several as a list: both were seen. */
const readDepartments: ReadForm = (written, _component, world) => {
  const departments = written.split(',').map((itemId) => {
    const name = world.departmentName(Number(itemId)) ?? '';
    return { itemId, deptName: name, name };
  });
  const [first] = departments;
  if (!first || !departments.every(({ name }) => name !== '')) return undefined;
  const value = departments.map(({ name }) => name).join(',');
  return { value, extValue: departments.length === 1 ? first : departments };
};

const readRelated: ReadForm = (written, _component, world) =>
  parseJson(Strings, written)?.every((id) => world.hasInstance(id)) ? { value: written } : undefined;

const isNumber = (written: string) => /^-?\d+(\.\d+)?$/.test(written);
const isDayRange = (written: string) => {
  const days = parseJson(Strings, written);
  return days?.length === 2 && days.every((day) => DAY.test(day));
};

export const READ_FORMS: Record<Exclude<ComponentType, 'TableField'>, ReadForm> = {
  TextField: plain,
  TextareaField: plain,
  PhoneField: plain,
  TextNote: () => undefined,
  NumberField: when(isNumber),
  MoneyField: when(isNumber),
  StarRatingField: when((written) => /^[0-9]{1,2}$/.test(written)),
  DDDateField: when((written) => DAY.test(written)),
  DDDateRangeField: when(isDayRange),
  DDPhotoField: when((written) => parseJson(Strings, written) !== undefined),
  DDAttachment: when((written) => parseJson(Attachments, written) !== undefined),
  AddressField: when((written) => written.split(',').length >= 2),
  DDSelectField: readSelect,
  DDMultiSelectField: readMultiSelect,
  InnerContactField: readContacts,
  DepartmentField: readDepartments,
  RelateField: readRelated,
};

function choice(text: string, options: string[]): { label: string; key: string } | undefined {
  const index = options.indexOf(text);
  return index < 0 ? undefined : { label: text, key: `option_${index}` };
}
