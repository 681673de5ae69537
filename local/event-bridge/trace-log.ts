import type { CloudEvent } from './cloud-event.ts';

/** One step of an event, as QueryEventTraces names its fields; times in milliseconds since the epoch. */
export interface EventTrace {
  Action: 'PutEvent' | 'FilterEvent' | 'PushEvent';
  RuleName?: string;
  RuleMatchingTime?: number;
  Endpoint?: string;
  /** `[200]Ok`, or a failure. */
  NotifyStatus?: string;
  NotifyTime?: number;
  NotifyLatency?: number;
}

export interface TracedEvent {
  EventBusName: string;
  EventId: string;
  EventSource: string;
  EventType: string;
  EventReceivedTime: number;
}

/** What happened to the latest events, in memory only. */
export interface TraceLog {
  /** Starts the trace of an event; the returned function adds a step to it. */
  start(bus: string, event: CloudEvent, now: number): (trace: EventTrace) => void;
  find(bus: string, eventId: string): { event: TracedEvent; traces: readonly EventTrace[] }[];
}

const MAX_EVENTS = 1000;
/** An event on the longest retry schedule has 178 steps per target. */
const MAX_TRACES = 1000;

export function createTraceLog(): TraceLog {
  const records: { event: TracedEvent; traces: EventTrace[] }[] = [];
  return {
    start(bus, { id, source, type }, now) {
      const event = { EventBusName: bus, EventId: id, EventSource: source, EventType: type, EventReceivedTime: now };
      const traces: EventTrace[] = [{ Action: 'PutEvent' }];
      records.push({ event, traces });
      if (records.length > MAX_EVENTS) records.shift();
      return (trace) => {
        if (traces.length < MAX_TRACES) traces.push(trace);
      };
    },
    find: (bus, eventId) => records.filter(({ event }) => event.EventBusName === bus && event.EventId === eventId),
  };
}
