/** What an invocation came to. */
export type InvokeResult = CompletedInvocation | AcceptedInvocation | RefusedInvocation;

/** The function ran; whether well, `functionError` tells. */
export interface CompletedInvocation {
  kind: 'completed';
  requestId: string;
  /** The function's result, or the JSON body of its error. */
  payload: Buffer;
  /** Value of the header `X-Fc-Error-Type`. */
  functionError?: 'UnhandledInvocationError';
  instanceId: string;
  durationMs: number;
  maxMemoryMb: number;
  /** Last 4 KB of the function's output. */
  logTail: Buffer;
}

/** Queued; nothing more is said to the caller. */
export interface AcceptedInvocation {
  kind: 'accepted';
  requestId: string;
  taskId: string;
}

/** The platform did not run it; codes as in its API. */
export interface RefusedInvocation {
  kind: 'refused';
  requestId: string;
  status: number;
  code: string;
  message: string;
}
