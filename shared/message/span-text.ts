import { fill } from './fill.ts';
import type { Texts } from './texts.ts';

/** A span of at least a second in its two largest units: `45 秒`, `5 分钟 1 秒`, `2 小时`. */
export function spanText(ms: number, { units }: Texts): string {
  const seconds = Math.round(ms / 1000);
  const counts = [
    [units.hours, Math.floor(seconds / 3600)],
    [units.minutes, Math.floor(seconds / 60) % 60],
    [units.seconds, seconds % 60],
  ] as const;
  const largest = counts.findIndex(([, count]) => count > 0);
  const shown = counts.slice(largest, largest + 2).filter(([, count]) => count > 0);
  return shown.map(([unit, count]) => fill(unit, { count: String(count) })).join(' ');
}
