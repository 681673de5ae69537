import type { Clock } from '../../shared/clock.ts';
import { type Refusal, refuse } from './verification.ts';

/** The gateway accepts a difference of 15 minutes in either direction. */
export const MAX_SKEW_MS = 15 * 60_000;

const FORMAT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** Undefined when `text` (`yyyy-MM-ddTHH:mm:ssZ`, UTC) is well formed and in time. */
export function checkTimestamp(text: string, clock: Clock): { refusal: Refusal } | undefined {
  const time = FORMAT.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) {
    return refuse(400, 'InvalidTimeStamp.Format', 'Specified time stamp or date value is not well formatted.');
  }
  if (Math.abs(clock.now() - time) > MAX_SKEW_MS) {
    return refuse(400, 'InvalidTimeStamp.Expired', 'Specified time stamp or date value is expired.');
  }
  return undefined;
}
