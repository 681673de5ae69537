import * as z from 'zod';
import { EventBridgeError } from '../event-bridge-error.ts';
import { pageRequest, takePage } from '../page.ts';
import { parseRequest } from '../parse-request.ts';
import { createBus, DEFAULT_BUS, type EventBus, type State } from '../state.ts';
import { busArn, type ControlPlane, checkQuota, isAllowedName, type Operations, requireBus } from './operation.ts';

const MAX_CUSTOM_BUSES = 50;

const name = z.string().min(1).max(255);
const namedRequest = z.object({ EventBusName: name });
const createRequest = z.object({
  EventBusName: name,
  Description: z.string().max(255).optional(),
  Tags: z.record(z.string(), z.string()).optional(),
});
const listRequest = z.object({ NamePrefix: z.string().max(255).optional(), ...pageRequest });

export function eventBusOperations(plane: ControlPlane): Operations {
  const { store, clock } = plane;
  const entry = ({ EventBusName, Description, CreateTimestamp, Tags }: EventBus) => {
    return { EventBusName, EventBusARN: busArn(plane, EventBusName), Description, CreateTimestamp, Tags };
  };
  return {
    async createEventBus(body) {
      const { EventBusName, Description = '', Tags = {} } = parseRequest(createRequest, body);
      await store.update((state) => {
        checkNewBus(state, EventBusName);
        state.buses.push({ ...createBus(EventBusName, clock.now()), Description, Tags });
      });
      return { EventBusARN: busArn(plane, EventBusName) };
    },
    async deleteEventBus(body) {
      const { EventBusName } = parseRequest(namedRequest, body);
      await store.update((state) => {
        const bus = requireBus(state, EventBusName);
        checkDeletable(bus);
        state.buses = state.buses.filter((other) => other !== bus);
      });
      return {};
    },
    getEventBus: (body) => entry(requireBus(store.current(), parseRequest(namedRequest, body).EventBusName)),
    listEventBuses(body) {
      const request = parseRequest(listRequest, body);
      const buses = store.current().buses.filter((bus) => bus.EventBusName.startsWith(request.NamePrefix ?? ''));
      const { entries, ...page } = takePage(buses, request);
      return { EventBuses: entries.map(entry), ...page };
    },
  };
}

function checkNewBus(state: State, busName: string): void {
  if (busName.length < 2 || busName === DEFAULT_BUS || !isAllowedName(busName)) {
    throw new EventBridgeError(409, 'EventBusNameInvalid', `The event bus name [${busName}] is invalid!`);
  }
  if (state.buses.some(({ EventBusName }) => EventBusName === busName)) {
    throw new EventBridgeError(409, 'EventBusAlreadyExist', `The event bus [${busName}] already existed!`);
  }
  checkQuota('EventBus', state.buses.length - 1, MAX_CUSTOM_BUSES);
}

function checkDeletable(bus: EventBus): void {
  const { EventBusName, rules, sources } = bus;
  if (EventBusName === DEFAULT_BUS) {
    throw new EventBridgeError(409, 'EventBusNameInvalid', 'The default event bus cannot be deleted.');
  }
  const left = rules.length > 0 ? 'Rule' : sources.length > 0 ? 'Source' : undefined;
  if (!left) return;
  const message = `The ${left.toLowerCase()}s of eventbus [${EventBusName}] exist, please delete them before delete event bus.`;
  throw new EventBridgeError(409, `EventBus${left}NotEmptyForDelete`, message);
}
