import type { Clock } from '../shared/clock.ts';
import { errorMessage } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import type { Answer, PlatformCallback, PlatformEvent, Transport } from './connection.ts';
import { keepConnection } from './keep-connection.ts';
import { type ConnectionStatus, createStatusBoard } from './status.ts';

const METRICS_EVERY_MS = 60_000;

export interface Connector {
  /** How each configured connection stands. */
  statuses(): ConnectionStatus[];
  /** Holds all connections until `signal` is aborted; resolves when all is answered and closed. */
  run(signal: AbortSignal): Promise<void>;
}

export function createConnector(options: {
  transports: readonly Transport[];
  answer: (event: PlatformEvent) => Promise<Answer>;
  answerCallback: (callback: PlatformCallback) => Promise<object | undefined>;
  clock: Clock;
  random: () => number;
  log: Log;
  /** Called once a minute and at the end. */
  flush: () => Promise<void>;
}): Connector {
  const { transports, clock, log, flush } = options;
  const held = transports.map((transport) => ({ transport, status: createStatusBoard(transport.platform, clock) }));
  const statuses = () => held.map(({ status }) => status.now());
  const report = async () => {
    log.info('connections', metricsOf(statuses()));
    await flush().catch((error) => log.warn('usage not stored', { error: errorMessage(error) }));
  };
  return {
    statuses,
    async run(signal) {
      const kept = Promise.all(held.map((one) => keepConnection({ ...options, ...one }, signal)));
      while (!signal.aborted) {
        await clock.sleep(METRICS_EVERY_MS, signal).catch(() => undefined);
        if (!signal.aborted) await report();
      }
      await kept;
      await report();
    },
  };
}

/** Everything countable in one line. */
function metricsOf(statuses: readonly ConnectionStatus[]): Record<string, number | boolean> {
  const entries = statuses.flatMap(({ platform, connected, attempts, connects, events, done, later, faults }) =>
    Object.entries({ connected, attempts, connects, events, done, later, faults }).map(
      ([name, value]): [string, number | boolean] => [`${platform}_${name}`, value],
    ),
  );
  return Object.fromEntries(entries);
}
