import * as z from 'zod';
import { parseJson } from '../../shared/json.ts';
import { ApiError } from '../cloud-assistant/api-error.ts';

export const roleSchema = z.object({
  name: z.string(),
  description: z.string(),
  trust: z.string(),
  /** Names of policies with their type. */
  attached: z.array(z.object({ name: z.string(), type: z.enum(['Custom', 'System']) })),
});
export type StoredRole = z.infer<typeof roleSchema>;

export const policySchema = z.object({
  name: z.string(),
  description: z.string(),
  /** Oldest first. */
  versions: z.array(z.object({ id: z.string(), document: z.string(), isDefault: z.boolean() })),
  /** How many versions there have ever been. */
  made: z.number(),
});
export type StoredPolicy = z.infer<typeof policySchema>;

export interface RamState {
  accountId: string;
  roles: Map<string, StoredRole>;
  policies: Map<string, StoredPolicy>;
}

export function createRamState(accountId: string): RamState {
  return { accountId, roles: new Map(), policies: new Map() };
}

export type Operation = (parameters: Readonly<Record<string, unknown>>) => object;

/** Reads the parameters of a call; the first that is missing or wrong is named. */
export function readParameters<S extends z.ZodType>(schema: S, parameters: unknown): z.infer<S> {
  const parsed = schema.safeParse(parameters);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const name = issue?.path.join('.') ?? '';
  throw new ApiError(400, `InvalidParameter.${name}`, `The parameter ${name} is missing or not valid.`);
}

/** 1 to 64 (roles) or 128 (policies) characters: https://www.alibabacloud.com/help/en/ram/developer-reference/api-ram-2015-05-01-createrole */
export const roleName = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);
export const policyName = z.string().regex(/^[A-Za-z0-9-]{1,128}$/);
export const description = z.string().max(1024).default('');

const documentSchema = z.object({
  Version: z.literal('1'),
  Statement: z.array(z.looseObject({ Effect: z.enum(['Allow', 'Deny']), Action: z.unknown() })).min(1),
});

/** Documents are at most 6,144 characters long: https://www.alibabacloud.com/help/en/ram/product-overview/limits */
export function checkDocument(text: string): string {
  if (text.length > 6_144 || !documentSchema.safeParse(parseJson(text)).success)
    throw new ApiError(400, 'MalformedPolicyDocument', 'The policy document is not valid.');
  return text;
}

export function entityError(status: 404 | 409, code: string, name: string): ApiError {
  const what = status === 404 ? 'does not exist' : 'already exists or is in use';
  return new ApiError(status, code, `${name} ${what}.`);
}
