import { isMap } from '../s-yaml/fill-in.ts';
import { type Finding, findingAt } from './finding.ts';

/**
 * What an overlay makes of the value below it, as a JSON Merge Patch would (RFC 7396): maps are merged key by key, null
 * removes a key, and whatever else stands there, a list too, takes the place of what was there.
 */
export function mergeOverlay(base: unknown, overlay: unknown): unknown {
  if (!isMap(overlay)) return overlay;
  const below = isMap(base) ? base : {};
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(overlay)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergeOverlay(Object.hasOwn(below, key) ? below[key] : undefined, value));
  }
  return Object.fromEntries(merged);
}

/** What no check of the merged file could see: an overlay that says nothing, and a null that removes nothing. */
export function checkOverlay(base: unknown, overlay: unknown): Finding[] {
  if (isMap(overlay)) return idleRemovals(isMap(base) ? base : {}, overlay, []);
  const what = 'must be a map of what differs from workflows.yaml; without anything that differs delete the file';
  return [{ severity: 'fault', path: [], message: what }];
}

function idleRemovals(base: Record<string, unknown>, overlay: Record<string, unknown>, at: PropertyKey[]): Finding[] {
  return Object.entries(overlay).flatMap(([key, value]) => {
    const isThere = Object.hasOwn(base, key);
    const path = [...at, key];
    const below = isThere ? base[key] : undefined;
    if (isMap(value)) return idleRemovals(isMap(below) ? below : {}, value, path);
    if (value !== null || isThere) return [];
    const { message } = findingAt('fault', path, 'null removes what workflows.yaml has here, and it has nothing');
    return [{ severity: 'fault', path: at, message, unknownKeys: [key], knownKeys: Object.keys(base) }];
  });
}
