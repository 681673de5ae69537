import type { CloudAssistant } from '../../shared/alicloud/cloud-assistant.ts';
import type { StopInvocation } from '../../shared/alicloud/stop-invocation.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Journal } from '../../shared/journal/journal.ts';
import type { Leases } from '../../shared/journal/leases.ts';
import type { Locks } from '../../shared/journal/locks.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import type { Log } from '../../shared/log.ts';
import type { Names } from '../../shared/names.ts';
import type { Publish } from '../../shared/runtime/publish.ts';
import type { Scripts } from '../../shared/workflows/command-content.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

/** What the steps of dispatch work with. */
export interface DispatchOptions {
  journal: Journal;
  leases: Leases;
  locks: Locks;
  work: ObjectStore;
  cloudAssistant: CloudAssistant;
  stopInvocation: StopInvocation;
  workflows: Workflows;
  scripts: Scripts;
  environmentName: string;
  names: Names;
  publish: Publish;
  clock: Clock;
  log: Log;
}
