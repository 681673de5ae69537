import { type CallbackTakers, createAnswerCallback } from '../../connector/answer-callback.ts';
import { createAnswerEvent } from '../../connector/answer-event.ts';
import type { Transport } from '../../connector/connection.ts';
import { type Connector, createConnector } from '../../connector/create-connector.ts';
import { createStreamTransport } from '../../connector/dingtalk/stream-transport.ts';
import { createLongConnection } from '../../connector/lark/long-connection.ts';
import { createAdvanceIngest } from '../../functions/ingest/create-advance-ingest.ts';
import { createTakeHint, type TakeHint } from '../../functions/ingest/take-hint.ts';
import { callHttp } from '../../shared/http/call.ts';
import { createLog, formatLogLine, type LogEntry } from '../../shared/log.ts';
import { openTemporaryWorld, type TemporaryWorld } from '../functions/world/open-temporary-world.ts';
import { LARK_APP, type Platforms, STREAM_APP } from './platforms.ts';

export const streamTo = (
  { origin }: Pick<Platforms, 'origin'>,
  secret = STREAM_APP.appSecret,
  callbackTopics: readonly string[] = [],
): Transport =>
  createStreamTransport(
    { clientId: STREAM_APP.appKey, clientSecret: secret, apiEndpoint: origin, callbackTopics },
    callHttp,
  );

export const longConnectionTo = (
  { origin }: Pick<Platforms, 'origin'>,
  secret = LARK_APP.app_secret,
  callbackTypes: readonly string[] = [],
): Transport =>
  createLongConnection({ appId: LARK_APP.app_id, appSecret: secret, endpoint: origin, callbackTypes }, callHttp);

/** The world of ingest with both platforms and one workflow that starts on a template of each. */
export async function openWorldOfBoth(): Promise<TemporaryWorld & { takeHint: TakeHint }> {
  const on = { dingtalk: { process_code: 'PROC-1' }, lark: { approval_code: 'LARK-1' } };
  const opened = await openTemporaryWorld({ on });
  const { source } = opened.world;
  const sources = [source, { ...source, name: 'lark' as const, tenant: 'lark-tenant' }];
  const options = { ...opened.functions, sources };
  return { ...opened, takeHint: createTakeHint({ ...options, accept: createAdvanceIngest(options) }) };
}

export interface Started {
  connector: Connector;
  entries: LogEntry[];
  /** All that was logged, as it is written. */
  text(): string;
  /** As a signal to the process does; resolves when everything is answered and closed. */
  stop(): Promise<void>;
}

/** A connector on the platforms' clock, with no chance in it. */
export function startConnector(
  { clock }: Platforms,
  opened: TemporaryWorld,
  options: { transports: readonly Transport[]; takeHint: TakeHint; takers?: CallbackTakers },
): Started {
  const entries: LogEntry[] = [];
  const log = createLog({ clock, write: (entry) => void entries.push(entry), level: 'debug' });
  const { workflows } = opened.functions;
  const answer = createAnswerEvent({ workflows, takeHint: options.takeHint, clock, log });
  const flush = async () => undefined;
  const { transports, takers = {} } = options;
  const answerCallback = createAnswerCallback({ takers, clock, log });
  const connector = createConnector({ transports, answer, answerCallback, clock, random: () => 0.5, log, flush });
  const stop = new AbortController();
  const ran = connector.run(stop.signal);
  return {
    connector,
    entries,
    text: () => entries.map(formatLogLine).join('\n'),
    async stop() {
      stop.abort(new Error('stopped'));
      await ran;
    },
  };
}
