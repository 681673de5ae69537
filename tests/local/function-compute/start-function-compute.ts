import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFaults, type Faults } from '../../../local/faults.ts';
import {
  createFunctionCompute,
  type FunctionCompute,
  type FunctionComputeOptions,
} from '../../../local/function-compute/create-function-compute.ts';
import { serve } from '../../../local/http/server.ts';
import { createIdentities, type Identities } from '../../../local/identities.ts';
import { createSystemClock } from '../../../shared/clock.ts';
import { createLog, type LogEntry } from '../../../shared/log.ts';

export const ROOT_KEY = { accessKeyId: 'LTAI-root', accessKeySecret: 'root-secret' };

export interface TestCloud {
  fc: FunctionCompute;
  /** `127.0.0.1:<port>` of the API. */
  endpoint: string;
  identities: Identities;
  faults: Faults;
  entries: LogEntry[];
  close(): Promise<void>;
}

/** What every test file builds once: the runtime and the sample function, bundled as in a release. */
export function buildSamples(): { runtimeFile: string; codeDirectory: string; remove: () => void } {
  const root = join(__dirname, '../../..');
  const folder = mkdtempSync(join(tmpdir(), 'fc-test-'));
  const build = (source: string, target: string) =>
    execFileSync(join(root, 'node_modules/.bin/esbuild'), [
      join(root, source),
      '--bundle',
      '--platform=node',
      '--target=node20',
      '--format=cjs',
      '--log-level=error',
      `--outfile=${target}`,
    ]);
  const runtimeFile = join(folder, 'fc-runtime.js');
  const codeDirectory = join(folder, 'code');
  build('local/function-compute/runtime/main.ts', runtimeFile);
  build('tests/local/function-compute/fixtures/sample.ts', join(codeDirectory, 'index.js'));
  return { runtimeFile, codeDirectory, remove: () => rmSync(folder, { recursive: true }) };
}

export async function startCloud(
  options: { runtimeFile: string; speed?: number } & Partial<Omit<FunctionComputeOptions, 'clock'>>,
): Promise<TestCloud> {
  const { speed = 1, ...rest } = options;
  const clock = createSystemClock({ speed, origin: Date.now() });
  const entries: LogEntry[] = [];
  const identities = createIdentities('1000000000000001');
  identities.add({ ...ROOT_KEY, name: 'root' });
  const faults = createFaults();
  const ids = count();
  const fc = await createFunctionCompute({
    region: 'cn-hangzhou',
    identities,
    clock,
    faults,
    log: createLog({ clock, level: 'debug', write: (entry) => entries.push(entry) }),
    newId: () => `id-${String(ids()).padStart(4, '0')}`,
    random: () => 0.5,
    ...rest,
  });
  const server = await serve(fc.handle);
  const close = async () => {
    await fc.close();
    await server.close();
  };
  return { fc, endpoint: server.origin.replace('http://', ''), identities, faults, entries, close };
}

function count(): () => number {
  let last = 0;
  return () => {
    last += 1;
    return last;
  };
}

/** Waits for something that happens in another process. */
export async function eventually<T>(look: () => T | undefined | false, what: string): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = look();
    if (found) return found;
    await sleep(20);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Running, and not merely waiting to be reaped. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
