import type { PlatformName } from '../../shared/ids.ts';
import type { Markers } from '../../shared/journal/markers.ts';
import { ALL_KEYS, type ObjectStore } from '../../shared/journal/object-store.ts';

/** What belongs to open requests alone. */
const FOLDERS = ['leases', 'notices', 'told'] as const;
/** The rest is for the next time. */
const MOST = 200;

/**
 * Removes what a process that came late has left of a request that was closed meanwhile: it holds up nothing, but would
 * stay for ever. The markers are listed last, so that what was open by then is in no danger. Returns how many it removed.
 */
export async function clearLeftovers(
  platform: PlatformName,
  { work, markers }: { work: ObjectStore; markers: Markers },
): Promise<number> {
  const lists = await Promise.all(FOLDERS.map((folder) => work.list(`${folder}/${platform}.`, { limit: ALL_KEYS })));
  const open = new Set(await markers.list({ limit: ALL_KEYS }));
  const left = lists.flat().filter((key) => !open.has(key.split('/')[1] ?? ''));
  for (const key of left.slice(0, MOST)) await work.delete(key);
  return Math.min(left.length, MOST);
}
