import type { AlarmName } from '../alarms.ts';
import type { Clock } from '../clock.ts';
import { errorMessage, PermanentError, TransientError } from '../errors.ts';
import type { Chain, Journal } from '../journal/journal.ts';
import { ALL_KEYS, type ObjectStore } from '../journal/object-store.ts';
import { lastWaited } from '../journal/waits.ts';
import type { Log } from '../log.ts';
import { type FunctionName, nextStep } from './next-step.ts';
import { findFact } from './records.ts';

/** A request that can neither be taken further nor waits for another one, for this long, is parked. */
export const PARK_AFTER_MS = 24 * 3600_000;

const PREFIX = 'parked/';

interface ParkOptions {
  journal: Journal;
  work: ObjectStore;
  clock: Clock;
  log: Log;
}

/** Takes a request out of the loop: it is listed, an alarm is raised, its people are told, and a person may try again. */
export async function park(
  chain: Chain,
  { step, code, message, workflow = '' }: { step: string; code: string; message: string; workflow?: string },
  { journal, work, clock, log }: ParkOptions,
): Promise<Chain> {
  // First the list: a request that is on it for nothing is harmless, one that is missing from it is lost.
  await work.createIfAbsent(PREFIX + chain.requestId, Buffer.from(JSON.stringify({ at: clock.now() })));
  const at = new Date(clock.now()).toISOString();
  const fact = {
    type: 'parked',
    at,
    workflow: findFact(chain.facts, 'accepted')?.request.workflow ?? workflow,
    step,
    code: code.slice(0, 128),
    message: message.slice(0, 1024),
  } as const;
  const { chain: next, won } = await journal.append(chain, fact);
  if (won)
    log.error('parked', { request_id: chain.requestId, step, code, alarm: 'request_parked' satisfies AlarmName });
  return next;
}

/** Parks a request whose next step is this function's and has kept failing for a day. A message that cannot be sent is tried on. */
export function createGiveUp(
  me: FunctionName,
  options: ParkOptions & { workflowOf?: (requestId: string) => Promise<string> },
): (requestId: string, error: unknown) => Promise<void> {
  return async (requestId, error) => {
    const chain = await options.journal.read(requestId);
    const step = nextStep(chain.facts, options.clock.now());
    if (step.by !== me || me === 'notify' || (await hasTime(chain, options))) return;
    const known = error instanceof TransientError || error instanceof PermanentError;
    const workflow = (await options.workflowOf?.(requestId)) ?? '';
    const reason = { step: step.name, code: known ? error.code : 'fault', message: errorMessage(error), workflow };
    await park(chain, reason, options);
  };
}

/** Whether it got on less than a day ago, or waited for another one. Reading an approval again is not getting on. */
async function hasTime({ requestId, facts }: Chain, { work, clock }: ParkOptions): Promise<boolean> {
  const last = facts.findLast(({ type }) => type !== 'confirmed');
  const gotOn = last ? Date.parse(last.at) : 0;
  return clock.now() - Math.max(gotOn, (await lastWaited(work, requestId)) ?? 0) <= PARK_AFTER_MS;
}

/** Requests that are parked, in the order of their ids. */
export async function listParked(work: ObjectStore): Promise<string[]> {
  return (await work.list(PREFIX, { limit: ALL_KEYS })).map((key) => key.slice(PREFIX.length));
}

export async function isParked(work: ObjectStore, requestId: string): Promise<boolean> {
  return (await work.get(PREFIX + requestId)) !== undefined;
}

/** Takes a request off the list, once somebody has seen to it. */
export async function unpark(work: ObjectStore, requestId: string): Promise<void> {
  await work.delete(PREFIX + requestId);
}
