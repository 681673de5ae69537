import * as z from 'zod';
import { EventBridgeError } from '../event-bridge-error.ts';
import { parseJson, parseRequest } from '../parse-request.ts';
import { compilePatternText } from '../pattern/compile-pattern.ts';
import { InvalidPatternError } from '../pattern/invalid-pattern-error.ts';
import type { TraceLog } from '../trace-log.ts';
import { type ControlPlane, type Operations, requireBus } from './operation.ts';

const name = z.string().min(1).max(255);
const testRequest = z.object({ Event: z.string(), EventPattern: z.string().min(1) });
const tracesRequest = z.object({ EventBusName: name, EventId: name });
const eventRequest = tracesRequest.extend({ EventSource: name.optional() });

/** Operations about single events: trying a pattern, and asking what became of an event. */
export function eventOperations({ store, accountId }: ControlPlane, traceLog: TraceLog): Operations {
  return {
    testEventPattern(body) {
      const { Event, EventPattern } = parseRequest(testRequest, body);
      return { Result: testPattern(EventPattern, parseJson(Buffer.from(Event))) };
    },
    queryEventTraces(body) {
      const { EventBusName, EventId } = parseRequest(tracesRequest, body);
      requireBus(store.current(), EventBusName);
      const EventTraceList = traceLog.find(EventBusName, EventId).flatMap(({ event, traces }) =>
        traces.map((trace) => ({
          ResourceOwnerId: accountId,
          EventBusName,
          EventId,
          EventSource: event.EventSource,
          ReceivedTime: event.EventReceivedTime,
          ...trace,
        })),
      );
      return { EventTraceList };
    },
    queryEventByEventId(body) {
      const { EventBusName, EventId, EventSource } = parseRequest(eventRequest, body);
      requireBus(store.current(), EventBusName);
      const found = traceLog.find(EventBusName, EventId).map(({ event }) => event);
      const TracedEvents = found.filter((event) => EventSource === undefined || event.EventSource === EventSource);
      return { TracedEvents, Total: TracedEvents.length };
    },
  };
}

function testPattern(pattern: string, event: unknown): boolean {
  try {
    return compilePatternText(pattern).matches(event);
  } catch (error) {
    if (!(error instanceof InvalidPatternError)) throw error;
    throw new EventBridgeError(409, 'EventRuleFilterPatternSchemaError', error.message);
  }
}
