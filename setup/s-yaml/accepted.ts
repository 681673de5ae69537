import * as z from 'zod';

const MAX_SHOWN = 60;

/** A value that passes `test`; the message of one that does not names it and says in words what would. */
export function accepted<T>(test: (value: unknown) => boolean, wanted: string) {
  return z.custom<T>(test, { error: ({ input }) => refusal(input, wanted) });
}

export function matching(pattern: RegExp, wanted: string) {
  return accepted<string>((value) => typeof value === 'string' && pattern.test(value), wanted);
}

export function oneOf<const T extends string | number | boolean>(...values: readonly T[]) {
  return accepted<T>((value) => values.some((each) => each === value), values.join(' or '));
}

/** A number from `min` to `max` in steps of `step`, such as 0.05. */
export function number(min: number, max: number, step = 1) {
  const onStep = (value: number) => Math.abs(value / step - Math.round(value / step)) < 1e-9;
  const steps = step === 1 ? 'a whole number' : `a multiple of ${step}`;
  return accepted<number>(
    (value) => typeof value === 'number' && value >= min && value <= max && onStep(value),
    `${steps} from ${min} to ${max}`,
  );
}

export const text = accepted<string>((value) => typeof value === 'string' && value !== '', 'a text');
export const truth = accepted<boolean>((value) => typeof value === 'boolean', 'true or false');

function refusal(value: unknown, wanted: string): string {
  if (value === undefined) return `is missing; it must be ${wanted}`;
  const shown = JSON.stringify(value) ?? String(value);
  return `${shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown} must be ${wanted}`;
}
