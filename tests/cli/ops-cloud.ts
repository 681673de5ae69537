import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type Connection, connect } from '../../cli/inspect/connect.ts';
import type { Io } from '../../cli/io.ts';
import { type LocalCloud, startLocalCloud } from '../../cli/local-cloud.ts';
import { main } from '../../cli/main.ts';
import { createJournal } from '../../shared/journal/journal.ts';
import type { Fact } from '../../shared/request/records.ts';
import { type Ended, ROOT } from './command-line.ts';
import { type Outcome, parseOutcome } from './outcome.ts';

/** A cloud that a file's tests share, and the commands that people use on it. */
export interface OpsCloud extends Connection {
  local: LocalCloud;
  folder: string;
  /** A command line on this cloud, in this process: dozens of them are not to cost a start each. */
  loop(...args: string[]): Promise<Ended>;
  /** The same, to be looked at while it goes on. */
  begin(...args: string[]): { ended: Promise<number>; printed(pattern: RegExp): Promise<void> };
  approve(...values: string[]): Promise<Outcome>;
  onInstance(script: string): Promise<void>;
  /** Resolves when this has been logged, already or from now on. */
  logged(message: string, fields: Readonly<Record<string, string>>): Promise<void>;
  /** Facts written as a function would, whoever is supposed to. */
  write(requestId: string, ...facts: Fact[]): Promise<void>;
  close(): Promise<void>;
}

export async function openOpsCloud(): Promise<OpsCloud> {
  const folder = await mkdtemp(join(tmpdir(), 'ops-test-'));
  const state = join(folder, 'cloud');
  const local = await startLocalCloud({ root: ROOT, directory: state, port: 0 });
  const connection = connect(local.description);
  const loop = (...args: string[]) => runHere([...args, '--state', state]);
  return {
    ...connection,
    local,
    folder,
    loop,
    begin: (...args) => {
      const lines: [Stream, string][] = [];
      const ended = main([...args, '--state', state], ioOf(lines));
      return { ended, printed: (pattern) => until(() => lines.some(([, line]) => pattern.test(line))) };
    },
    approve: async (...values) =>
      parseOutcome((await loop('local', 'approve', 'onboarding', ...values, '--json')).stdout),
    onInstance: (script) => onInstance(local, script),
    logged: (message, fields) => logged(local, message, fields),
    write: async (requestId, ...facts) => {
      const journal = createJournal({ records: connection.records, by: () => 'test/1' });
      let chain = await journal.read(requestId);
      for (const fact of facts) ({ chain } = await journal.append(chain, fact));
    },
    close: async () => {
      await local.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Stream = 'stdout' | 'stderr';

export async function runHere(args: readonly string[]): Promise<Ended> {
  const lines: [Stream, string][] = [];
  const code = await main(args, ioOf(lines));
  const textOf = (name: string) => lines.flatMap(([to, line]) => (to === name ? `${line}\n` : [])).join('');
  return { code, stdout: textOf('stdout'), stderr: textOf('stderr') };
}

/** A terminal that keeps its lines. */
export function ioOf(lines: [Stream, string][]): Io {
  return {
    root: ROOT,
    stdin: Readable.from([]),
    out: (line) => void lines.push(['stdout', line]),
    err: (line) => void lines.push(['stderr', line]),
    color: false,
    env: {},
    signal: new AbortController().signal,
  };
}

function logged({ cloud }: LocalCloud, message: string, fields: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((done) => {
    const stop = cloud.activity.watch((entry) => {
      const matches = Object.entries(fields).every(([name, value]) => entry.fields[name] === value);
      if (entry.message !== message || !matches) return;
      setImmediate(() => stop());
      done();
    }, 0);
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function onInstance({ cloud: { instances } }: LocalCloud, script: string): Promise<void> {
  const result = await instances[0]?.run({
    scriptName: 'admin.sh',
    script: Buffer.from(`set -e\n${script}\n`),
    timeoutMs: 60_000,
    terminationMode: 'ProcessTree',
    signal: new AbortController().signal,
    onOutput: () => {},
  });
  expect(result).toMatchObject({ end: 'exited', exitCode: 0 });
}
