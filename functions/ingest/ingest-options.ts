import type { Clock } from '../../shared/clock.ts';
import type { Journal } from '../../shared/journal/journal.ts';
import type { Markers } from '../../shared/journal/markers.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import type { Log } from '../../shared/log.ts';
import type { ApprovalReader } from '../../shared/platforms/platform.ts';
import type { Publish } from '../../shared/runtime/publish.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';
import type { Asking } from './group/asking.ts';

/** What the steps of ingest work with. */
export interface IngestOptions extends Asking {
  sources: readonly ApprovalReader[];
  workflows: Workflows;
  journal: Journal;
  markers: Markers;
  work: ObjectStore;
  publish: Publish;
  clock: Clock;
  log: Log;
}
