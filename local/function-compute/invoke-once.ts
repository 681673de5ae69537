import type { Fault } from '../faults.ts';
import type { DeployedFunction } from './deployed-function.ts';
import type { FunctionCall, FunctionInstance, FunctionRun } from './function-instance.ts';
import type { CompletedInvocation, RefusedInvocation } from './invoke-result.ts';
import type { Platform } from './platform.ts';
import { withTimeLimit } from './with-time-limit.ts';

const TAIL_BYTES = 4 * 1024;
const MAX_LOGGED_BYTES = 1024;

export interface Attempt {
  requestId: string;
  payload: Buffer;
  /** Attempts made before this one. */
  retryCount: number;
}

/** Runs a function once on an instance, or says why not; meets the fault `invoke:<function name>` if one is set. */
export async function invokeOnce(
  platform: Platform,
  target: DeployedFunction,
  attempt: Attempt,
): Promise<CompletedInvocation | RefusedInvocation> {
  const { requestId } = attempt;
  const { functionName } = target.definition;
  const fault = platform.faults.take('fc', `invoke:${functionName}`, attempt.payload);
  if (fault?.kind === 'error') {
    const { status, code, message = 'This failure was asked for.' } = fault;
    return { kind: 'refused', requestId, status, code, message };
  }
  if (fault?.kind === 'delay') await platform.clock.sleep(fault.ms, target.removal.signal).catch(() => {});
  const instance = await target.pool.acquire();
  if (!instance) {
    const message = `Reserve resource exceeded limit: all instances of '${functionName}' are busy`;
    return { kind: 'refused', requestId, status: 429, code: 'ResourceExhausted', message };
  }
  const startedAt = platform.realClock.now();
  const run = await runWithFault(platform, instance, callOf(platform, target, attempt), fault);
  target.pool.release(instance);
  const result = completed(target, attempt, run, {
    instanceId: instance.instanceId,
    durationMs: platform.realClock.now() - startedAt,
  });
  if (result.functionError) {
    const error = result.payload.subarray(0, MAX_LOGGED_BYTES).toString();
    platform.log.warn('function error', { function: functionName, requestId, error });
  }
  return result;
}

function callOf(platform: Platform, { definition, credentials }: DeployedFunction, attempt: Attempt): FunctionCall {
  return {
    payload: attempt.payload,
    timeoutMs: definition.timeout * 1_000,
    context: {
      requestId: attempt.requestId,
      credentials,
      function: {
        name: definition.functionName,
        handler: definition.handler,
        memory: definition.memorySize,
        timeout: definition.timeout,
      },
      service: { logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' },
      region: platform.region,
      accountId: platform.identities.accountId,
      retryCount: attempt.retryCount,
    },
  };
}

/** `hang`: the event never gets through; `cut`: the process dies before it does; `lose_answer`: after the work. */
async function runWithFault(
  platform: Platform,
  instance: FunctionInstance,
  call: FunctionCall,
  fault: Fault | undefined,
): Promise<FunctionRun> {
  const nothing = { payload: Buffer.alloc(0), maxMemoryMb: 0, logTail: Buffer.alloc(0) };
  switch (kindOf(fault)) {
    case 'answer':
      return { ...nothing, end: 'succeeded', payload: Buffer.from(fault?.kind === 'answer' ? fault.body : '') };
    case 'hang':
      await withTimeLimit(instance.exited, call.timeoutMs, platform.realClock);
      await instance.kill();
      return { ...nothing, end: 'timeout' };
    case 'cut':
      await instance.kill();
      return { ...nothing, end: 'exited' };
    case 'lose_answer': {
      const { logTail } = await instance.run(call);
      await instance.kill();
      return { ...nothing, end: 'exited', logTail };
    }
    default:
      return instance.run(call);
  }
}

/** A crash before the work is a `cut`, one after it loses the answer. */
function kindOf(fault: Fault | undefined): Fault['kind'] | undefined {
  if (fault?.kind !== 'crash') return fault?.kind;
  return fault.when === 'before' ? 'cut' : 'lose_answer';
}

function completed(
  { definition }: DeployedFunction,
  { requestId }: Attempt,
  run: FunctionRun,
  on: { instanceId: string; durationMs: number },
): CompletedInvocation {
  const { durationMs } = on;
  const maxMemoryMb = Number(run.maxMemoryMb.toFixed(2));
  // Seen in the log tails that `s invoke` prints.
  const summary = `\nDuration: ${durationMs}.00 ms, Billed Duration: ${durationMs} ms, Memory Size: ${definition.memorySize} MB, Max Memory Used: ${maxMemoryMb} MB\n`;
  const base = {
    kind: 'completed' as const,
    requestId,
    ...on,
    maxMemoryMb,
    logTail: Buffer.concat([run.logTail, Buffer.from(summary)]).subarray(-TAIL_BYTES),
  };
  if (run.end === 'succeeded') return { ...base, payload: run.payload };
  const failed = { ...base, functionError: 'UnhandledInvocationError' as const };
  if (run.end === 'failed') return { ...failed, payload: run.payload };
  const errorMessage =
    run.end === 'timeout'
      ? `Function timed out after ${definition.timeout} seconds (maxMemoryUsage: ${maxMemoryMb}MB)`
      : `Process exited unexpectedly before completing request (duration: ${durationMs}ms, maxMemoryUsage: ${maxMemoryMb}MB)`;
  return { ...failed, payload: Buffer.from(JSON.stringify({ errorMessage })) };
}
