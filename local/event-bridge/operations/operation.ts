import type { Clock } from '../../../shared/clock.ts';
import { EventBridgeError } from '../event-bridge-error.ts';
import type { EventBus, Rule, State, StateStore } from '../state.ts';

/** What the control plane works on. */
export interface ControlPlane {
  store: StateStore;
  clock: Clock;
  region: string;
  accountId: string;
  newId: () => string;
}

/** Takes the request's body and the host it came to, gives the operation's own part of the answer. Throws EventBridgeError. */
export type Operation = (body: Buffer, host: string) => object | Promise<object>;

/** Operations by the last segments of their path, such as `createRule` and `v2/createEventSource`. */
export type Operations = Readonly<Record<string, Operation>>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9-]{0,126}$/;
const RESERVED_PREFIX = 'eventbridge-reserved-';

/** https://help.aliyun.com/en/eventbridge/product-overview/limits */
export function isAllowedName(name: string): boolean {
  return NAME.test(name) && !name.startsWith(RESERVED_PREFIX);
}

export function busArn({ region, accountId }: Pick<ControlPlane, 'region' | 'accountId'>, bus: string): string {
  return `acs:eventbridge:${region}:${accountId}:eventbus/${bus}`;
}

export function requireBus(state: State, name: string): EventBus {
  const bus = state.buses.find(({ EventBusName }) => EventBusName === name);
  if (!bus) throw new EventBridgeError(409, 'EventBusNotExist', `The event bus [${name}] not existed!`);
  return bus;
}

export function requireRule(state: State, busName: string, name: string): Rule {
  const rule = requireBus(state, busName).rules.find(({ RuleName }) => RuleName === name);
  if (!rule) {
    const message = `The event rule [${name}] of event bus [${busName}] not existed!`;
    throw new EventBridgeError(409, 'EventRuleNotExisted', message);
  }
  return rule;
}

export function checkQuota(kind: string, count: number, quota: number): void {
  if (count < quota) return;
  const message = `The current count of ${kind} is [${count}], which will exceed the limit quota [${quota}]`;
  throw new EventBridgeError(409, `${kind}CountExceedLimit`, message);
}
