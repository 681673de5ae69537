import type fc from 'fast-check';
import type { PressKind } from '../../../shared/events.ts';
import { liftPause, putPause } from '../../../shared/journal/pauses.ts';
import type { FunctionName } from '../../../shared/request/next-step.ts';
import type { Functions, Pass, World } from '../../functions/world/world.ts';

/** What may happen, each in an invocation of its own. */
export type Action =
  | { do: 'callback'; instance: string }
  /** The revocation of an approval is granted, and its callback comes. */
  | { do: 'revoke'; instance: string }
  /** A person asks for another attempt. */
  | { do: 'retry'; instance: string }
  /** 李四 presses a button of the request's message. */
  | { do: 'press'; requestId: string; what: PressKind }
  | { do: 'event'; to: FunctionName; requestId: string }
  | { do: 'sweep'; by: FunctionName }
  /** The runs that go on end, and events say so. */
  | { do: 'finish'; status: string; instances: Readonly<Record<string, string>> }
  /** A person keeps runs from starting, or lets them start again. */
  | { do: 'pause' }
  | { do: 'resume' }
  /** Half a minute passes while everything else goes on. */
  | { do: 'tick' };

/** How one invocation goes wrong: at which of its effects, and how. */
export interface Mishap {
  at: number;
  /** Gone before or after the effect; or the effect comes late, fails, is asked for twice, or its answer is lost. */
  how: 'late' | 'gone before' | 'gone after' | 'fails' | 'lost' | 'twice';
}

export interface Invocation {
  action: Action;
  mishap?: Mishap | undefined;
}

/** What happens at once, and how many minutes pass after it. By then whatever still hangs has been killed. */
export interface Round {
  at_once: Invocation[];
  minutes: number;
}

/** How often everybody else may have a turn before an effect that comes late. */
const LATE_TURNS = 20;

export const revocationOf = (instance: string) => `${instance}-revocation`;

/** Carries out what happens at once in the order that the scheduler has chosen. */
export async function playRound(world: World, { at_once, minutes }: Round, scheduler: fc.Scheduler): Promise<void> {
  const invocations = at_once.map(({ action, mishap }, index) => {
    const name = `${index}: ${Object.values(action)
      .filter((part) => typeof part === 'string')
      .join(' ')}`;
    return invoke(world, action, name, mishap, scheduler);
  });
  await scheduler.waitFor(Promise.all(invocations));
  world.clock.advance(minutes * 60_000);
}

/** Resolves when the invocation has ended, failed, or is gone. */
function invoke(
  world: World,
  action: Action,
  name: string,
  mishap: Mishap | undefined,
  scheduler: fc.Scheduler,
): Promise<unknown> {
  return new Promise((resolve) => {
    let effects = 0;
    const never = <T>() => {
      resolve(undefined);
      return new Promise<T>(() => undefined);
    };
    const pass: Pass = async (what, effect) => {
      effects += 1;
      const how = effects === mishap?.at ? mishap.how : undefined;
      if (how === 'gone before') return never();
      await scheduler.schedule(Promise.resolve(), `${name}: ${what}${how ? ` (${how})` : ''}`);
      for (let turn = 0; how === 'late' && turn < LATE_TURNS; turn += 1)
        await scheduler.schedule(Promise.resolve(), `${name}: waits`);
      if (how === 'fails') throw new Error('the connection broke');
      const answer = await effect();
      if (how === 'gone after') return never();
      if (how === 'lost') throw new Error('the connection broke before the answer came');
      // A run is asked for twice under one ClientToken, which is Cloud Assistant's business.
      return how === 'twice' && what !== 'run' ? effect() : answer;
    };
    act(world, action, world.open(pass), pass).then(resolve, resolve);
  });
}

async function act(world: World, action: Action, functions: Functions, pass: Pass): Promise<unknown> {
  switch (action.do) {
    case 'callback':
      return functions.callback(action.instance);
    case 'revoke': {
      const by = revocationOf(action.instance);
      await pass('grant the revocation', async () => grant(world, action.instance, by));
      return functions.callback(by);
    }
    case 'retry': {
      const of = `dingtalk.${action.instance}`;
      const retry = { of, by: 'ops', reason: '再试一次', failed_only: false };
      const marker = { platform: 'dingtalk', instance_id: action.instance, code: 'PROC-1', retry } as const;
      await functions.markers.put({ ...marker, request_id: `${of}.retry-1`, received_at: world.clock.now() });
      return functions.advance('ingest', `${of}.retry-1`);
    }
    case 'press':
      return press(functions, action.requestId, action.what);
    case 'event':
      return functions.advance(action.to, action.requestId);
    case 'sweep':
      return sweepAll(functions, action.by);
    case 'finish':
      await pass('the runs end', async () => world.cloud.finish(action));
      for (const { invokeId } of [...world.cloud.runs]) await functions.advanceInvocation(invokeId);
      return undefined;
    case 'pause': {
      const pause = { kind: 'person', at: world.clock.now(), by: 'ops', reason: '停一下 🙂' } as const;
      return putPause(functions.work, { workflow: 'onboarding', pause });
    }
    case 'resume':
      return liftPause(functions.work, 'onboarding', world.clock.now());
    case 'tick':
      return pass('half a minute', async () => world.clock.advance(30_000));
  }
}

function press({ takePress }: Functions, requestId: string, what: PressKind): Promise<unknown> {
  const pressed = { requestId, what, operator: 'lisi', messageId: 'om_none' };
  return takePress('dingtalk', pressed, new AbortController().signal);
}

const granted = new WeakMap<World, Set<string>>();

function grant(world: World, instance: string, by: string): void {
  const known = granted.get(world) ?? new Set();
  granted.set(world, known);
  if (!known.has(by)) world.source.revoke(instance, by);
  known.add(by);
}

async function sweepAll(functions: Functions, me: FunctionName): Promise<void> {
  const open = await functions.markers.list();
  await Promise.all(open.map((id) => functions.advance(me, id).catch(() => undefined)));
}

/**
 * Nothing goes wrong or is paused any more: the platform sends again what got no answer, people press once more what they have
 * pressed, and every minute all functions sweep.
 */
export async function settle(world: World, story: readonly Round[]): Promise<void> {
  const functions = world.open();
  const actions = story.flatMap(({ at_once }) => at_once.map(({ action }) => action));
  for (const instance of calledIn(actions, world)) {
    // What has a record got its answer: a callback that comes again would hide that nobody finds the request any more.
    const { facts } = await functions.journal.read(`dingtalk.${instance}`);
    if (facts.length === 0) await functions.callback(instance).catch(() => undefined);
  }
  for (const action of actions) if (action.do === 'press') await press(functions, action.requestId, action.what);
  for (let minute = 0; minute < 60; minute += 1) {
    world.clock.advance(60_000);
    await liftPause(functions.work, 'onboarding', world.clock.now());
    for (const me of ['ingest', 'dispatch', 'notify'] as const) await sweepAll(functions, me);
    world.cloud.finish();
    if ((await functions.markers.list()).length === 0) return;
  }
}

function calledIn(actions: readonly Action[], world: World): Set<string> {
  const called = new Set<string>();
  for (const action of actions) {
    if (action.do === 'callback') called.add(action.instance);
    if (action.do === 'revoke' && world.source.isPut(revocationOf(action.instance)))
      called.add(revocationOf(action.instance));
  }
  return called;
}
