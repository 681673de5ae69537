import { createSystemClock } from '../../../shared/clock.ts';
import { answerProbe, lastTrace, leaveTrace, takeAnswer } from '../../../shared/journal/signs-of-life.ts';
import { createLog, formatLogLine } from '../../../shared/log.ts';
import type { FunctionName } from '../../../shared/request/next-step.ts';
import { makeTemporaryStore, type TemporaryStore } from './temporary-store.ts';

let temporary: TemporaryStore;
beforeEach(async () => {
  temporary = await makeTemporaryStore();
});
afterEach(() => temporary.remove());

const NOON = Date.parse('2026-11-24T12:00:00Z');
const MINUTE = 60_000;

const lines: string[] = [];
const log = createLog({ clock: createSystemClock(), write: (entry) => void lines.push(formatLogLine(entry)) });
const sweepAt = (name: FunctionName, now: number) =>
  leaveTrace(name, { work: temporary.store, clock: { now: () => now }, log });

test('a sweep leaves one trace for ten minutes, and the older ones go', async () => {
  const { store } = temporary;
  lines.length = 0;
  for (const minute of [0, 1, 9, 10, 31]) await sweepAt('notify', NOON + minute * MINUTE);
  expect(await store.list('sweeps/')).toEqual([`sweeps/notify/${NOON / (10 * MINUTE) + 3}`]);
  expect(await lastTrace(store, 'notify')).toBe(NOON + 30 * MINUTE);
  expect(lines.filter((line) => line.includes('"alarm":"sweep_alive"'))).toHaveLength(3);
});

test('each function has its own trace, and one that never swept has none', async () => {
  await sweepAt('ingest', NOON);
  expect(await lastTrace(temporary.store, 'ingest')).toBe(NOON);
  expect(await lastTrace(temporary.store, 'dispatch')).toBeUndefined();
});

test('a function whose clock is behind takes no later trace away', async () => {
  await sweepAt('ingest', NOON);
  await sweepAt('ingest', NOON - 30 * MINUTE);
  expect(await lastTrace(temporary.store, 'ingest')).toBe(NOON);
});

test('the answer to a probe is taken once, and nothing of it stays', async () => {
  const { store } = temporary;
  const probe = 'a'.repeat(32);
  await answerProbe(store, probe, 'dispatch');
  await answerProbe(store, probe, 'dispatch');
  expect(await takeAnswer(store, probe, 'notify')).toBe(false);
  expect(await takeAnswer(store, probe, 'dispatch')).toBe(true);
  expect(await takeAnswer(store, probe, 'dispatch')).toBe(false);
  expect(await store.list('probes/')).toEqual([]);
});
