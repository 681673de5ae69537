import { runAsync } from './async-invocation.ts';
import type { DeployedFunction } from './deployed-function.ts';
import { invokeOnce } from './invoke-once.ts';
import type { InvokeResult, RefusedInvocation } from './invoke-result.ts';
import type { Platform } from './platform.ts';

export const INVOCATION_TYPES = ['Sync', 'Async'] as const;
export type InvocationType = (typeof INVOCATION_TYPES)[number];

/** https://www.alibabacloud.com/help/en/functioncompute/product-overview/limits-of-usage */
export const MAX_PAYLOAD_BYTES = { Sync: 32 * 1024 * 1024, Async: 128 * 1024 };

export interface InvokeOptions {
  type: InvocationType;
  requestId?: string;
  /** What counts against the limit; default the payload's own size. */
  payloadBytes?: number;
  /** Only for functions whose asyncInvokeConfig says `asyncTask`; a repeated one is refused. */
  taskId?: string;
}

/** Every way into a function ends here. */
export interface Invocations {
  invoke(target: DeployedFunction, payload: Buffer, options: InvokeOptions): Promise<InvokeResult>;
  /** Waits until nothing runs any more; functions must have been removed before. */
  settled(): Promise<void>;
}

export function createInvocations(platform: Platform): Invocations {
  const running = new Set<Promise<unknown>>();
  const track = <T>(work: Promise<T>): Promise<T> => {
    const done: Promise<unknown> = work.finally(() => running.delete(done)).catch(() => {});
    running.add(done);
    return work;
  };
  return {
    async invoke(target, payload, options) {
      const { type, requestId = platform.newRequestId(), taskId = requestId, payloadBytes = payload.length } = options;
      const refuse = (status: number, code: string, message: string): RefusedInvocation => {
        return { kind: 'refused', requestId, status, code, message };
      };
      const maxBytes = MAX_PAYLOAD_BYTES[type];
      if (payloadBytes > maxBytes) {
        return refuse(400, 'EntityTooLarge', `payload size exceeds maximum allowed size (${maxBytes} bytes)`);
      }
      if (type === 'Sync') return track(invokeOnce(platform, target, { requestId, payload, retryCount: 0 }));
      if (target.taskIds.has(taskId)) {
        return refuse(409, 'StatefulAsyncInvocationAlreadyExists', `the task '${taskId}' already exists`);
      }
      if (target.definition.asyncInvokeConfig?.asyncTask) target.taskIds.add(taskId);
      track(runAsync(platform, target, payload, requestId)).catch((error: unknown) => {
        platform.log.error('asynchronous invocation broke', { requestId, error: String(error) });
      });
      return { kind: 'accepted', requestId, taskId };
    },
    settled: async () => void (await Promise.all(running)),
  };
}
