import * as z from 'zod';
import type { Policy } from '../../setup/roles/policy.ts';
import { parseJson } from '../../shared/json.ts';

/** One may stand without its brackets: https://www.alibabacloud.com/help/en/ram/user-guide/policy-structure-and-syntax */
const many = z.union([z.string().transform((text) => [text]), z.array(z.string())]);
const statementSchema = z.object({
  Effect: z.literal('Allow'),
  Action: many,
  Resource: many,
  Condition: z.strictObject({ StringEquals: z.record(z.string(), many) }).optional(),
});
const policySchema = z.object({ Version: z.literal('1'), Statement: z.array(statementSchema) });

/** The policy of a document; undefined for one with what is not emulated, such as `Deny`: it then allows nothing. */
export function readPolicy(document: string): Policy | undefined {
  const { data } = policySchema.safeParse(parseJson(document));
  if (!data) return undefined;
  const Statement = data.Statement.map(({ Condition, ...rest }) => (Condition ? { ...rest, Condition } : rest));
  return { Version: '1', Statement };
}
