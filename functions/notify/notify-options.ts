import type { CloudAssistant } from '../../shared/alicloud/cloud-assistant.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Journal } from '../../shared/journal/journal.ts';
import type { Leases } from '../../shared/journal/leases.ts';
import type { Markers } from '../../shared/journal/markers.ts';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import type { Slots } from '../../shared/journal/slots.ts';
import type { Usage } from '../../shared/journal/usage.ts';
import type { Log } from '../../shared/log.ts';
import type { Messenger } from '../../shared/platforms/platform.ts';
import type { Publish } from '../../shared/runtime/publish.ts';
import type { Workflows } from '../../shared/workflows/schema.ts';

/** What the steps of notify work with. */
export interface NotifyOptions {
  journal: Journal;
  leases: Leases;
  markers: Markers;
  work: ObjectStore;
  slots: Slots;
  usage: Usage;
  messengers: readonly Messenger[];
  workflows: Workflows;
  publish: Publish;
  clock: Clock;
  log: Log;
  cloudAssistant: Pick<CloudAssistant, 'findInvocation'>;
  environmentName: string;
}
