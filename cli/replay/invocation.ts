/** A function to be invoked by hand. */
export interface InvocationRequest {
  functionName: string;
  event: Buffer;
  /** Whether to wait for its end. */
  wait: boolean;
  /** A name for the task, of which there is one: the platform refuses a second one of the same name. */
  taskId?: string;
}

/** What became of it. */
export interface InvocationOutcome {
  request_id: string;
  /** HTTP says 200 for a function that failed too: only the header tells. */
  status: 'done' | 'failed' | 'accepted';
  /** `UnhandledInvocationError` and its like, of a function that failed. */
  error_type?: string;
  /** What the function gave back, or its error. */
  result?: string;
  /** The last 4 KB of its lines. */
  log_tail?: string;
  task_id?: string;
}

/** Function Compute of an environment, in one of its two versions. */
export interface Invoker {
  invoke(request: InvocationRequest): Promise<InvocationOutcome>;
}

/** Names of the answer's headers: https://www.alibabacloud.com/help/en/functioncompute/api-fc-2023-03-30-invokefunction */
export function readOutcome(
  headers: Readonly<Record<string, string | undefined>>,
  body: string,
  { wait }: InvocationRequest,
): InvocationOutcome {
  const request_id = headers['x-fc-request-id'] ?? '';
  if (!wait) {
    const task_id = headers['x-fc-async-task-id'] ?? headers['x-fc-stateful-async-invocation-id'];
    return { request_id, status: 'accepted', ...(task_id === undefined ? {} : { task_id }) };
  }
  const error_type = headers['x-fc-error-type'];
  const log = headers['x-fc-log-result'];
  return {
    request_id,
    status: error_type === undefined ? 'done' : 'failed',
    ...(error_type === undefined ? {} : { error_type }),
    result: body,
    ...(log === undefined ? {} : { log_tail: Buffer.from(log, 'base64').toString() }),
  };
}
