import { createSystemClock } from '../../../shared/clock.ts';
import { LOG_LEVELS, type LogLevel } from '../../../shared/log.ts';
import { callHandler } from './call-handler.ts';
import { dieWithParent } from './die-with-parent.ts';
import { errorBody } from './error-body.ts';
import { type Handler, loadHandler } from './load-handler.ts';
import { type FromRuntime, type InvocationContext, invokeEndLine, type ToRuntime } from './messages.ts';
import { createOutput } from './output.ts';

/** The process of one function instance: loads the code and answers one request at a time. */
dieWithParent();
const codeDirectory = process.env['FC_FUNC_CODE_PATH'] ?? '/code';
const handlerName = process.env['FC_FUNCTION_HANDLER'] ?? '';
const output = createOutput({ clock: createSystemClock(), threshold: logThreshold() });
let requestId = '';
let loading: Promise<Handler> | undefined;

const printAt =
  (level: LogLevel, id = () => requestId) =>
  (...values: unknown[]) =>
    output.print(level, id(), values);
Object.assign(console, {
  debug: printAt('debug'),
  log: printAt('info'),
  info: printAt('info'),
  warn: printAt('warn'),
  error: printAt('error'),
});

// The function must not find the platform's channel.
const send = process.send?.bind(process);
delete process.send;
const tell = (message: FromRuntime) => void send?.(message);

process.on('message', (message) => {
  if (!isToRuntime(message)) return;
  // A failed load is reported by the call that needs it.
  if (message.type === 'warm') load().catch(() => {});
  else void answer(Buffer.from(message.payload), message.context);
});
tell({ type: 'ready' });

async function answer(event: Buffer, data: InvocationContext): Promise<void> {
  requestId = data.requestId;
  output.frame(`FC Invoke Start RequestId: ${requestId}`);
  const result = await load()
    .then((handler) => callHandler(handler, event, handlerContext(data)))
    .then(
      (payload) => ({ payload, failed: false }),
      (error: unknown) => ({ payload: errorBody(error), failed: true }),
    );
  output.frame(invokeEndLine(data.requestId));
  const maxMemoryMb = process.resourceUsage().maxRSS / 1024;
  tell({ type: 'result', requestId: data.requestId, ...result, maxMemoryMb });
}

/** Loads the code once; a failed load is tried again by the next call. */
function load(): Promise<Handler> {
  loading ??= loadHandler(codeDirectory, handlerName).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

function handlerContext(data: InvocationContext): Record<string, unknown> {
  const id = () => data.requestId;
  const logger = {
    requestId: data.requestId,
    debug: printAt('debug', id),
    info: printAt('info', id),
    log: printAt('info', id),
    warn: printAt('warn', id),
    error: printAt('error', id),
  };
  return { ...data, logger, tracing: { openTracingSpanBaggages: {} } };
}

function logThreshold(): LogLevel {
  return LOG_LEVELS.find((level) => level === process.env['ALIYUN_FC_LOG_LEVEL']) ?? 'debug';
}

function isToRuntime(message: unknown): message is ToRuntime {
  return ['warm', 'invoke'].includes(Object(message).type);
}
