import type { LogEntry } from '../../shared/log.ts';

/** The way of a request, step by step, as functions and services log it. */
export const STEPS = [
  'callback verified',
  'marker durable',
  'form read',
  'accepted',
  'refused',
  'event published',
  'rule matched',
  'planned',
  'command invoked',
  'script output',
  'completion event',
  'completed',
  'message delivered',
  'closed',
] as const;
export type StepName = (typeof STEPS)[number];

export interface SeenStep {
  name: StepName;
  /** Milliseconds since the approval was given. */
  at_ms: number;
  entry: LogEntry;
}

/**
 * Picks one request's steps out of the log. Entries of an invocation name only its id; which request it belongs to is
 * known once the command is invoked, so entries that come earlier wait.
 */
export function createStepReader(requestId: string, startedAt: number): (entry: LogEntry) => SeenStep[] {
  const invocations = new Set<unknown>();
  let waiting: LogEntry[] = [];
  return (entry) => {
    const step = toStep(entry, startedAt);
    if (!step) return [];
    if (entry.fields['request_id'] === requestId) {
      if (step.name !== 'command invoked') return [step];
      invocations.add(entry.fields['invoke_id']);
      const earlier = waiting.filter(({ fields }) => invocations.has(fields['invoke_id']));
      waiting = [];
      return [step, ...earlier.flatMap((each) => toStep(each, startedAt) ?? [])];
    }
    if (entry.fields['request_id'] !== undefined || entry.fields['invoke_id'] === undefined) return [];
    if (invocations.has(entry.fields['invoke_id'])) return [step];
    waiting.push(entry);
    return [];
  };
}

function toStep(entry: LogEntry, startedAt: number): SeenStep | undefined {
  const name = STEPS.find((step) => step === entry.message);
  return name && { name, at_ms: Math.max(0, Date.parse(entry.time) - startedAt), entry };
}
