import type { ConnectorProcess } from '../../local/cloud/start-connector.ts';
import { PLATFORM_NAMES } from '../../shared/ids.ts';
import { nextEntry } from './entries.ts';
import { type Loop, type LoopOptions, startLoop } from './start-loop.ts';

export interface Supervised {
  loop: Loop;
  /** Kills the connector; resolves when the next one is connected. */
  renew(): Promise<void>;
  /** Resolves when the connector that there is now is connected. */
  ready(): Promise<void>;
}

/** A cloud with a connector, and another one whenever one has died, as a supervisor starts it. */
export async function withConnector<T>(options: LoopOptions, use: (supervised: Supervised) => Promise<T>): Promise<T> {
  const loop = await startLoop({ ...options, eventWays: ['connection'] });
  const { activity, startConnector } = loop.cloud;
  const connected = () => Promise.all(PLATFORM_NAMES.map((platform) => nextEntry(activity, 'connected', { platform })));
  let connector: ConnectorProcess;
  let isStopping = false;
  let standing: Promise<unknown>;
  const start = () => {
    standing = connected();
    connector = startConnector();
    void connector.exited.then(() => isStopping || start());
  };
  try {
    start();
    const ready = async () => void (await standing);
    await ready();
    const renew = async () => {
      await connector.kill();
      await ready();
    };
    return await use({ loop, renew, ready });
  } finally {
    isStopping = true;
    await loop.close();
  }
}
