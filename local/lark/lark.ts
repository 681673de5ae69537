import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { CallHttp } from '../../shared/http/call.ts';
import type { Log } from '../../shared/log.ts';
import { openCollection } from '../collection.ts';
import type { Faults } from '../faults.ts';
import type { HttpHandler, OnUpgrade } from '../http/server.ts';
import { createAccessTokens } from './access-tokens.ts';
import type { LarkEvent } from './approval-events.ts';
import { createApprovals } from './approvals.ts';
import { createCustomBots } from './custom-bots.ts';
import { createEventSender } from './event-sender.ts';
import type { EventSubscription } from './event-subscription.ts';
import { InstanceSchema } from './instance.ts';
import { type ConnectionSubscription, createConnectionPushes } from './long-connection/connection-pushes.ts';
import { createLongConnectionGateway, type LongConnectionGateway } from './long-connection/long-connection-gateway.ts';
import { createMessages, type Message, MessageSchema } from './messages.ts';
import { type LarkOrganisation, LarkOrganisationSchema } from './organisation.ts';
import { createPeople, type People } from './people.ts';
import { createPushes, PushSchema } from './pushes.ts';
import { createQuota } from './quota.ts';
import { createRateLimits } from './rate-limits.ts';
import { createRouter } from './router.ts';

export interface LarkOptions {
  clock: Clock;
  /** The machine's own time, by which a client on a connection is measured. */
  wire: Clock;
  log: Log;
  faults: Faults;
  /** Makes ids of instances, events and requests: letters, digits, `_` and `-`, at most 64. */
  newId: () => string;
  randomBytes: (n: number) => Buffer;
  /** 0 to below 1: which of several connections gets an event. */
  random: () => number;
  /** Where instances, messages, subscriptions and undelivered events are kept. */
  directory: string;
  /** Reaches the subscriber's callback URL. */
  callHttp: CallHttp;
  organisation: LarkOrganisation;
}

export interface Lark extends People {
  handle: HttpHandler;
  /** For the port that `handle` is on: the app's long connections. */
  upgrade: OnUpgrade;
  /** Sets where events go from now on. Throws if the URL, the token or the key has the wrong form. */
  setEventSubscription(subscription: EventSubscription): void;
  /**
   * Chooses that events go over long connections from now on; undefined takes it back. The console offers an app one of
   * server and long connection; here both may stand, as with two apps that have subscribed to one definition.
   */
  setConnectionSubscription(subscription: ConnectionSubscription | undefined): void;
  /** Long connections that stand. */
  longConnections: LongConnectionGateway['connections'];
  /** Sets what is granted to the app from now on. */
  setScopes(names: readonly string[]): void;
  /** Sends the `url_verification` challenge as the console does when the URL is saved; rejects with what is wrong. */
  verifyEventSubscription(): Promise<void>;
  /** What people see in the chats, oldest first. */
  messages(): Message[];
  /** Calls of the API in this month so far. */
  callsUsed(): number;
  /** Stops pushes and their retries. */
  close(): Promise<void>;
}

/** An embedded Lark Open Platform: the API on one handler, event callbacks, and the long connection. Rejects for unreadable state. */
export async function createLark(options: LarkOptions): Promise<Lark> {
  const { clock, log, newId, randomBytes, faults } = options;
  const organisation = LarkOrganisationSchema.parse(options.organisation);
  const state = openState(options.directory);
  const limits = createRateLimits({ clock });
  const quota = createQuota({ clock, limit: organisation.monthlyCalls });
  const sender = createEventSender({ clock, newId, randomBytes, callHttp: options.callHttp });
  const pushes = createPushes({ clock, log, faults, newId, organisation, sender, pushes: state.pushes });
  const gateway = createLongConnectionGateway({ ...options, app: organisation.app });
  const connectionPushes = createConnectionPushes({ clock, log, faults, newId, organisation, gateway });
  const emit = (event: LarkEvent) => {
    pushes.emit(event);
    connectionPushes.emit(event);
  };
  const messages = createMessages({ clock, log, randomBytes, limits, messages: state.messages });
  const approvals = createApprovals({
    clock,
    newId,
    randomBytes,
    organisation,
    instances: state.instances,
    emit: (approvalCode, event) => {
      if (state.subscribed.get(approvalCode)) emit(event);
    },
  });
  const world = {
    clock,
    randomBytes,
    organisation,
    tokens: createAccessTokens({ clock, randomBytes }),
    approvals,
    subscribed: state.subscribed,
    messages,
    customBots: createCustomBots({ clock, organisation, limits, messages }),
  };
  const route = createRouter({ world, limits, quota, faults, newId });
  return {
    ...createPeople(world, { ...pushes, emit }),
    handle: async (request, signal) => gateway.handle(request) ?? route(request, signal),
    upgrade: gateway.upgrade,
    setEventSubscription: pushes.subscribe,
    setConnectionSubscription: connectionPushes.subscribe,
    longConnections: gateway.connections,
    setScopes: (names) => {
      organisation.app.scopes = [...names];
    },
    verifyEventSubscription: pushes.verify,
    messages: messages.all,
    callsUsed: quota.used,
    async close() {
      await Promise.all([pushes.close(), connectionPushes.close()]);
    },
  };
}

function openState(directory: string) {
  return {
    instances: openCollection({
      directory: join(directory, 'instances'),
      schema: InstanceSchema,
      idOf: (instance) => instance.instance_code,
    }),
    messages: openCollection({
      directory: join(directory, 'messages'),
      schema: MessageSchema,
      idOf: (message) => message.message_id,
    }),
    subscribed: openCollection({
      directory: join(directory, 'subscriptions'),
      schema: z.object({ approval_code: z.string() }),
      idOf: ({ approval_code }) => approval_code,
    }),
    pushes: openCollection({ directory: join(directory, 'pushes'), schema: PushSchema, idOf: (push) => push.id }),
  };
}
