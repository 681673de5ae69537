/** What the platform and one function instance say to each other, over node's IPC channel with advanced serialization. */
export type ToRuntime = { type: 'warm' } | { type: 'invoke'; payload: Uint8Array; context: InvocationContext };

export type FromRuntime =
  | { type: 'ready' }
  | { type: 'result'; requestId: string; payload: Uint8Array; failed: boolean; maxMemoryMb: number };

/** The part of the handler's context that is data; field names as in the context table of the Node.js runtime. */
export interface InvocationContext {
  requestId: string;
  credentials: { accessKeyId: string; accessKeySecret: string; securityToken: string };
  function: { name: string; handler: string; memory: number; timeout: number };
  service: { logProject: string; logStore: string; qualifier: string; versionId: string };
  region: string;
  accountId: string;
  /** Attempts already made by the asynchronous retry. */
  retryCount: number;
}

/** The line that ends the output of a call: when it has been read, all output of the call has been. */
export function invokeEndLine(requestId: string): string {
  return `FC Invoke End RequestId: ${requestId}`;
}
