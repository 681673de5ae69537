import { randomBytes } from 'node:crypto';
import { createStreamGateway, type StreamGateway } from '../../local/dingtalk/stream/stream-gateway.ts';
import { type HttpRequest, type RunningServer, serve } from '../../local/http/server.ts';
import type { ClientConfig } from '../../local/lark/long-connection/endpoint.ts';
import {
  createLongConnectionGateway,
  type LongConnectionGateway,
} from '../../local/lark/long-connection/long-connection-gateway.ts';
import { createLog, type LogEntry } from '../../shared/log.ts';
import { createStepClock, type StepClock } from './step-clock.ts';

export const STREAM_APP = { appKey: 'dingapp', appSecret: 'dingtalk-secret' };
export const LARK_APP = { app_id: 'cli_0123456789abcdef', app_secret: 'lark-secret' };

export interface Platforms {
  origin: string;
  clock: StepClock;
  stream: StreamGateway;
  long: LongConnectionGateway;
  entries: LogEntry[];
  server: RunningServer;
  close(): Promise<void>;
}

/** Both gateways on one port and one clock. `meet` may answer in their place. */
export async function startPlatforms(
  options: {
    fragmentBytes?: number;
    clientConfig?: ClientConfig;
    meet?: (request: HttpRequest) => Promise<{ status: number; body: string } | undefined>;
  } = {},
): Promise<Platforms> {
  const clock = createStepClock();
  const entries: LogEntry[] = [];
  let ids = 0;
  const newId = () => {
    ids += 1;
    return `id-${ids}`;
  };
  const log = createLog({ clock, write: (entry) => void entries.push(entry) });
  const tools = { clock, wire: clock, log, newId, randomBytes, random: () => 0 };
  const { meet, ...longOptions } = options;
  const stream = createStreamGateway({ ...tools, app: STREAM_APP, corpId: 'dingcorp' });
  const long = createLongConnectionGateway({ ...tools, app: LARK_APP, ...longOptions });
  const server = await serve(
    async (request) =>
      (await meet?.(request)) ?? stream.handle(request) ?? long.handle(request) ?? { status: 404, body: 'not here' },
    {
      onUpgrade: (request, socket, head) =>
        stream.upgrade(request, socket, head) || long.upgrade(request, socket, head),
    },
  );
  return {
    ...{ origin: server.origin, clock, stream, long, entries, server },
    async close() {
      await Promise.all([stream.close(), long.close()]);
      await server.close();
    },
  };
}

/** The event of an approval of the template `PROC-1` that was agreed to. */
export function agreed(clock: StepClock, processInstanceId: string, changes: { processCode?: string } = {}) {
  const data = { processInstanceId, processCode: 'PROC-1', type: 'finish', result: 'agree', ...changes };
  return { eventType: 'bpms_instance_change', eventId: `e-${processInstanceId}`, eventBornTime: clock.now(), data };
}

/** The same of Lark, of the definition `LARK-1`, in its envelope. */
export function approved(clock: StepClock, instance_code: string, changes: object = {}) {
  const event = {
    app_id: LARK_APP.app_id,
    type: 'approval_instance',
    approval_code: 'LARK-1',
    instance_code,
    status: 'APPROVED',
    ...changes,
  };
  // Over the connection the token is the empty text.
  return { ts: (clock.now() / 1000).toFixed(6), uuid: `u-${instance_code}`, token: '', type: 'event_callback', event };
}
