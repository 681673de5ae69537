import type { Clock } from '../shared/clock.ts';
import { errorMessage } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import { backoffMs } from './backoff.ts';
import type { Answer, Connection, Handlers, PlatformCallback, PlatformEvent, Transport } from './connection.ts';
import { whenAborted, withLimit } from './limit.ts';
import type { StatusBoard } from './status.ts';

/** From the request for an address to a connection that stands. */
const CONNECT_WITHIN_MS = 10_000;
/** One that stood this long ends a row of failures. */
const STEADY_MS = 30_000;

export interface KeepOptions {
  transport: Transport;
  answer: (event: PlatformEvent) => Promise<Answer>;
  answerCallback: (callback: PlatformCallback) => Promise<object | undefined>;
  status: StatusBoard;
  clock: Clock;
  /** 0 to below 1. */
  random: () => number;
  log: Log;
}

/**
 * Holds a connection until `signal` is aborted: a fresh one after each that ended, with a wait of its own in place of
 * the SDK's. Resolves once what was in hand is answered and the last connection is closed.
 */
export async function keepConnection(options: KeepOptions, signal: AbortSignal): Promise<void> {
  const { transport, status, clock, random, log } = options;
  const platform = { platform: transport.platform };
  const leaving = new Set<Promise<void>>();
  let failures = 0;
  while (!signal.aborted) {
    const began = clock.now();
    try {
      const reason = await holdOne(options, leaving, signal);
      log.info('connection ended', { ...platform, reason });
    } catch (error) {
      status.ended(errorMessage(error));
      if (!signal.aborted) log.warn('no connection', { ...platform, reason: errorMessage(error), failures });
    }
    if (signal.aborted) break;
    failures = clock.now() - began >= STEADY_MS ? 0 : failures + 1;
    await clock.sleep(backoffMs(failures, random), signal).catch(() => undefined);
  }
  await Promise.all(leaving);
}

/** Opens a connection and gives the reason why it is over, with what is in hand still to be answered. */
async function holdOne(options: KeepOptions, leaving: Set<Promise<void>>, signal: AbortSignal): Promise<string> {
  const { transport, status, clock, log } = options;
  const inHand = new Set<Promise<unknown>>();
  const hold = <T>(answer: Promise<T>): Promise<T> => {
    const held = answer.finally(() => inHand.delete(held));
    inHand.add(held);
    return held;
  };
  let lastFrame = clock.now();
  const handlers: Handlers = {
    onFrame() {
      lastFrame = clock.now();
      status.frame();
    },
    onEvent: (event) => hold(take(event, options, signal)),
    onCallback: (callback) => hold(takeCallback(callback, options, signal)),
    onFault(reason) {
      status.fault(reason);
      log.warn('frame not used', { platform: transport.platform, reason });
    },
  };
  status.attempted();
  const late = `no connection within ${CONNECT_WITHIN_MS} ms`;
  const limit = { clock, ms: CONNECT_WITHIN_MS, late, parent: signal };
  const connection = await withLimit(limit, (until) => transport.connect(handlers, until));
  status.connected();
  log.info('connected', { platform: transport.platform });
  const reason = await untilOver(connection, () => lastFrame, clock, signal);
  status.ended(reason);
  const left = closeAfter(inHand, connection).finally(() => leaving.delete(left));
  leaving.add(left);
  return reason;
}

async function take(event: PlatformEvent, options: KeepOptions, signal: AbortSignal): Promise<Answer> {
  const { status, answer } = options;
  status.event();
  const given = signal.aborted ? 'later' : await answer(event);
  status.answered(given);
  return given;
}

async function takeCallback(
  callback: PlatformCallback,
  { status, answerCallback }: KeepOptions,
  signal: AbortSignal,
): Promise<object | undefined> {
  status.event();
  const given = signal.aborted ? undefined : await answerCallback(callback);
  status.answered(given === undefined ? 'later' : 'done');
  return given;
}

async function untilOver(
  { ended, silenceMs }: Connection,
  lastFrame: () => number,
  clock: Clock,
  signal: AbortSignal,
): Promise<string> {
  const over = new AbortController();
  const silent = async () => {
    for (;;) {
      const left = lastFrame() + silenceMs - clock.now();
      if (left <= 0) return `no frame for ${silenceMs / 1000} s`;
      await clock.sleep(left, over.signal);
    }
  };
  const stopped = whenAborted(signal, over.signal).then(() => 'this process is stopping');
  try {
    return await Promise.race([ended, silent(), stopped]);
  } finally {
    over.abort();
  }
}

/** The answers to what is in hand go out on the connection that brought it. */
async function closeAfter(inHand: Set<Promise<unknown>>, connection: Connection): Promise<void> {
  await Promise.all(inHand);
  await new Promise(setImmediate);
  connection.close();
}
