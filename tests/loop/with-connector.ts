import type { ConnectorProcess } from '../../local/cloud/start-connector.ts';
import { PLATFORM_NAMES } from '../../shared/ids.ts';
import { nextEntry } from './entries.ts';
import { type Loop, type LoopOptions, startLoop } from './start-loop.ts';

export interface Supervised {
  loop: Loop;
  /** Kills the connector; resolves when the next one is connected. */
  renew(): Promise<void>;
}

/** A cloud with a connector, and another one whenever one has died, as a supervisor starts it. */
export async function withConnector<T>(options: LoopOptions, use: (supervised: Supervised) => Promise<T>): Promise<T> {
  const loop = await startLoop({ ...options, eventWays: ['connection'] });
  const { activity, startConnector } = loop.cloud;
  const connected = () => Promise.all(PLATFORM_NAMES.map((platform) => nextEntry(activity, 'connected', { platform })));
  let connector: ConnectorProcess;
  let isStopping = false;
  const start = () => {
    connector = startConnector();
    void connector.exited.then(() => isStopping || start());
  };
  try {
    const first = connected();
    start();
    await first;
    const renew = async () => {
      const next = connected();
      await connector.kill();
      await next;
    };
    return await use({ loop, renew });
  } finally {
    isStopping = true;
    await loop.close();
  }
}
