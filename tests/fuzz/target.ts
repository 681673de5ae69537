import { inspect } from 'node:util';
import fc from 'fast-check';

/** What a target says about itself; `open` gets ready and gives what checks one case and throws where a rule is broken. */
export interface TargetDefinition<T> {
  name: string;
  cases: fc.Arbitrary<T>;
  open(): Promise<{ check(value: T): unknown; close?(): Promise<void> }>;
}

export interface Figures {
  cases: number;
  slowestMs: number;
}

export interface Failure {
  seed: number;
  /** Where fast-check finds the shrunk case again. */
  path: string;
  value: string;
  error: string;
}

/** Which cases to run: this many from `seed`, or the one that is at `path`. */
export type Slice = { seed: number; count: number } | { seed: number; path: string };

export interface Session {
  readonly name: string;
  readonly figures: Figures;
  run(slice: Slice): Promise<Failure | undefined>;
  close(): Promise<void>;
}

export interface FuzzTarget {
  name: string;
  open(): Promise<Session>;
}

/** What no case should take; a case above it is measured again, because the machine may have been busy. */
const SLOW_MS = 250;
/** What no case may take. */
const FAR_TOO_SLOW_MS = 2_500;
const MAX_PRINTED = 4_000;

export function defineTarget<T>({ name, cases, open }: TargetDefinition<T>): FuzzTarget {
  return {
    name,
    open: async () => {
      const { check, close = async () => undefined } = await open();
      const figures: Figures = { cases: 0, slowestMs: 0 };
      const property = fc.asyncProperty(cases, async (value) => {
        figures.cases += 1;
        const ms = await measure(() => check(value));
        figures.slowestMs = Math.max(figures.slowestMs, ms);
        if (ms > FAR_TOO_SLOW_MS) throw new Error(`the case took ${Math.round(ms)} ms`);
      });
      const run = async (slice: Slice) => toFailure(await fc.check(property, parametersOf(slice)));
      return { name, figures, run, close };
    },
  };
}

async function measure(check: () => unknown): Promise<number> {
  const once = async () => {
    const start = performance.now();
    await check();
    return performance.now() - start;
  };
  const first = await once();
  return first > SLOW_MS ? Math.min(first, await once()) : first;
}

function parametersOf(slice: Slice) {
  const { seed } = slice;
  return 'path' in slice ? { seed, path: slice.path, endOnFailure: true, numRuns: 1 } : { seed, numRuns: slice.count };
}

function toFailure<T>(details: fc.RunDetails<T>): Failure | undefined {
  if (!details.failed) return undefined;
  const { seed, counterexamplePath, counterexample, errorInstance } = details;
  const error = errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance);
  return {
    seed,
    path: counterexamplePath ?? '',
    value: show(counterexample).slice(0, MAX_PRINTED),
    error: error.slice(0, MAX_PRINTED),
  };
}

function show(value: unknown): string {
  try {
    return fc.stringify(value);
  } catch {
    // Nested too deep to be written out.
    return inspect(value, { depth: 8 });
  }
}

/** The failure in words, and the command line that repeats it. */
export function describeFailure(name: string, { seed, path, value, error }: Failure): string {
  const command = `npm run fuzz -- --target ${name} --seed ${seed} --path ${path}`;
  return `${name} failed on this case:\n${value}\n${error}\nRepeat it with: ${command}\n`;
}

/** A rule that does not hold in this case. */
export function demand(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(rule);
}
