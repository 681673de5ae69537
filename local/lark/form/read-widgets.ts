import { z } from 'zod';
import type { Widget } from '../organisation.ts';
import { readSuite } from './read-suites.ts';
import type { WidgetType } from './widget-types.ts';

/** What a form needs to know of the organisation. */
export interface FormWorld {
  now: number;
  /** Both ids of a person named by one of them. */
  person(id: string, type: 'user_id' | 'open_id'): { user_id: string; open_id: string } | undefined;
  hasDepartment(openDepartmentId: string): boolean;
  hasInstance(instanceCode: string): boolean;
  districtPath(id: string): string | undefined;
}

/** A widget of a form as the creator of an instance writes it. */
export const WrittenWidgetSchema = z.looseObject({ id: z.string(), type: z.string(), value: z.unknown() });
export type WrittenWidget = z.infer<typeof WrittenWidgetSchema>;

type Child = Omit<Widget, 'children'>;

/**
 * How a written widget reads in the instance detail: `value` and what stands beside it; undefined means that it is not
 * valid. Written: …/approval-v4/instance/approval-instance-form-control-parameters, read: …/approval-v4/instance/get.
 */
export type ReadWidget = (
  written: WrittenWidget,
  widget: Child,
  world: FormWorld,
) => Record<string, unknown> | undefined;

const Strings = z.array(z.string()).min(1);
export const Rfc3339 = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/);
const Interval = z.object({ start: Rfc3339, end: Rfc3339, interval: z.number() });
/** Documented as a float; the example of "create an instance" writes a text. */
const Numeric = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/)
    .transform(Number),
]);
const Currency = z.object({ currency: z.string().optional() });
const Document = z.object({ token: z.string(), type: z.string() });
const Telephone = z.object({ countryCode: z.string(), nationalNumber: z.string() });
const Address = z.array(z.object({ id: z.string(), detailAddress: z.string().optional() })).min(1);
const Departments = z.array(z.object({ open_id: z.string() })).min(1);
const People = z.object({ value: z.array(z.string()).default([]), open_ids: z.array(z.string()).default([]) });

const as =
  <T>(schema: z.ZodType<T>): ReadWidget =>
  ({ value }) => {
    const parsed = schema.safeParse(value);
    return parsed.success ? { value: parsed.data } : undefined;
  };

const readAmount: ReadWidget = ({ value, ...beside }) => {
  const amount = Numeric.safeParse(value);
  const { currency = 'CNY' } = Currency.safeParse(beside).data ?? {};
  return amount.success ? { value: amount.data, currency } : undefined;
};

const readChoice: ReadWidget = ({ value }, { options = [], external }) => {
  const key = z.string().safeParse(value).data;
  if (external) return key ? { value: key } : undefined;
  const option = options.find((candidate) => candidate.key === key);
  return option && { value: option.text, option };
};

const readChoices: ReadWidget = ({ value }, { options = [], external }) => {
  const keys = Strings.safeParse(value).data;
  if (external) return keys && { value: keys };
  const texts = keys?.map((key) => options.find((option) => option.key === key)?.text);
  return texts?.every((text) => text !== undefined) ? { value: texts } : undefined;
};

const readPeople: ReadWidget = (written, _widget, world) => {
  const { value, open_ids } = People.safeParse(written).data ?? { value: [], open_ids: [] };
  const people = [
    ...value.map((id) => world.person(id, 'user_id')),
    ...open_ids.map((id) => world.person(id, 'open_id')),
  ];
  const known = people.filter((person) => person !== undefined);
  if (known.length === 0 || known.length !== people.length) return undefined;
  const unique = [...new Map(known.map((person) => [person.user_id, person])).values()];
  return { value: unique.map(({ user_id }) => user_id), open_ids: unique.map(({ open_id }) => open_id) };
};

const readDepartments: ReadWidget = ({ value }, _widget, world) => {
  const departments = Departments.safeParse(value).data;
  return departments?.every(({ open_id }) => world.hasDepartment(open_id)) ? { value: departments } : undefined;
};

const readConnected: ReadWidget = ({ value }, _widget, world) => {
  const codes = Strings.safeParse(value).data;
  return codes?.every((code) => world.hasInstance(code)) ? { value: codes } : undefined;
};

const readAddress: ReadWidget = ({ value }, _widget, world) => {
  const [first] = Address.safeParse(value).data ?? [];
  const path = first && world.districtPath(first.id);
  if (!path) return undefined;
  return { value: first.detailAddress ? `${path}/${first.detailAddress}` : path };
};

const readTelephone: ReadWidget = ({ value }) => {
  const phone = Telephone.safeParse(value).data;
  return phone && { value: { country_code: phone.countryCode, national_number: phone.nationalNumber } };
};

const readDocument: ReadWidget = ({ value }) => {
  const document = Document.safeParse(value).data;
  if (!document) return undefined;
  const { token, type } = document;
  return { value: { token, type, title: token, url: `https://docs.example/${type}/${token}` } };
};

const LINK_LIFE_MS = 12 * 3_600_000;

/** Codes of uploaded files read as addresses that work for 12 hours. */
const readFiles: ReadWidget = ({ value }, _widget, { now }) => {
  const codes = Strings.safeParse(value).data;
  const expires = Math.floor((now + LINK_LIFE_MS) / 1000);
  const links = codes?.map(
    (code) => `https://files.example/${encodeURIComponent(code)}?x-expires=${expires}&x-signature=1`,
  );
  return codes && { value: links, ext: codes.join(',') };
};

export const READ_WIDGETS: Record<Exclude<WidgetType, 'fieldList'>, ReadWidget> = {
  input: as(z.string()),
  textarea: as(z.string()),
  number: as(Numeric),
  formula: as(Numeric),
  amount: readAmount,
  date: as(Rfc3339),
  dateInterval: as(Interval),
  radio: readChoice,
  radioV2: readChoice,
  checkbox: readChoices,
  checkboxV2: readChoices,
  contact: readPeople,
  department: readDepartments,
  connect: readConnected,
  address: readAddress,
  telephone: readTelephone,
  document: readDocument,
  image: readFiles,
  imageV2: readFiles,
  attachment: readFiles,
  attachmentV2: readFiles,
  leaveGroup: readSuite,
  leaveGroupV2: readSuite,
  workGroup: readSuite,
  outGroup: readSuite,
  remedyGroup: readSuite,
  shiftGroup: readSuite,
  tripGroup: readSuite,
};
