import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import type { CallHttp } from '../../shared/http/call.ts';
import type { Log } from '../../shared/log.ts';
import { openCollection } from '../collection.ts';
import type { Faults } from '../faults.ts';
import type { HttpHandler, OnUpgrade } from '../http/server.ts';
import { createAccessTokens } from './access-tokens.ts';
import type { StreamCalls } from './app-callbacks.ts';
import type { ApprovalEvent } from './approval-events.ts';
import { createApprovals } from './approvals.ts';
import { type CallbackOutcome, createCallbackSender } from './callback-sender.ts';
import type { ChatMessage } from './chat-message.ts';
import { createChats } from './chats.ts';
import type { EventSubscription } from './event-subscription.ts';
import { type BizAction, InstanceSchema } from './instance.ts';
import { type DingtalkOrganisation, DingtalkOrganisationSchema } from './organisation.ts';
import { createPushes, PushSchema } from './pushes.ts';
import { createQuota, type QuotaUse } from './quota.ts';
import { createRouter } from './router.ts';
import { createStreamGateway, type StreamGateway } from './stream/stream-gateway.ts';
import { createStreamPushes, type StreamSubscription } from './stream/stream-pushes.ts';

export interface DingtalkOptions {
  clock: Clock;
  /** The machine's own time, by which a client on a connection is measured. */
  wire: Clock;
  log: Log;
  faults: Faults;
  /** Makes ids of instances, events, messages and requests: letters, digits, `_` and `-`, at most 64. */
  newId: () => string;
  randomBytes: (n: number) => Buffer;
  /** 0 to below 1: which of several connections gets an event. */
  random: () => number;
  /** Where instances, messages, cards and undelivered events are kept. */
  directory: string;
  /** Reaches the subscriber's callback URL. */
  callHttp: CallHttp;
  /** Takes what goes to an app in Stream mode, in place of the connections to this port. */
  stream?: StreamCalls;
  organisation: DingtalkOrganisation;
}

export interface Dingtalk {
  handle: HttpHandler;
  /** For the port that `handle` is on: the app's Stream connections. */
  upgrade: OnUpgrade;
  /** Sets where events go from now on. Throws if the token, the key or the URL has the wrong form. */
  setEventSubscription(subscription: EventSubscription): void;
  /**
   * Chooses that events go over Stream connections from now on; undefined takes it back. The console offers an app one of
   * callback and Stream; here both may stand, as with two apps of the company that are told the same.
   */
  setStreamSubscription(subscription: StreamSubscription | undefined): void;
  /** Stream connections that stand. */
  streamConnections: StreamGateway['connections'];
  /** Sends `check_url` as the console does when a subscription is saved; rejects with what is wrong. */
  verifyEventSubscription(): Promise<void>;
  /** Modifies or revokes an approved instance as its originator would in the app; returns the new instance's id. */
  attachInstance(processInstanceId: string, bizAction: Exclude<BizAction, 'NONE'>): string;
  /** What people see of robots, in groups and alone, oldest first; cards as they are now. */
  messages(): ChatMessage[];
  /**
   * Somebody presses a button of a card. Resolves when the app has answered and the card shows it, or with what that
   * person sees fail; rejects if there is no such card or person, or the card is not where that person is.
   */
  pressCard(outTrackId: string, userId: string, actionId: string, params: object): Promise<CallbackOutcome>;
  /** Sets where messages to the robot go, and under which origin the app finds `/robot/sendBySession`. */
  setBotCallback(url: string, oapiOrigin?: string): void;
  /** Messages to the robot go over Stream connections from now on, beside the address where one is set. */
  setBotStream(oapiOrigin?: string): void;
  /** Somebody mentions the robot in a group. Says whether the app took it; rejects if nobody could write that there. */
  sayToBot(userId: string, openConversationId: string, text: string): Promise<CallbackOutcome>;
  /** Uses of the two monthly quotas so far. */
  quotaUsed(): QuotaUse;
  /** Stops callbacks, pushes and their retries. */
  close(): Promise<void>;
}

/** An embedded DingTalk: the new and the old API on one handler, event callbacks, and Stream. Rejects for unreadable state. */
export async function createDingtalk(options: DingtalkOptions): Promise<Dingtalk> {
  const { clock, log, faults, newId, randomBytes, directory } = options;
  const organisation = DingtalkOrganisationSchema.parse(options.organisation);
  const { corpId } = organisation;
  const instances = openCollection({
    directory: join(directory, 'instances'),
    schema: InstanceSchema,
    idOf: (instance) => instance.processInstanceId,
  });
  const undelivered = openCollection({
    directory: join(directory, 'pushes'),
    schema: PushSchema,
    idOf: (push) => push.eventId,
  });
  const quota = createQuota({ clock, limits: organisation.quota });
  const sender = createCallbackSender({ clock, randomBytes, callHttp: options.callHttp });
  const pushes = createPushes({ clock, log, faults, newId, corpId, quota, sender, pushes: undelivered });
  const gateway = createStreamGateway({ ...options, app: organisation.app, corpId });
  const streamPushes = createStreamPushes({ clock, log, faults, newId, quota, gateway });
  const emit = (event: ApprovalEvent) => {
    pushes.emit(event);
    streamPushes.emit(event);
  };
  const approvals = createApprovals({ clock, newId, randomBytes, corpId, instances, emit });
  const chats = createChats({ stream: gateway, ...options, organisation, quota });
  const tokens = createAccessTokens({ clock, randomBytes, apps: [organisation.app, ...organisation.otherApps] });
  const world = { clock, organisation, tokens, approvals, pushes, ...chats.world };
  const route = createRouter({ world, quota, faults, newId });
  return {
    handle: async (request, signal) => gateway.handle(request) ?? route(request, signal),
    upgrade: gateway.upgrade,
    setEventSubscription: pushes.subscribe,
    setStreamSubscription: streamPushes.subscribe,
    streamConnections: gateway.connections,
    verifyEventSubscription: pushes.verify,
    attachInstance: (processInstanceId, bizAction) => approvals.attach(processInstanceId, bizAction).processInstanceId,
    messages: chats.messages,
    pressCard: chats.press,
    setBotCallback: chats.bot.setCallback,
    setBotStream: chats.bot.setStream,
    sayToBot: chats.bot.say,
    quotaUsed: quota.used,
    async close() {
      await chats.close();
      await Promise.all([pushes.close(), streamPushes.close()]);
    },
  };
}
