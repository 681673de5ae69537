import * as z from 'zod';
import { EventBridgeError } from '../event-bridge-error.ts';
import { pageRequest, takePage } from '../page.ts';
import { parseRequest } from '../parse-request.ts';
import { parseIpv4Block } from '../pattern/ipv4-block.ts';
import type { EventBus, HttpSource } from '../state.ts';
import { WEBHOOK_PATH } from '../webhook.ts';
import { busArn, type ControlPlane, checkQuota, type Operations, requireBus } from './operation.ts';

/** Not documented; the bound of one bus here. */
const MAX_SOURCES = 100;

/** https://help.aliyun.com/en/eventbridge/product-overview/limits. The service cuts a longer name; here it is refused. */
const SOURCE_NAME = /^[A-Za-z0-9.-]{1,127}$/;

const name = z.string().min(1).max(255);
const sourceRequest = z.object({ EventBusName: name, EventSourceName: name });
/** Parameters make a source pull or receive by itself (MNS, a schedule, …). Only plain ones and HTTP are emulated. */
const notEmulated = z.undefined('only event sources without parameters, and those of HTTP, are emulated').optional();
/** Names and bounds: SourceHttpEventParameters of the RPC API, and the page of HTTP event sources in webhook.ts. */
const httpParameters = z
  .object({
    Type: z.enum(['HTTP', 'HTTPS', 'HTTP&HTTPS']),
    Method: z.array(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'])).min(1),
    SecurityConfig: z.enum(['none', 'ip', 'referer']),
    Ip: z
      .array(z.string().refine((text) => parseIpv4Block(text) !== undefined))
      .max(5)
      .default([]),
    Referer: z.array(z.string().min(1).max(255)).max(5).default([]),
  })
  .optional();
const writeRequest = sourceRequest.extend({
  Description: z.string().max(255).optional(),
  SourceMNSParameters: notEmulated,
  SourceRabbitMQParameters: notEmulated,
  SourceRocketMQParameters: notEmulated,
  SourceScheduledEventParameters: notEmulated,
  SourceSLSParameters: notEmulated,
});
const createRequest = writeRequest.extend({ SourceHttpEventParameters: httpParameters });
const updateRequest = writeRequest.extend({ SourceHttpEventParameters: notEmulated });
const listRequest = z.object({ EventBusName: name.optional(), ...pageRequest });

export function eventSourceOperations(plane: ControlPlane): Operations {
  const { store, clock } = plane;
  const sourceArn = (bus: string, source: string) => `${busArn(plane, bus)}/eventsource/${source}`;
  return {
    async 'v2/createEventSource'(body) {
      const request = parseRequest(createRequest, body);
      const { EventBusName, EventSourceName, Description = '', SourceHttpEventParameters: parameters } = request;
      const http = parameters && { token: plane.newId(), ...parameters };
      await store.update((state) => {
        const bus = requireBus(state, EventBusName);
        checkNewSource(bus, EventSourceName);
        bus.sources.push({ Name: EventSourceName, Description, Ctime: clock.now(), ...(http && { http }) });
      });
      return { EventSourceARN: sourceArn(EventBusName, EventSourceName) };
    },
    async 'v2/updateEventSource'(body) {
      const { EventBusName, EventSourceName, Description = '' } = parseRequest(updateRequest, body);
      await store.update((state) => {
        requireSource(requireBus(state, EventBusName), EventSourceName).Description = Description;
      });
      return {};
    },
    async 'v2/deleteEventSource'(body) {
      const { EventBusName, EventSourceName } = parseRequest(sourceRequest, body);
      await store.update((state) => {
        const bus = requireBus(state, EventBusName);
        const source = requireSource(bus, EventSourceName);
        bus.sources = bus.sources.filter((other) => other !== source);
      });
      return {};
    },
    'v2/listUserDefinedEventSources'(body, host) {
      const request = parseRequest(listRequest, body);
      const state = store.current();
      const buses = request.EventBusName === undefined ? state.buses : [requireBus(state, request.EventBusName)];
      const sources = buses.flatMap(({ EventBusName, sources }) =>
        sources.map(({ http, ...source }) => ({
          ...source,
          ...(http && { SourceHttpEventResponse: describeHttp(http, host) }),
          ARN: sourceArn(EventBusName, source.Name),
          Status: 'Activated',
          EventBusName,
        })),
      );
      const { entries, ...page } = takePage(sources, request);
      return { EventSources: entries, ...page };
    },
  };
}

/** `Type` says how the URL begins; here it is always plain HTTP, on the port that was asked. */
function describeHttp({ token, ...parameters }: HttpSource, host: string) {
  return { ...parameters, PublicWebHookUrl: [webhookUrl(token, host)] };
}

export function webhookUrl(token: string, host: string): string {
  return `http://${host}${WEBHOOK_PATH}?token=${token}`;
}

function checkNewSource(bus: EventBus, sourceName: string): void {
  if (!SOURCE_NAME.test(sourceName)) {
    throw new EventBridgeError(409, 'EventSourceNameInvalid', `The event source name [${sourceName}] is invalid!`);
  }
  if (bus.sources.some(({ Name }) => Name === sourceName)) {
    const message = `The event source [${sourceName}] of event bus [${bus.EventBusName}] already existed!`;
    throw new EventBridgeError(409, 'EventSourceAlreadyExist', message);
  }
  checkQuota('EventSource', bus.sources.length, MAX_SOURCES);
}

function requireSource(bus: EventBus, sourceName: string): EventBus['sources'][number] {
  const source = bus.sources.find(({ Name }) => Name === sourceName);
  if (!source) throw new EventBridgeError(409, 'EventSourceNotExist', 'The event source in request is not exist!');
  return source;
}
