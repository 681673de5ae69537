import * as z from 'zod';

const refusalSchema = z.object({ code: z.string(), message: z.string().default('nothing more is known') });

/** What people can do about a refusal of Function Compute, by its code; both clients carry one. */
const ADVICE: Record<string, string> = {
  FunctionNotFound: 'deploy it first, or name another environment with --env',
  ServiceNotFound: 'FC_SERVICE of this shell names no service; unset it for Function Compute 3.0',
  StatefulAsyncInvocationAlreadyExists: 'a task of this id was started already; look it up, or give another --task-id',
  EntityTooLarge: 'the event is too large; 128 KB is the most with --async',
  AccessDenied: 'the key of this shell may not invoke functions; it needs fc:InvokeFunction',
};

/** The same error where nothing better can be said of it. */
export function explainRefusal(functionName: string, error: unknown): unknown {
  const refusal = refusalSchema.safeParse(error);
  if (!refusal.success) return error;
  const { code, message } = refusal.data;
  const advice = ADVICE[code] ?? adviceFor(message);
  return new Error(`Function Compute refused to invoke ${functionName}: ${code}; ${advice}`, { cause: error });
}

/** The clients put code, status and request id around what the service says. */
function adviceFor(message: string): string {
  const said = message.replace(/^\S+: code: \d+, /, '').replace(/ request id: \S+$/, '');
  return /asyncTask/.test(said)
    ? `${said}; set async.tasks: true in env.yaml and deploy, or leave --task-id out`
    : said;
}
