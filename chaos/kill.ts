import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionName } from '../shared/request/next-step.ts';
import type { Drive, DriveOptions } from './drive.ts';

/** Of the cloud's time. */
const KILL_EVERY_MS = 4 * 60_000;

/** Processes die, and connections end, at moments that have nothing to do with what they do. */
export async function killNowAndThen(
  state: Drive,
  { cloud, draws, disturbance, faults }: DriveOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted && faults > 0) {
    const wait = (draws.next('kill/when') * 2 * KILL_EVERY_MS) / cloud.speed;
    if (!(await sleep(wait, true, { signal }).catch(() => false))) return;
    const who = draws.pick<Mortal>('kill/who', MORTALS);
    try {
      const done = await kill(who, state);
      if (done) disturbance.count(done);
    } catch {
      // Between two clouds there is nobody to kill.
    }
  }
}

type Mortal = FunctionName | 'connector' | 'connections';
const MORTALS = ['ingest', 'dispatch', 'notify', 'connector', 'connections'] as const;

/** Gives what it counts as; nothing where there is none. */
async function kill(who: Mortal, { cloud, connector }: Drive): Promise<string | undefined> {
  if (who === 'connections') {
    const [streams, long] = [cloud.dingtalk.streamConnections(), cloud.lark.longConnections()];
    if (streams.length + long.length === 0) return undefined;
    for (const connection of streams) connection.leave('connection is expired');
    for (const connection of long) connection.leave();
    return 'connection_cut';
  }
  if (who === 'connector') {
    await connector.kill();
    return 'connector_kill';
  }
  await cloud.functions.killInstances(cloud.names.function(who));
  return 'process_kill';
}
