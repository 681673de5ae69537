import type { Activity, NumberedEntry } from '../../local/cloud/activity.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Resolves with the next entry like this. */
export function nextEntry(activity: Activity, message: string, fields: Fields): Promise<void> {
  return new Promise((done) => {
    const stop = activity.watch((entry) => {
      if (!isLike(entry, message, fields)) return;
      stop();
      done();
    });
  });
}

/** How often this has been logged so far. */
export function countEntries(activity: Activity, message: string, fields: Fields = {}): number {
  const seen: NumberedEntry[] = [];
  activity.watch((entry) => seen.push(entry), 0)();
  return seen.filter((entry) => isLike(entry, message, fields)).length;
}

function isLike(entry: NumberedEntry, message: string, fields: Fields): boolean {
  return entry.message === message && Object.entries(fields).every(([name, value]) => entry.fields[name] === value);
}
