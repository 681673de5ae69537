import * as z from 'zod';

const refusalSchema = z.object({ code: z.string() });

/** What people can do about a refusal of Function Compute, by its code; both clients carry one. */
const ADVICE: Record<string, string> = {
  FunctionNotFound: 'deploy it first, or name another environment with --env',
  ServiceNotFound: 'FC_SERVICE of this shell names no service; unset it for Function Compute 3.0',
  StatefulAsyncInvocationAlreadyExists: 'a task of this id was started already; look it up, or give another --task-id',
  AccessDenied: 'the key of this shell may not invoke functions; it needs fc:InvokeFunction',
};

/** The same error where nothing better can be said of it. */
export function explainRefusal(functionName: string, error: unknown): unknown {
  const refusal = refusalSchema.safeParse(error);
  if (!refusal.success) return error;
  const { code } = refusal.data;
  const advice = ADVICE[code] ?? (error instanceof Error ? error.message : 'nothing more is known');
  return new Error(`Function Compute refused to invoke ${functionName}: ${code}; ${advice}`, { cause: error });
}
