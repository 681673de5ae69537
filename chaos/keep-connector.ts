import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from '../local/cloud/cloud.ts';

const RESTART_MS = 500;

export interface KeptConnector {
  /** SIGKILL; it comes again. */
  kill(): Promise<void>;
  /** No other one from now on. */
  release(): void;
}

/** Starts a connector, and another one whenever it is gone, as a supervisor does. */
export function keepConnector(cloud: Cloud): KeptConnector {
  let kept = true;
  let connector = cloud.startConnector();
  const watch = async (): Promise<void> => {
    while (kept) {
      await connector.exited;
      await sleep(RESTART_MS);
      if (kept) connector = cloud.startConnector();
    }
  };
  void watch();
  return {
    kill: () => connector.kill(),
    release: () => {
      kept = false;
    },
  };
}
