import { UsageError } from '../io.ts';

/** Milliseconds since the epoch; a missing end is open. */
export interface Period {
  since?: number;
  until?: number;
}

const DAY_MS = 86_400_000;

/** `--since` and `--until`: a date (the whole day, in UTC) or a date with a time. */
export function readPeriod({ since, until }: { since?: string; until?: string }): Period {
  return {
    ...(since === undefined ? {} : { since: readTime('--since', since) }),
    ...(until === undefined ? {} : { until: readTime('--until', until) + (isDate(until) ? DAY_MS - 1 : 0) }),
  };
}

export function isWithin(at: string, { since, until }: Period): boolean {
  const time = Date.parse(at);
  return !(since !== undefined && time < since) && !(until !== undefined && time > until);
}

function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text);
}

function readTime(option: string, text: string): number {
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  throw new UsageError(`${option} takes a date such as 2026-11-24, or a time such as 2026-11-24T08:00:00Z`);
}
