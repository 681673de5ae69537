import { callbacks } from './callbacks.ts';
import { cloudEvents } from './cloud-events.ts';
import { httpEvents } from './http-events.ts';
import { journalRecords } from './journal-records.ts';
import { larkCallbacks } from './lark-callbacks.ts';
import { larkDetails } from './lark-details.ts';
import { patterns } from './patterns.ts';
import type { FuzzTarget } from './target.ts';
import { workflowFiles } from './workflow-files.ts';

export const TARGETS: readonly FuzzTarget[] = [
  callbacks,
  cloudEvents,
  httpEvents,
  journalRecords,
  larkCallbacks,
  larkDetails,
  workflowFiles,
  patterns,
];
