import * as z from 'zod/mini';
import type { Credentials } from '../alicloud/credentials.ts';

/** https://www.alibabacloud.com/help/en/functioncompute/context-1-1 */
const contextSchema = z.object({
  requestId: z.string(),
  region: z.string(),
  accountId: z.string(),
  credentials: z.object({
    accessKeyId: z.string(),
    accessKeySecret: z.string(),
    securityToken: z.optional(z.string()),
  }),
});
export type Context = z.infer<typeof contextSchema>;

/** What Function Compute passed beside the event. */
export function readContext(context: unknown): Context {
  const parsed = contextSchema.safeParse(context);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
  throw new Error(`Function Compute passed a context without ${names}; has the function a role?`);
}

export function credentialsOf({ credentials }: Context): Credentials {
  const { accessKeyId, accessKeySecret, securityToken } = credentials;
  return securityToken ? { accessKeyId, accessKeySecret, securityToken } : { accessKeyId, accessKeySecret };
}
