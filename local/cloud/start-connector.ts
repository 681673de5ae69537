import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Log } from '../../shared/log.ts';
import type { Callers } from '../callers.ts';
import { passOnLine } from '../function-compute/pass-on-line.ts';

/** The name under which faults and crash points know the connector's process. */
export const CONNECTOR = 'connector';

export interface ConnectorProcess {
  pid: number;
  /** SIGTERM: what is in hand is answered first. Resolves when it is gone. */
  stop(): Promise<void>;
  /** SIGKILL. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves with what it wrote to stderr, once it is gone, for whatever reason. */
  exited: Promise<string>;
}

/** The built connector as a process of its own, as `npm run connector` starts it; its log lines go on as ours. */
export function startConnector(options: {
  root: string;
  /** All variables of the process: nothing of the host's environment goes along. */
  variables: Readonly<Record<string, string>>;
  log: Log;
  callers: Callers;
}): ConnectorProcess {
  const { root, variables, log, callers } = options;
  const file = join(root, 'dist', 'connector', 'index.js');
  const child = spawn(process.execPath, [file], { cwd: root, env: variables, stdio: ['ignore', 'pipe', 'pipe'] });
  const { pid } = child;
  if (pid === undefined) throw new Error(`the connector could not be started: ${process.execPath} ${file}`);
  createInterface({ input: child.stdout }).on('line', (line) => passOnLine(line, log));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const exited = once(child, 'close').then(() => {
    callers.remove(pid);
    return said.trim();
  });
  const end = (signal: NodeJS.Signals) => async () => {
    child.kill(signal);
    await exited;
  };
  const connector = { pid, exited, stop: end('SIGTERM'), kill: end('SIGKILL') };
  callers.add(pid, { functionName: CONNECTOR, instanceId: String(pid), kill: connector.kill });
  return connector;
}
