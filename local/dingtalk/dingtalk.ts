import { join } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import type { CallHttp } from '../../shared/http/call.ts';
import type { Log } from '../../shared/log.ts';
import { openCollection } from '../collection.ts';
import type { Faults } from '../faults.ts';
import type { HttpHandler } from '../http/server.ts';
import { createAccessTokens } from './access-tokens.ts';
import { createAppRobot } from './app-robot.ts';
import { createApprovals } from './approvals.ts';
import { createCallbackSender } from './callback-sender.ts';
import { type ChatMessage, ChatMessageSchema } from './chat-message.ts';
import type { EventSubscription } from './event-subscription.ts';
import { type BizAction, InstanceSchema } from './instance.ts';
import { createMessageBoard } from './message-board.ts';
import { type DingtalkOrganisation, DingtalkOrganisationSchema } from './organisation.ts';
import { createPushes, PushSchema } from './pushes.ts';
import { createQuota, type QuotaUse } from './quota.ts';
import { createRobots } from './robots.ts';
import { createRouter } from './router.ts';

export interface DingtalkOptions {
  clock: Clock;
  log: Log;
  faults: Faults;
  /** Makes ids of instances, events, messages and requests: letters, digits, `_` and `-`, at most 64. */
  newId: () => string;
  randomBytes: (n: number) => Buffer;
  /** Where instances, messages and undelivered events are kept. */
  directory: string;
  /** Reaches the subscriber's callback URL. */
  callHttp: CallHttp;
  organisation: DingtalkOrganisation;
}

export interface Dingtalk {
  handle: HttpHandler;
  /** Sets where events go from now on. Throws if the token, the key or the URL has the wrong form. */
  setEventSubscription(subscription: EventSubscription): void;
  /** Sends `check_url` as the console does when a subscription is saved; rejects with what is wrong. */
  verifyEventSubscription(): Promise<void>;
  /** Modifies or revokes an approved instance as its originator would in the app; returns the new instance's id. */
  attachInstance(processInstanceId: string, bizAction: Exclude<BizAction, 'NONE'>): string;
  /** What people see in the groups, oldest first. */
  messages(): ChatMessage[];
  /** Uses of the two monthly quotas so far. */
  quotaUsed(): QuotaUse;
  /** Stops pushes and their retries. */
  close(): Promise<void>;
}

/** An embedded DingTalk: the new and the old API on one handler, and event callbacks. Rejects for unreadable state. */
export async function createDingtalk(options: DingtalkOptions): Promise<Dingtalk> {
  const { clock, log, faults, newId, randomBytes, directory } = options;
  const organisation = DingtalkOrganisationSchema.parse(options.organisation);
  const { corpId } = organisation;
  const instances = openCollection({
    directory: join(directory, 'instances'),
    schema: InstanceSchema,
    idOf: (instance) => instance.processInstanceId,
  });
  const messages = openCollection({
    directory: join(directory, 'messages'),
    schema: ChatMessageSchema,
    idOf: (message) => message.id,
  });
  const undelivered = openCollection({
    directory: join(directory, 'pushes'),
    schema: PushSchema,
    idOf: (push) => push.eventId,
  });
  const quota = createQuota({ clock, limits: organisation.quota });
  const sender = createCallbackSender({ clock, randomBytes, callHttp: options.callHttp });
  const pushes = createPushes({ clock, log, faults, newId, corpId, quota, sender, pushes: undelivered });
  const approvals = createApprovals({ clock, newId, randomBytes, corpId, instances, emit: pushes.emit });
  const board = createMessageBoard({ clock, log, newId, messages });
  const robots = createRobots({ clock, log, robots: organisation.robots, board });
  const appRobot = createAppRobot({ clock, newId, organisation, board });
  const tokens = createAccessTokens({ clock, randomBytes, app: organisation.app });
  const world = { clock, organisation, tokens, approvals, robots, appRobot, pushes };
  return {
    handle: createRouter({ world, quota, faults, newId }),
    setEventSubscription: pushes.subscribe,
    verifyEventSubscription: pushes.verify,
    attachInstance: (processInstanceId, bizAction) => approvals.attach(processInstanceId, bizAction).processInstanceId,
    messages: board.all,
    quotaUsed: quota.used,
    close: pushes.close,
  };
}
