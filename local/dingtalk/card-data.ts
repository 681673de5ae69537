import { z } from 'zod';
import { NewApiError } from './api-errors.ts';

const MAX_KEY_BYTES = 100;
const MAX_VALUE_BYTES = 1024;
const MAX_BYTES = 100 * 1024;

/** Values by name; every value is text, an object is JSON as text. */
export type CardValues = Record<string, string>;

const CardDataSchema = z.object({
  cardParamMap: z
    .record(z.string(), z.string())
    .refine((values) =>
      Object.entries(values).every(
        ([key, value]) => Buffer.byteLength(key) <= MAX_KEY_BYTES && Buffer.byteLength(value) <= MAX_VALUE_BYTES,
      ),
    ),
});

const EmptyDataSchema = z.object({ cardParamMap: z.record(z.string(), z.never()).nullish() }).nullish();

/** What single people see instead, by userId. */
export const PrivateDataSchema = z
  .record(z.string(), CardDataSchema)
  .transform((data) => Object.fromEntries(Object.entries(data).map(([id, { cardParamMap }]) => [id, cardParamMap])));

/**
 * What a card shows, as it is sent; undefined if there is nothing in it. Throws a NewApiError.
 * https://open.dingtalk.com/document/development/instructions-for-filling-in-api-card-data
 */
export function readCardData(data: unknown): CardValues | undefined {
  if (EmptyDataSchema.safeParse(data).success) return undefined;
  const parsed = CardDataSchema.safeParse(data);
  if (!parsed.success) throw cardError('param.invalid');
  return parsed.data.cardParamMap;
}

/** An error of the card API: its text is its code. */
export function cardError(code: string, status = 400): NewApiError {
  return new NewApiError(code, code, status);
}

/** Without the options new data takes the place of all that was there. */
export const UpdateOptionsSchema = z.object({
  updateCardDataByKey: z.boolean().nullish(),
  updatePrivateDataByKey: z.boolean().nullish(),
});

/** A change of a card; what is absent stays as it is. */
export interface CardChange {
  values?: CardValues | undefined;
  privateValues?: Record<string, CardValues> | undefined;
  byKey?: boolean | null | undefined;
  privateByKey?: boolean | null | undefined;
}

/** The values after a change, or undefined if they are too many for a card. */
export function changeValues(
  before: CardValues,
  change: CardValues | undefined,
  byKey: boolean | null | undefined,
): CardValues | undefined {
  if (change === undefined) return before;
  const values = byKey ? { ...before, ...change } : change;
  return bytesOf(values) <= MAX_BYTES ? values : undefined;
}

function bytesOf(values: CardValues): number {
  return Object.entries(values).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
}
