import type { DeployedFunction } from './deployed-function.ts';
import { invokeOnce } from './invoke-once.ts';
import type { CompletedInvocation, RefusedInvocation } from './invoke-result.ts';
import type { Platform } from './platform.ts';

/** Defaults of the API where a function has no asyncInvokeConfig. */
const DEFAULTS = { maxAsyncRetryAttempts: 3, maxAsyncEventAgeInSeconds: 86_400 };
/** After a function error; the service does not document it. Doubles, up to five minutes. */
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 300_000;
/** After 429, 500 and 503: https://help.aliyun.com/zh/functioncompute/error-handling-1-2 */
const FIRST_BACKOFF_MS = 500;
const SYSTEM_RETRIES_FOR_MS = 5 * 3_600_000;

/** Runs a queued event to its end: done, out of retries, too old, or the function is gone. Never rejects for these. */
export async function runAsync(
  platform: Platform,
  target: DeployedFunction,
  payload: Buffer,
  requestId: string,
): Promise<void> {
  const { clock } = platform;
  const log = platform.log.with({ function: target.definition.functionName, requestId });
  const queuedAt = clock.now();
  let functionErrors = 0;
  let systemErrors = 0;
  for (;;) {
    const result = await invokeOnce(platform, target, { requestId, payload, retryCount: functionErrors });
    if (target.removal.signal.aborted) return log.debug('asynchronous invocation ended with its function');
    const problem = problemOf(result);
    if (!problem) return;
    if (problem.ofFunction) functionErrors += 1;
    else systemErrors += 1;

    const limits = { ...DEFAULTS, ...target.definition.asyncInvokeConfig };
    const waitMs = problem.ofFunction
      ? Math.min(FIRST_RETRY_MS * 2 ** (functionErrors - 1), LONGEST_RETRY_MS)
      : FIRST_BACKOFF_MS * 2 ** (systemErrors - 1);
    const ageMs = clock.now() + waitMs - queuedAt;
    const dropped = (reason: string) => log.warn('async invocation dropped', { reason, error: problem.text });
    if (functionErrors > limits.maxAsyncRetryAttempts) return dropped('no attempts left');
    if (ageMs > limits.maxAsyncEventAgeInSeconds * 1_000) return dropped('the event is too old');
    if (!problem.ofFunction && ageMs > SYSTEM_RETRIES_FOR_MS) return dropped('system errors for five hours');
    log.info('async invocation is tried again', { inSeconds: waitMs / 1_000, error: problem.text });
    await clock.sleep(waitMs, target.removal.signal).catch(() => {});
    if (target.removal.signal.aborted) return log.debug('asynchronous invocation ended with its function');
  }
}

function problemOf(result: CompletedInvocation | RefusedInvocation): { ofFunction: boolean; text: string } | undefined {
  if (result.kind === 'refused') return { ofFunction: false, text: `${result.status} ${result.code}` };
  return result.functionError ? { ofFunction: true, text: result.functionError } : undefined;
}
