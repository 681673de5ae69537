import { type Clock, createSystemClock } from '../../shared/clock.ts';
import type { Markers } from '../../shared/journal/markers.ts';
import { ALL_KEYS, type ObjectStore } from '../../shared/journal/object-store.ts';
import { openAccess } from '../inspect/access.ts';
import type { Io } from '../io.ts';
import { openFolderStore } from './folder-store.ts';

/** The records of an environment, wherever they lie. */
export interface Records extends Pick<ObjectStore, 'get' | 'list' | 'createIfAbsent'> {
  /** Every object, also those whose names no record has. */
  paths(): Promise<string[]>;
  clock: Clock;
  /** The open markers, where there is an environment; a copy of the records has none. */
  markers?: Pick<Markers, 'get'>;
}

export interface RecordsOptions {
  dir?: string;
  state: string;
}

export async function openRecords(io: Io, { dir, state }: RecordsOptions): Promise<Records> {
  if (dir !== undefined) return { ...(await openFolderStore(dir)), clock: createSystemClock() };
  const { records, markers, clock } = await openAccess(io, state);
  return { ...records, paths: () => records.list('', { limit: ALL_KEYS }), clock, markers };
}
