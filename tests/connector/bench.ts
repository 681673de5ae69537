import type { CallbackTakers } from '../../connector/answer-callback.ts';
import type { Transport } from '../../connector/connection.ts';
import type { TakeHint } from '../../functions/ingest/take-hint.ts';
import type { LogEntry } from '../../shared/log.ts';
import type { TemporaryWorld } from '../functions/world/open-temporary-world.ts';
import { agreed, approved, type Platforms, startPlatforms } from './platforms.ts';
import { longConnectionTo, openWorldOfBoth, type Started, startConnector, streamTo } from './start-connector.ts';
import { until } from './step-clock.ts';

/** For each test a world, both gateways, and the connector that it starts. */
export function useBench() {
  let opened: TemporaryWorld & { takeHint: TakeHint };
  let platforms: Platforms;
  let started: Started;
  beforeEach(async () => {
    // The official client for DingTalk writes to the console.
    for (const method of ['info', 'warn'] as const) jest.spyOn(console, method).mockImplementation(() => undefined);
    opened = await openWorldOfBoth();
    platforms = await startPlatforms();
  });
  afterEach(async () => {
    await started.stop();
    await platforms.close();
    await opened.remove();
  });
  const begin = (transports: readonly Transport[], takeHint = opened.takeHint, takers: CallbackTakers = {}) => {
    started = startConnector(platforms, opened, { transports, takeHint, takers });
  };
  const allConnected = () => until(() => started.connector.statuses().every(({ connected }) => connected));
  return {
    get opened() {
      return opened;
    },
    get platforms() {
      return platforms;
    },
    get started() {
      return started;
    },
    begin,
    allConnected,
    /** Starts a connector and waits until it is connected. */
    async start(transports: readonly Transport[], takeHint?: TakeHint, takers?: CallbackTakers): Promise<void> {
      begin(transports, takeHint, takers);
      await allConnected();
    },
    logged: (message: string): LogEntry[] => started.entries.filter((entry) => entry.message === message),
    /** How each platform is spoken to, with its words. */
    sides: {
      dingtalk: {
        to: (secret?: string) => streamTo(platforms, secret),
        emit: (id: string) => platforms.stream.emit(agreed(platforms.clock, id)),
        emitUnknown: (id: string) => platforms.stream.emit(agreed(platforms.clock, id, { processCode: 'PROC-9' })),
        gateway: () => platforms.stream,
        firstRetryMs: 10_000,
        silenceMs: 90_000,
      },
      lark: {
        to: (secret?: string) => longConnectionTo(platforms, secret),
        emit: (id: string) => platforms.long.emit(approved(platforms.clock, id)),
        emitUnknown: (id: string) => platforms.long.emit(approved(platforms.clock, id, { approval_code: 'LARK-9' })),
        gateway: () => platforms.long,
        firstRetryMs: 15_000,
        silenceMs: 150_000,
      },
    },
  };
}
