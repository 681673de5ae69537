import type { Clock } from '../../shared/clock.ts';
import { parseSchedule } from './cron.ts';
import type { TimerTriggerConfig } from './function-definition.ts';
import { formatTime } from './platform.ts';

/** No single sleep is longer, because the machine's timers overflow after 24 days. */
const LONGEST_SLEEP_MS = 86_400_000;

/** Fires until the signal is aborted; times missed while the machine was busy or asleep are left out. */
export async function runTimer(options: {
  triggerName: string;
  config: TimerTriggerConfig;
  clock: Clock;
  signal: AbortSignal;
  fire: (event: Buffer) => void;
}): Promise<void> {
  const { config, clock, signal } = options;
  const schedule = parseSchedule(config.cronExpression);
  let last = clock.now();
  while (config.enable && !signal.aborted) {
    const next = schedule.next(last);
    if (next === undefined) return;
    await sleepUntil(next, clock, signal);
    if (signal.aborted) return;
    const event = { triggerTime: formatTime(next), triggerName: options.triggerName, payload: config.payload };
    options.fire(Buffer.from(JSON.stringify(event)));
    last = lastMissed(schedule.next, next, clock.now());
  }
}

async function sleepUntil(time: number, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let left = time - clock.now(); left > 0 && !signal.aborted; left = time - clock.now()) {
    // An abort is seen by the loop.
    await clock.sleep(Math.min(left, LONGEST_SLEEP_MS), signal).catch(() => {});
  }
}

function lastMissed(next: (after: number) => number | undefined, fired: number, now: number): number {
  let last = fired;
  for (let time = next(last); time !== undefined && time <= now; time = next(last)) last = time;
  return last;
}
