import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type FuzzArguments, parseArguments, USAGE } from './arguments.ts';
import { describeFailure, type Session, type Slice } from './target.ts';
import { TARGETS } from './targets.ts';

const SLICE_MS = 1_000;
/** Cases between two looks at the time. */
const BATCH = 50;
/** Far above what caches of compiled code come to. */
const MAX_GROWTH_MB = 64;

const print = (text: string) => void process.stdout.write(text);
let stopped = false;
process.once('SIGINT', () => {
  stopped = true;
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    print(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);

async function main(words: readonly string[]): Promise<number> {
  const names = TARGETS.map(({ name }) => name);
  const parsed = parseArguments(words, names, Date.now() % 1_000_000_000);
  if (parsed === 'help') print(USAGE.replace('NAMES', names.join(', ')));
  if (parsed === 'help') return 0;
  if ('fault' in parsed) {
    process.stderr.write(`fuzz: ${parsed.fault}; --help shows the options\n`);
    return 2;
  }
  const chosen = TARGETS.filter(({ name }) => parsed.target === undefined || name === parsed.target);
  const sessions = await Promise.all(chosen.map((target) => target.open()));
  const found =
    parsed.path === undefined ? await runRounds(sessions, parsed) : await repeat(sessions, parsed, parsed.path);
  await Promise.all(sessions.map((session) => session.close()));
  return found;
}

async function repeat(sessions: readonly Session[], { seed }: FuzzArguments, path: string): Promise<number> {
  const failures = await Promise.all(sessions.map((session) => tell(session, { seed, path })));
  if (failures.includes(true)) return 1;
  print('this case passes\n');
  return 0;
}

/** Round robin until the time is up, each batch from the next seed; a target that failed takes no further part. */
async function runRounds(sessions: readonly Session[], { seed, minutes }: FuzzArguments): Promise<number> {
  const end = performance.now() + minutes * 60_000;
  print(`fuzz: seed ${seed}, ${minutes} minutes, Ctrl-C to stop\n`);
  let next = seed;
  let going = sessions;
  let heapMb: number | undefined;
  while (!stopped && going.length > 0 && performance.now() < end) {
    for (const session of going) {
      const until = Math.min(end, performance.now() + SLICE_MS);
      let failed = false;
      while (!stopped && !failed && performance.now() < until) {
        failed = await tell(session, { seed: next++, count: BATCH });
        // A signal is only seen between two turns of the event loop.
        await setImmediate();
      }
      if (failed) going = going.filter((other) => other !== session);
      print(`${progressOf(session)}\n`);
    }
    // The first round fills the caches.
    heapMb ??= usedHeapMb();
  }
  return summarise(sessions, going, heapMb ?? usedHeapMb());
}

async function tell(session: Session, slice: Slice): Promise<boolean> {
  const failure = await session.run(slice);
  if (failure) print(`\n${describeFailure(session.name, failure)}\n`);
  return failure !== undefined;
}

function progressOf({ name, figures }: Session): string {
  return `${name.padEnd(12)} ${String(figures.cases).padStart(9)} cases  slowest ${figures.slowestMs.toFixed(1).padStart(7)} ms`;
}

function summarise(sessions: readonly Session[], going: readonly Session[], heapMb: number): number {
  const grownMb = usedHeapMb() - heapMb;
  print(
    `\n${sessions.map((session) => `${progressOf(session)}  ${going.includes(session) ? 'ok' : 'FAILED'}`).join('\n')}\n`,
  );
  print(`heap ${grownMb.toFixed(1)} MB above that of the first round, at most ${MAX_GROWTH_MB}\n`);
  return going.length < sessions.length || grownMb > MAX_GROWTH_MB ? 1 : 0;
}

function usedHeapMb(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}
