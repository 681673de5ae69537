const SHANGHAI_OFFSET_MS = 8 * 3_600_000;

/** `yyyy-MM-ddTHH:mm:ssZ`; empty for what has not happened. */
export function isoSeconds(ms: number | undefined): string {
  return ms === undefined ? '' : `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** `yyyy-MM-ddTHH:mmZ`, as DescribeCommands writes CreationTime. */
export function isoMinutes(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

/** `yyyy-MM-ddTHH:mm:ss+08:00`, as events of `acs.ecs` write their time. */
export function isoShanghai(ms: number): string {
  return `${new Date(ms + SHANGHAI_OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}
