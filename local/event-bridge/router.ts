import { setMaxListeners } from 'node:events';
import type { Clock } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { Log } from '../../shared/log.ts';
import type { Faults } from '../faults.ts';
import { type CloudEvent, requestIdOf } from './cloud-event.ts';
import { compilePatternText, type Pattern } from './pattern/compile-pattern.ts';
import { retryDelaysMs } from './retry-delays.ts';
import type { RuleTarget } from './rule-target.ts';
import type { Rule } from './state.ts';
import type { EventTrace, TraceLog } from './trace-log.ts';
import { transformBody } from './transform-body.ts';

/** Where a delivery comes from. */
export interface DeliveryContext {
  bus: string;
  rule: string;
  targetId: string;
  eventId: string;
}

/** Hands one transformed body to a target; a rejection is a failed delivery, which is tried again. */
export type DeliverEvent = (target: RuleTarget, body: unknown, context: DeliveryContext) => Promise<void>;

export interface RouterOptions {
  rulesOf: (bus: string) => readonly Rule[];
  clock: Clock;
  log: Log;
  faults: Faults;
  random: () => number;
  deliver: DeliverEvent;
  traces: TraceLog;
}

export interface Router {
  /** Takes an event over and returns; matching rules' targets get it at least once, in no promised order. */
  route(bus: string, event: CloudEvent): void;
  /** Gives up what is waiting or under way. */
  close(): Promise<void>;
}

/** One event on its way to one target. */
interface Delivery {
  target: RuleTarget;
  body: unknown;
  context: DeliveryContext;
  log: Log;
  trace: (trace: EventTrace) => void;
}

export function createRouter(options: RouterOptions): Router {
  const patternOf = createPatternCache();
  const closing = new AbortController();
  // Every delivery under way listens to it.
  setMaxListeners(0, closing.signal);
  const running = new Set<Promise<void>>();
  const start = (delivery: Delivery) => {
    const run = deliverWithRetries(options, delivery, closing.signal)
      .catch((error: unknown) => {
        if (!closing.signal.aborted) delivery.log.error('delivery broke', { error: errorMessage(error) });
      })
      .finally(() => running.delete(run));
    running.add(run);
  };
  return {
    route(bus, event) {
      const { clock, log } = options;
      const requestId = requestIdOf(event);
      const fields = { event_type: event.type, event_id: event.id, bus, ...(requestId && { request_id: requestId }) };
      log.info('event received', fields);
      const trace = options.traces.start(bus, event, clock.now());
      for (const rule of options.rulesOf(bus)) {
        if (rule.Status !== 'ENABLE' || !patternOf(rule).matches(event)) continue;
        const ruleLog = log.with({ rule: rule.RuleName, ...fields });
        ruleLog.info('rule matched');
        trace({ Action: 'FilterEvent', RuleName: rule.RuleName, RuleMatchingTime: clock.now() });
        for (const target of rule.Targets) {
          const context = { bus, rule: rule.RuleName, targetId: target.Id, eventId: event.id };
          const body = transformBody(target, event);
          start({ target, body, context, log: ruleLog.with({ target: target.Id }), trace });
        }
      }
    },
    async close() {
      closing.abort(new Error('the event bridge is closing'));
      await Promise.allSettled(running);
    },
  };
}

/** Compiles a rule's pattern once: a changed rule is another object (see StateStore.update). */
function createPatternCache(): (rule: Rule) => Pattern {
  const patterns = new WeakMap<Rule, Pattern>();
  return (rule) => {
    const pattern = patterns.get(rule) ?? compilePatternText(rule.FilterPattern);
    patterns.set(rule, pattern);
    return pattern;
  };
}

async function deliverWithRetries(options: RouterOptions, delivery: Delivery, signal: AbortSignal): Promise<void> {
  const { clock, random } = options;
  const { target, log, trace, context } = delivery;
  const delays = retryDelaysMs(target.PushRetryStrategy, random);
  // Leaves the call that published the event first.
  await Promise.resolve();
  for (let attempt = 1; !signal.aborted; attempt++) {
    const startedAt = clock.now();
    const outcome = await attemptDelivery(options, delivery, signal);
    if (signal.aborted) return;
    trace({
      Action: 'PushEvent',
      RuleName: context.rule,
      Endpoint: target.Endpoint,
      NotifyStatus: outcome.end === 'failed' ? `[500]${outcome.reason}` : '[200]Ok',
      NotifyTime: clock.now(),
      NotifyLatency: clock.now() - startedAt,
    });
    if (outcome.end === 'delivered') return log.info('event delivered', { attempt });
    if (outcome.end === 'dropped') return log.info('event dropped', { attempt, reason: 'fault' });
    const delay = delays.next();
    if (delay.done) return log.info('event dropped', { attempt, reason: outcome.reason });
    log.warn('event not delivered', { attempt, reason: outcome.reason, retry_in_ms: delay.value });
    await clock.sleep(delay.value, signal);
  }
}

type Outcome = { end: 'delivered' } | { end: 'dropped' } | { end: 'failed'; reason: string };

/** One attempt, under the fault asked for, if any. A dropped event is lost as if it had been delivered. */
async function attemptDelivery(options: RouterOptions, delivery: Delivery, signal: AbortSignal): Promise<Outcome> {
  const { faults, clock, deliver } = options;
  const send = (body: unknown) => unlessAborted(deliver(delivery.target, body, delivery.context), signal);
  const once = () => send(delivery.body);
  const fault = faults.take('event-bridge', 'deliver');
  try {
    switch (fault?.kind) {
      case undefined:
        await once();
        break;
      case 'drop':
        return { end: 'dropped' };
      case 'double':
        await Promise.all([once(), once()]);
        break;
      case 'delay':
        await clock.sleep(fault.ms, signal);
        await once();
        break;
      case 'corrupt':
        await send(corrupted(delivery.body));
        break;
      case 'lose_answer':
        await once();
        return { end: 'failed', reason: 'the answer was lost' };
      default:
        return { end: 'failed', reason: 'this failure was asked for' };
    }
    return { end: 'delivered' };
  } catch (error) {
    return { end: 'failed', reason: errorMessage(error) };
  }
}

/** The first half of its text: what is left of an event when something on the way cuts it off. */
function corrupted(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text.slice(0, Math.ceil(text.length / 2));
}

/** The promise, or a rejection as soon as the signal is aborted: closing never waits for a target that hangs. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
