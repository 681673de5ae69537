import type { DoorCall, Fault, FaultSource, ServiceName } from '../local/faults.ts';
import type { Draws } from './draws.ts';

/** People's own calls carry this and are left alone. */
export const PEOPLE_AGENT = 'approval-loop-chaos';

export interface Disturbance {
  source: FaultSource;
  /** What has been done so far, by kind. */
  counts: Record<string, number>;
  count(kind: string): void;
  /** How much is disturbed from now on, in per cent. */
  set(percent: number): void;
  /** Whole services that are down. */
  outages: Set<Outage>;
}

export type Outage = 'bus' | 'chat';

const CALL_KINDS = { error: 34, html: 12, half: 8, cut: 20, lose_answer: 18, hang: 2, crash_before: 3, crash_after: 3 };
const EVENT_KINDS = { drop: 25, double: 25, delay: 25, corrupt: 15, lose_answer: 10 };
const CALLBACK_KINDS = { drop: 30, double: 40, delay: 30 };
const INVOCATION_KINDS = { busy: 46, crash_before: 25, crash_after: 25, hang: 4 };
/** Everything that a disturbance may do, as it is counted. */
export const DISTURBANCES = [
  ...Object.keys(CALL_KINDS).map((kind) => `call_${kind}`),
  ...Object.keys(EVENT_KINDS).map((kind) => `event_${kind}`),
  ...Object.keys(CALLBACK_KINDS).map((kind) => `callback_${kind}`),
  ...['busy', 'crash_before', 'crash_after', 'timeout'].map((kind) => `invocation_${kind}`),
];
/** One step of a function is eight to fourteen calls: at the full share hardly any step would ever come through. */
const SHARE_OF_CALLS = 0.25;
/** By which messages reach people. */
const CHAT_OPERATIONS = new Set([
  ...['robot/send', 'robot/sendBySession', 'groupMessages/send', 'card/createAndDeliver', 'card/update'],
  ...['bot/hook', 'messages/create', 'messages/reply', 'messages/patch'],
]);
const EVENT_DELAY_MS = 600_000;
const CALLBACK_DELAY_MS = 120_000;

/** As each service throttles and breaks; DingTalk's old API answers HTTP 200 with a number. */
const ERRORS: Record<ServiceName, readonly [Fault, ...Fault[]]> = {
  oss: [error(503, 'ServiceUnavailable'), error(500, 'InternalError'), error(503, 'DownloadTrafficRateLimitExceeded')],
  ecs: [error(503, 'ServiceUnavailable'), error(500, 'InternalError'), error(400, 'Throttling.User')],
  'event-bridge': [error(503, 'ServiceUnavailable'), error(500, 'InternalError'), error(429, 'TooManyRequests')],
  dingtalk: [error(503, 'ServiceUnavailable'), error(500, 'unknownError')],
  lark: [error(503, '1500'), error(429, '99991400')],
  fc: [error(429, 'ResourceExhausted'), error(500, 'InternalServerError')],
  kms: [error(503, 'ServiceUnavailableTemporary'), error(400, 'Rejected.Throttling')],
  sls: [error(503, 'ServerBusy'), error(500, 'InternalServerError')],
};
const OLD_DINGTALK: readonly [Fault, ...Fault[]] = [error(200, '-1'), error(200, '90018'), error(200, '130101')];

/** Disturbs calls, events, callbacks and invocations, each as its own sequence of draws says. */
export function createDisturbance(draws: Draws): Disturbance {
  const counts: Record<string, number> = {};
  const outages = new Set<Outage>();
  let percent = 0;
  const count = (kind: string) => {
    counts[kind] = (counts[kind] ?? 0) + 1;
  };
  const isHit = (name: string, share = 1) => percent > 0 && draws.next(name) * 100 < percent * share;
  const source: FaultSource = {
    onCall(call) {
      if (call.request.headers['user-agent'] === PEOPLE_AGENT || percent === 0) return undefined;
      const down = downFor(call, outages);
      if (down) return counted(`${down}_unreachable`, { kind: 'cut' });
      const name = `${call.service}/${call.operation}`;
      if (!isHit(name, SHARE_OF_CALLS)) return undefined;
      const kind = draws.weighted(`${name}/kind`, CALL_KINDS) ?? 'cut';
      return counted(`call_${kind}`, callFault(kind, call, draws));
    },
    onDeed(service, deed) {
      if (service === 'event-bridge' && outages.has('bus')) return counted('bus_unreachable', { kind: 'drop' });
      if (!isHit(deed)) return undefined;
      const [kind, fault] = deedFault(deed, draws);
      return fault && counted(kind, fault);
    },
  };
  const counted = (kind: string, fault: Fault): Fault => {
    count(kind);
    return fault;
  };
  return {
    source,
    counts,
    count,
    outages,
    set: (next) => {
      percent = next;
    },
  };
}

function downFor({ service, operation }: DoorCall, outages: ReadonlySet<Outage>): Outage | undefined {
  const needed = service === 'event-bridge' ? 'bus' : CHAT_OPERATIONS.has(operation) ? 'chat' : undefined;
  return needed && outages.has(needed) ? needed : undefined;
}

function callFault(kind: keyof typeof CALL_KINDS, { service, request }: DoorCall, draws: Draws): Fault {
  const old = service === 'dingtalk' && !request.rawPath.startsWith('/v1.0/');
  switch (kind) {
    case 'error':
      return draws.pick(`${service}/error`, old ? OLD_DINGTALK : ERRORS[service]);
    case 'html':
      return {
        kind: 'answer',
        status: draws.next('html') < 0.5 ? 200 : 502,
        body: '<html><body>正在维护 🚧</body></html>',
      };
    case 'half':
      return { kind: 'answer', status: 200, body: '{"errcode":', contentType: 'application/json' };
    case 'crash_before':
    case 'crash_after':
      return { kind: 'crash', when: kind === 'crash_before' ? 'before' : 'after' };
    default:
      return { kind };
  }
}

/** For an event or a callback on its way, or a function that is invoked. */
function deedFault(deed: string, draws: Draws): [string, Fault | undefined] {
  if (deed === 'deliver') return eventFault(draws);
  if (deed === 'push') {
    const kind = draws.weighted('push/kind', CALLBACK_KINDS) ?? 'drop';
    const ms = draws.next('push/ms') * CALLBACK_DELAY_MS;
    return [`callback_${kind}`, kind === 'delay' ? { kind, ms } : { kind }];
  }
  const kind = draws.weighted(`${deed}/kind`, INVOCATION_KINDS) ?? 'busy';
  if (kind === 'busy') return ['invocation_busy', error(429, 'ResourceExhausted')];
  if (kind === 'hang') return ['invocation_timeout', { kind }];
  return [`invocation_${kind}`, { kind: 'crash', when: kind === 'crash_before' ? 'before' : 'after' }];
}

function eventFault(draws: Draws): [string, Fault] {
  const kind = draws.weighted('deliver/kind', EVENT_KINDS) ?? 'drop';
  const ms = draws.next('deliver/ms') * EVENT_DELAY_MS;
  return [`event_${kind}`, kind === 'delay' ? { kind, ms } : { kind }];
}

function error(status: number, code: string): Fault {
  return { kind: 'error', status, code };
}
