import type { HttpRequest } from '../http/server.ts';
import {
  type CloudEvent,
  eventSize,
  MAX_BATCH_BYTES,
  MAX_BATCH_EVENTS,
  MAX_EVENT_BYTES,
  parseCloudEvent,
} from './cloud-event.ts';
import { EventBridgeError } from './event-bridge-error.ts';
import { parseJson } from './parse-request.ts';
import { ownValue } from './pattern/json-value.ts';
import { DEFAULT_BUS, type EventBus } from './state.ts';

export interface EntryOptions {
  /** Takes an event over; it is delivered later. */
  accept: (bus: string, event: CloudEvent, sourceIp: string) => void;
  newId: () => string;
}

export interface PutEventsOptions extends EntryOptions {
  findBus: (name: string) => EventBus | undefined;
}

/** POST /openapi/putEvents: whole requests are refused by HTTP status, single events in their entry of the answer. */
export function createPutEvents(options: PutEventsOptions): (request: HttpRequest) => object {
  return (request) => {
    const json = parseBatch(request);
    const bus = findTargetBus(json, options.findBus);
    const events = json.map(tryParse);
    checkBatchSize(events);
    const entries = events.map((event) => entryOf(options, bus, event, request.sourceIp));
    return { FailedEntryCount: entries.filter((entry) => 'ErrorCode' in entry).length, EntryList: entries };
  };
}

/** Takes one event over, or says why not: its entry of the answer. */
export function entryOf(
  { accept, newId }: EntryOptions,
  bus: EventBus,
  event: CloudEvent | EventBridgeError,
  sourceIp: string,
): { EventId: string; TraceId: string } | { ErrorCode: string; ErrorMessage: string } {
  const refusal = event instanceof EventBridgeError ? event : refusalOf(bus, event);
  if (event instanceof EventBridgeError || refusal) {
    const { code = '', message = '' } = refusal ?? {};
    return { ErrorCode: code, ErrorMessage: message };
  }
  accept(bus.EventBusName, event, sourceIp);
  return { EventId: event.id, TraceId: newId() };
}

function parseBatch(request: HttpRequest): unknown[] {
  const binding = /^application\/cloudevents(-batch)?\+json\s*(;|$)/i.exec(request.headers['content-type'] ?? '');
  if (!binding) {
    const message = 'The event with http protocol binding is invalid. which header is [content-type]';
    throw new EventBridgeError(409, 'EventHTTPProtocolBindingInvalid', message);
  }
  const json = parseJson(request.body);
  const events = binding[1] ? json : [json];
  if (!Array.isArray(events)) throw new EventBridgeError(409, 'EventInvalid', 'A batch of events is a JSON array.');
  if (events.length > MAX_BATCH_EVENTS) {
    const message = `The request has ${events.length} events, limit ${MAX_BATCH_EVENTS}.`;
    throw new EventBridgeError(400, 'EventCountExceed', message);
  }
  return events;
}

/** One request has one bus, and it is not the default one: that is for the events of cloud services. */
function findTargetBus(events: readonly unknown[], findBus: PutEventsOptions['findBus']): EventBus {
  const names = events.map((event) => ownValue(event, 'aliyuneventbusname'));
  const [name] = names;
  if (typeof name !== 'string' || names.some((other) => typeof other !== 'string' || other === '')) {
    throw new EventBridgeError(409, 'EventBusEmpty', 'The event bus is empty.');
  }
  if (names.some((other) => other !== name)) {
    const message = 'The put events request has more than one event bus.';
    throw new EventBridgeError(409, 'PutEventsRequestMoreThanOneEventBus', message);
  }
  if (name === DEFAULT_BUS) {
    const message = 'You are not authorized to publish custom events to the default event bus.';
    throw new EventBridgeError(403, 'AccessDenied', message);
  }
  const bus = findBus(name);
  if (!bus) throw new EventBridgeError(409, 'EventBusNotExist', `The event bus [${name.slice(0, 128)}] not existed!`);
  return bus;
}

function tryParse(json: unknown): CloudEvent | EventBridgeError {
  try {
    return parseCloudEvent(json);
  } catch (error) {
    if (error instanceof EventBridgeError) return error;
    throw error;
  }
}

function checkBatchSize(events: readonly (CloudEvent | EventBridgeError)[]): void {
  const size = events.reduce((sum, event) => sum + (event instanceof EventBridgeError ? 0 : eventSize(event)), 0);
  if (size <= MAX_BATCH_BYTES) return;
  const message = `The size of the events [${size}] exceed the limit [${MAX_BATCH_BYTES}]!`;
  throw new EventBridgeError(400, 'EventSizeExceed', message);
}

function refusalOf(bus: EventBus, event: CloudEvent): EventBridgeError | undefined {
  const size = eventSize(event);
  if (size > MAX_EVENT_BYTES) {
    const message = `The single event entry size[${size}] exceed the limit [${MAX_EVENT_BYTES}]!`;
    return new EventBridgeError(400, 'EventSizeExceed', message);
  }
  if (bus.sources.some(({ Name }) => Name === event.source)) return undefined;
  return new EventBridgeError(409, 'EventSourceNotExist', 'The event source in request is not exist!');
}
