import * as z from 'zod/mini';
import { LOG_LEVELS } from '../log.ts';

/** The environment of a function is wrong: every variable that is missing or malformed, once. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

export const textVariable = z.string();
export const urlVariable = z
  .string()
  .check(z.regex(/^https?:\/\/[A-Za-z0-9.:-]+$/, 'must be http(s)://host[:port] without a path'));
const speed = z.pipe(z.string(), z.transform(Number)).check(z.positive('must be a number above 0'));

/**
 * What every function needs to know. Function Compute gives region, account and keys in the context of a call, and all
 * names follow from the environment's (see names.ts), so neither is here. The endpoints are for the embedded cloud and
 * for VPC addresses; by default they follow from the region.
 */
export const environmentSchema = z.object({
  /** dev, staging, prod. Everything that is made for it carries this name. */
  LOOP_ENVIRONMENT: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,15}$/, 'must be 1 to 16 of a-z, 0-9 and -')),
  EVENT_BRIDGE_ENDPOINT: z.optional(urlVariable),
  ECS_ENDPOINT: z.optional(urlVariable),
  OSS_ENDPOINT: z.optional(urlVariable),
  LOG_LEVEL: z._default(z.enum(LOG_LEVELS, `must be ${LOG_LEVELS.join(', ')}`), 'info'),
  /** Only for the embedded cloud: how fast its time runs, and from when. */
  CLOCK_SPEED: z._default(speed, 1),
  CLOCK_ORIGIN: z._default(speed, 1),
});
export type Environment = z.infer<typeof environmentSchema>;

/** What s.yaml puts where the deploying shell has no value, so that `s preview` works; it counts as missing. */
export const NOT_SET = 'not-set';

export function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '' && value !== NOT_SET;
}

/** The values of two variables that go together, or undefined where neither is set; one alone is an EnvironmentError. */
export function pairOf<Name extends string>(
  environment: Readonly<Partial<Record<Name, string | undefined>>>,
  names: readonly [Name, Name],
): readonly [string, string] | undefined {
  const [first, second] = [environment[names[0]], environment[names[1]]];
  if (first !== undefined && second !== undefined) return [first, second];
  if (first === second) return undefined;
  const [set, missing] = first === undefined ? [names[1], names[0]] : names;
  throw new EnvironmentError(`the environment is wrong: ${set} is set and ${missing} is not; set both, or neither`);
}

/** Reads the variables that `schema` names. An empty variable counts as missing, as in s.yaml. */
export function readVariables<T>(
  schema: z.ZodMiniType<T>,
  variables: Readonly<Record<string, string | undefined>>,
  whose: 'function' | 'connector' | 'command' = 'function',
): T {
  const set = Object.fromEntries(Object.entries(variables).filter(([, value]) => isSet(value)));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return set[name] === undefined ? `${name} is not set` : `${name} ${issue.message}`;
  });
  throw new EnvironmentError(`the ${whose}'s environment is wrong: ${faults.join('; ')}`);
}
