import { fork } from 'node:child_process';
import * as z from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { readFunctionOutput } from './function-output.ts';
import { type FromRuntime, type InvocationContext, invokeEndLine, type ToRuntime } from './runtime/messages.ts';
import { withTimeLimit } from './with-time-limit.ts';

/** How long output may still come after the process has ended: only a descendant that left its group holds it open. */
const LAST_OUTPUT_MS = 500;

/** One process that answers one request at a time. */
export interface FunctionInstance {
  instanceId: string;
  /** Undefined when the process could not be started. */
  pid: number | undefined;
  /** Loads the code before the first request. */
  warm(): void;
  run(call: FunctionCall): Promise<FunctionRun>;
  /** SIGKILL for the process and what it started; resolves when it is gone. */
  kill(): Promise<void>;
  exited: Promise<void>;
}

export interface FunctionCall {
  context: InvocationContext;
  payload: Buffer;
  /** Counted from the moment the instance is up. */
  timeoutMs: number;
}

export interface FunctionRun {
  end: 'succeeded' | 'failed' | 'timeout' | 'exited';
  /** The result, or the body of the error; empty if the process ended without. */
  payload: Buffer;
  /** Zero if the process ended without an answer. */
  maxMemoryMb: number;
  logTail: Buffer;
}

export interface InstanceOptions {
  instanceId: string;
  /** The built runtime script. */
  runtimeFile: string;
  codeDirectory: string;
  /** All variables of the process: nothing of the host's environment goes along. */
  environment: Record<string, string>;
  memoryMb: number;
  clock: Clock;
  onLine: (line: string) => void;
}

const fromRuntimeSchema: z.ZodType<FromRuntime> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  z.object({
    type: z.literal('result'),
    requestId: z.string(),
    payload: z.instanceof(Uint8Array),
    failed: z.boolean(),
    maxMemoryMb: z.number(),
  }),
]);
type Result = Extract<FromRuntime, { type: 'result' }>;

/** Starts a process in a group of its own, in the code folder. */
export function startInstance(options: InstanceOptions): FunctionInstance {
  const { clock } = options;
  const child = fork(options.runtimeFile, [], {
    cwd: options.codeDirectory,
    env: options.environment,
    execArgv: [`--max-old-space-size=${options.memoryMb}`],
    serialization: 'advanced',
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error('the function instance has no output pipes');
  const output = readFunctionOutput({ stdout, stderr }, options.onLine);

  const killGroup = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Nothing of the group is left.
    }
  };
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve(undefined));
    child.once('error', () => resolve(undefined));
  }).then(async () => {
    killGroup();
    await withTimeLimit(closed, LAST_OUTPUT_MS, clock);
    stdout.destroy();
    stderr.destroy();
  });

  let onResult: (result: Result) => void = () => {};
  const ready = new Promise<void>((resolve) => {
    child.on('message', (message) => {
      const { data } = fromRuntimeSchema.safeParse(message);
      if (data?.type === 'ready') resolve();
      if (data?.type === 'result') onResult(data);
    });
  });
  // A failed send means that the process has ended, which `exited` tells.
  const tell = (message: ToRuntime) => void child.send(message, () => {});

  const call = async ({ context, payload, timeoutMs }: FunctionCall): Promise<Result | 'timeout' | 'exited'> => {
    const gone = exited.then(() => 'exited' as const);
    if ((await Promise.race([ready, gone])) === 'exited') return 'exited';
    const result = new Promise<Result>((resolve) => {
      onResult = resolve;
    });
    tell({ type: 'invoke', payload, context });
    return withTimeLimit(Promise.race([result, gone]), timeoutMs, clock);
  };
  const kill = () => {
    killGroup();
    return exited;
  };

  return {
    instanceId: options.instanceId,
    pid: child.pid,
    exited,
    kill,
    warm: () => void ready.then(() => tell({ type: 'warm' })),
    async run(request) {
      output.startCall();
      const result = await call(request);
      if (result === 'timeout') await kill();
      if (result === 'timeout' || result === 'exited') {
        return { end: result, payload: Buffer.alloc(0), maxMemoryMb: 0, logTail: output.tail() };
      }
      await output.untilLine(invokeEndLine(result.requestId));
      return {
        end: result.failed ? 'failed' : 'succeeded',
        payload: Buffer.from(result.payload),
        maxMemoryMb: result.maxMemoryMb,
        logTail: output.tail(),
      };
    },
  };
}
