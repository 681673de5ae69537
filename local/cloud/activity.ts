import type { LogEntry } from '../../shared/log.ts';

export interface NumberedEntry extends LogEntry {
  /** Counts from 1 in the order in which entries came. */
  seq: number;
}

/** Everything that functions and services log, kept for a while and handed to whoever watches. */
export interface Activity {
  write(entry: LogEntry): void;
  /** Calls `watcher` for what is kept after `since`, then for each new entry; returns what ends it. */
  watch(watcher: (entry: NumberedEntry) => void, since?: number): () => void;
}

const KEPT = 5_000;

export function createActivity(): Activity {
  const watchers = new Set<(entry: NumberedEntry) => void>();
  let kept: NumberedEntry[] = [];
  let seq = 0;
  return {
    write(entry) {
      seq += 1;
      const numbered = { ...entry, seq };
      kept.push(numbered);
      if (kept.length > KEPT * 2) kept = kept.slice(-KEPT);
      for (const watcher of watchers) watcher(numbered);
    },
    watch(watcher, since = seq) {
      for (const entry of kept.filter((candidate) => candidate.seq > since)) watcher(entry);
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
  };
}
