import type { Clock } from '../../shared/clock.ts';
import type { Log } from '../../shared/log.ts';
import type { Faults } from '../faults.ts';
import type { HttpHandler } from '../http/server.ts';
import type { Identities } from '../identities.ts';
import type { CloudEvent } from './cloud-event.ts';
import { createHandler } from './create-handler.ts';
import { eventBusOperations } from './operations/event-buses.ts';
import { eventSourceOperations, webhookUrl } from './operations/event-sources.ts';
import { eventOperations } from './operations/events.ts';
import type { Operations } from './operations/operation.ts';
import { ruleOperations } from './operations/rules.ts';
import { targetOperations } from './operations/targets.ts';
import { createPutEvents } from './put-events.ts';
import { createRouter, type DeliverEvent } from './router.ts';
import { DEFAULT_BUS, openState, type StateStore } from './state.ts';
import { createTraceLog, type TraceLog } from './trace-log.ts';
import { createWebhook } from './webhook.ts';

export interface EventBridgeOptions {
  region: string;
  identities: Identities;
  clock: Clock;
  /** The time callers sign with; default `clock`. Differs when `clock` is accelerated: SDKs use the machine's time. */
  signatureClock?: Clock;
  log: Log;
  faults: Faults;
  /** Buses, rules and sources are kept here. */
  directory: string;
  /** New at every call; letters, digits and `-`, as a UUID. */
  newId: () => string;
  /** From 0 up to 1; spreads the retries of BACKOFF_RETRY. */
  random: () => number;
  deliver: DeliverEvent;
}

/** An event of a cloud service, such as `acs.ecs`. */
export interface ServiceEvent {
  source: string;
  type: string;
  subject?: string;
  /** RFC 3339; default now. */
  time?: string;
  /** Default a new one. */
  id?: string;
  data: unknown;
}

export interface EventBridge {
  /** Data plane and control plane under `/openapi/`, and the URLs of HTTP event sources. */
  handle: HttpHandler;
  /** Publishes an event of an embedded cloud service to the bus `default`. */
  publish(event: ServiceEvent): void;
  /** The URLs of a bus's HTTP event sources by their names, as somebody sees them who asks at this host. */
  webhookUrls(bus: string, host: string): Record<string, string>;
  /** Gives up deliveries that are waiting or under way; what has been changed is on disk already. */
  close(): Promise<void>;
}

/** An event bridge on the state in `directory`, with its bus `default`. Throws if that state cannot be read. */
export async function createEventBridge(options: EventBridgeOptions): Promise<EventBridge> {
  const { clock, newId } = options;
  const store = await openState(options.directory, clock.now());
  const findBus = (name: string) => store.current().buses.find(({ EventBusName }) => EventBusName === name);
  const traces = createTraceLog();
  const router = createRouter({ ...options, traces, rulesOf: (bus) => findBus(bus)?.rules ?? [] });
  const accept = (bus: string, event: CloudEvent, sourceIp: string) =>
    router.route(bus, { ...event, ...serviceAttributes(options, bus, sourceIp) });
  const { accountId } = options.identities;
  const buses = () => store.current().buses;
  return {
    handle: createHandler({
      ...options,
      putEvents: createPutEvents({ findBus, accept, newId }),
      webhook: createWebhook({ ...options, accountId, buses, accept }),
      operations: controlPlane(options, store, traces),
    }),
    publish({ id = newId(), source, type, subject, time = new Date(clock.now()).toISOString(), data }) {
      const envelope = { id, source, specversion: '1.0', type, datacontenttype: 'application/json;charset=utf-8' };
      const event = { ...envelope, ...(subject === undefined ? {} : { subject }), time, data: structuredClone(data) };
      accept(DEFAULT_BUS, event, '127.0.0.1');
    },
    webhookUrls: (bus, host) =>
      Object.fromEntries(
        (findBus(bus)?.sources ?? []).flatMap(({ Name, http }) => (http ? [[Name, webhookUrl(http.token, host)]] : [])),
      ),
    close: () => router.close(),
  };
}

function controlPlane(options: EventBridgeOptions, store: StateStore, traces: TraceLog): Operations {
  const { clock, region, newId } = options;
  const plane = { store, clock, region, newId, accountId: options.identities.accountId };
  return {
    ...eventBusOperations(plane),
    ...ruleOperations(plane),
    ...targetOperations(plane),
    ...eventSourceOperations(plane),
    ...eventOperations(plane, traces),
  };
}

/** What the service adds to every event, whatever the sender wrote there. */
function serviceAttributes({ region, identities, clock }: EventBridgeOptions, bus: string, sourceIp: string) {
  return {
    aliyunaccountid: identities.accountId,
    aliyunoriginalaccountid: identities.accountId,
    aliyunpublishtime: new Date(clock.now()).toISOString(),
    aliyuneventbusname: bus,
    aliyunregionid: region,
    aliyunpublishaddr: sourceIp,
  };
}
