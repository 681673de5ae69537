import fc from 'fast-check';
import type { ObjectStore } from '../../shared/journal/object-store.ts';
import { createLivingChats, type LivingChats } from '../functions/notify/living-chat.ts';
import { approvalOf } from '../functions/world/approvals.ts';
import { openWorld, type World } from '../functions/world/world.ts';
import { makeTemporaryStore } from '../shared/journal/temporary-store.ts';
import { faultsOf } from './orders/check.ts';
import { createMemoryStore } from './orders/memory-store.ts';
import { type Action, type Invocation, type Mishap, playRound, type Round, settle } from './orders/play.ts';

const FUNCTIONS = ['ingest', 'dispatch', 'notify'] as const;

/** The runs of one property, the same ones each time; another seed and more of them look for more. */
/** `ORDERS=<n>` plays so many stories of each kind. */
const RUNS = { seed: 20260901, numRuns: Number(process.env['ORDERS'] ?? 100) };

const callback = (instance: string): Action => ({ do: 'callback', instance });
const revoke = (instance: string): Action => ({ do: 'revoke', instance });
const sweep = fc.constantFrom(...FUNCTIONS).map((by): Action => ({ do: 'sweep', by }));
const finish = fc
  .record({
    status: fc.constantFrom('Success', 'Failed', 'Aborted'),
    instances: fc.constantFrom({}, { 'i-2': 'Aborted' }, { 'i-1': 'Timeout' }),
  })
  .map((end): Action => ({ do: 'finish', ...end }));
const event = (...requestIds: string[]) =>
  fc
    .record({ to: fc.constantFrom(...FUNCTIONS), requestId: fc.constantFrom(...requestIds) })
    .map((to): Action => ({ do: 'event', ...to }));
const tick = fc.constant<Action>({ do: 'tick' });

const mishap: fc.Arbitrary<Mishap> = fc.record({
  at: fc.integer({ min: 1, max: 30 }),
  how: fc.constantFrom('late', 'gone before', 'gone after', 'fails', 'lost', 'twice'),
});

/** Rounds of up to five invocations at once, after something that has happened already. */
function rounds(
  actions: fc.Arbitrary<Action>,
  mishaps: fc.Arbitrary<Mishap | undefined>,
  before: readonly Invocation[][],
): fc.Arbitrary<Round[]> {
  const invocation: fc.Arbitrary<Invocation> = fc.record({ action: actions, mishap: mishaps });
  const round = fc.record({
    at_once: fc.array(invocation, { minLength: 1, maxLength: 5 }),
    minutes: fc.constantFrom(0, 1, 2, 11),
  });
  const first = fc.constantFrom(...before.map((story) => story.map((one) => ({ at_once: [one], minutes: 0 }))));
  return fc.tuple(first, fc.array(round, { minLength: 1, maxLength: 4 })).map((parts) => parts.flat());
}

const late: fc.Arbitrary<Mishap> = fc.record({ at: fc.integer({ min: 1, max: 30 }), how: fc.constant('late') });
const slowly = fc.option(late, { nil: undefined, freq: 2 });
const now_and_then = fc.option(mishap, { nil: undefined, freq: 3 });

async function play(
  world: World,
  story: readonly Round[],
  scheduler: fc.Scheduler,
  chats?: LivingChats,
): Promise<string[]> {
  world.source.put(approvalOf('a'), approvalOf('b'), approvalOf('c', { employee: 'E456' }));
  for (const round of story) await playRound(world, round, scheduler);
  await settle(world, story);
  return faultsOf(world, chats);
}

const inMemory = (): { records: ObjectStore; work: ObjectStore } => ({
  records: createMemoryStore(),
  work: createMemoryStore(),
});

/** Dispatch takes a request up and is gone before its effect number `at`. */
const halfDispatched = (requestId: string, at: number): Invocation => ({
  action: { do: 'event', to: 'dispatch', requestId },
  mishap: { at, how: 'gone before' },
});
const ACCEPTED: Invocation[] = [{ action: callback('a') }];
const PLANNED = [...ACCEPTED, halfDispatched('dingtalk.a', 5)];
const STARTED: Invocation[] = [...ACCEPTED, { action: { do: 'event', to: 'dispatch', requestId: 'dingtalk.a' } }];
const REVOKED: Invocation[] = [{ action: revoke('a') }, { action: { do: 'sweep', by: 'ingest' } }];
const BOTH: Invocation[] = [{ action: callback('b') }];
/** How far the first request has come when the story begins. */
const WAYS = [[], ACCEPTED, PLANNED, STARTED];
const WITH_ANOTHER = WAYS.flatMap((way) => [way, [...way, ...BOTH]]);
const WITH_REVERSAL = WAYS.flatMap((way) => [way, [...way, ...REVOKED]]);

const ONE = fc.oneof(fc.constant(callback('a')), event('dingtalk.a'), sweep, finish, tick);
const TWO = fc.oneof(
  fc.constantFrom(callback('a'), callback('b'), callback('c')),
  event('dingtalk.a', 'dingtalk.b'),
  sweep,
  finish,
  tick,
);
const UNDONE = fc.oneof(
  fc.constantFrom(callback('a'), revoke('a'), revoke('a')),
  event('dingtalk.a', 'dingtalk.a.revoke'),
  sweep,
  sweep,
  finish,
  tick,
);
const MOMENT = fc.oneof(
  event('dingtalk.a', 'dingtalk.a.revoke'),
  fc.constantFrom<Action>(
    { do: 'event', to: 'dispatch', requestId: 'dingtalk.a' },
    { do: 'event', to: 'dispatch', requestId: 'dingtalk.a.revoke' },
  ),
  fc.constant<Action>({ do: 'sweep', by: 'dispatch' }),
  tick,
);
const RECEIVED = fc.constantFrom<Action>(
  callback('a'),
  revoke('a'),
  { do: 'event', to: 'ingest', requestId: 'dingtalk.a.revoke' },
  { do: 'sweep', by: 'ingest' },
  { do: 'sweep', by: 'dispatch' },
);
const PLANNED_AND_REVOKED = [...PLANNED, ...REVOKED];
/** Attempts that people ask for once the first is there. */
const AGAIN = fc.oneof(
  fc.constantFrom<Action>({ do: 'retry', instance: 'a' }, revoke('a')),
  event('dingtalk.a.retry-1', 'dingtalk.a.revoke'),
  sweep,
  sweep,
  finish,
  finish,
  tick,
);
/** Buttons that are pressed, by one person and at once, on a request and on the attempt after it. */
const PRESSED = fc.oneof(
  fc
    .record({
      requestId: fc.constantFrom('dingtalk.a', 'dingtalk.a', 'dingtalk.a.retry-1'),
      what: fc.constantFrom('stop', 'retry', 'output'),
    })
    .map((press): Action => ({ do: 'press', ...press })),
  fc.constantFrom<Action>({ do: 'retry', instance: 'a' }, callback('a')),
  event('dingtalk.a', 'dingtalk.a.retry-1'),
  sweep,
  sweep,
  finish,
  finish,
  tick,
);
const ENDED: Invocation[] = [
  ...STARTED,
  { action: { do: 'finish', status: 'Failed', instances: {} } },
  { action: { do: 'sweep', by: 'notify' } },
];
const PRESSABLE = [ACCEPTED, STARTED, ENDED];
const PAUSED = fc.oneof(UNDONE, fc.constantFrom<Action>(callback('b'), { do: 'pause' }, { do: 'resume' }));
const ALL = fc.oneof(TWO, UNDONE, fc.constant(revoke('b')));

describe('in all orders, every request ends once, runs at most once, and leaves nothing behind', () => {
  test.each<[string, fc.Arbitrary<Action>, fc.Arbitrary<Mishap | undefined>, Invocation[][]]>([
    ['events and copies of the functions for one approval', ONE, slowly, WAYS],
    ['one approval with mishaps', ONE, now_and_then, WAYS],
    ['approvals for one person and another', TWO, slowly, WITH_ANOTHER],
    ['approvals for one person and another with mishaps', TWO, now_and_then, WITH_ANOTHER],
    ['a revocation before, during and after the run', UNDONE, slowly, WAYS],
    ['a revocation with mishaps', UNDONE, now_and_then, WAYS],
    ['a run and its reversal at the same moment', MOMENT, slowly, [PLANNED_AND_REVOKED]],
    ['a run and its reversal at the same moment with mishaps', MOMENT, now_and_then, [PLANNED_AND_REVOKED]],
    ['an approval and its revocation received at the same moment', RECEIVED, slowly, [[]]],
    ['attempts that people ask for, and a revocation', AGAIN, slowly, [ACCEPTED, STARTED]],
    ['attempts that people ask for, and a revocation with mishaps', AGAIN, now_and_then, [ACCEPTED, STARTED]],
    ['pauses, a revocation, and two for one person', PAUSED, slowly, WITH_REVERSAL],
    ['pauses, a revocation, and two for one person with mishaps', PAUSED, now_and_then, WITH_REVERSAL],
    ['everything at once', ALL, now_and_then, [...WITH_ANOTHER, ...WITH_REVERSAL]],
  ])('%s', async (_, actions, mishaps, before) => {
    await fc.assert(
      fc.asyncProperty(rounds(actions, mishaps, before), fc.scheduler(), async (story, scheduler) => {
        expect(await play(openWorld(inMemory()), story, scheduler)).toEqual([]);
      }),
      RUNS,
    );
  });

  test.each<[string, fc.Arbitrary<Action>, fc.Arbitrary<Mishap | undefined>, Invocation[][]]>([
    ['one approval', ONE, slowly, WAYS],
    ['one approval with mishaps', ONE, now_and_then, WAYS],
    ['approvals for one person and another with mishaps', TWO, now_and_then, WITH_ANOTHER],
    ['everything at once', ALL, now_and_then, [...WITH_ANOTHER, ...WITH_REVERSAL]],
  ])('in a chat whose messages change each shows its end at last: %s', async (_, actions, mishaps, before) => {
    await fc.assert(
      fc.asyncProperty(rounds(actions, mishaps, before), fc.scheduler(), async (story, scheduler) => {
        const chats = createLivingChats();
        const world = openWorld({ ...inMemory(), channel: chats.channel });
        expect(await play(world, story, scheduler, chats)).toEqual([]);
      }),
      RUNS,
    );
  });

  test.each<[string, fc.Arbitrary<Mishap | undefined>]>([
    ['slowly', slowly],
    ['with mishaps', now_and_then],
  ])(
    'buttons are pressed, %s: each counts once, and everything that was asked for is dealt with',
    async (_, mishaps) => {
      const buttons = { stop: ['approvers'], retry: ['approvers'], output: ['approvers'] };
      await fc.assert(
        fc.asyncProperty(rounds(PRESSED, mishaps, PRESSABLE), fc.scheduler(), async (story, scheduler) => {
          const chats = createLivingChats();
          const world = openWorld({ ...inMemory(), channel: chats.channel, workflows: { buttons } });
          expect(await play(world, story, scheduler, chats)).toEqual([]);
        }),
        RUNS,
      );
    },
  );

  const PRESSES: Action[] = (['stop', 'retry', 'output'] as const).map((what) => {
    return { do: 'press', requestId: 'dingtalk.a', what };
  });
  const one = (...at_once: Invocation[]): Round => ({ at_once, minutes: 2 });
  const dying = fc.record<Mishap>({
    at: fc.integer({ min: 1, max: 25 }),
    how: fc.constantFrom('gone before', 'gone after', 'fails', 'lost', 'twice'),
  });
  const breakingOff = fc.record<Mishap>({ at: fc.integer({ min: 20, max: 80 }), how: fc.constant('gone before') });
  const end: Action = { do: 'finish', status: 'Failed', instances: {} };
  const closing: Invocation = { action: { do: 'event', to: 'notify', requestId: 'dingtalk.a' } };

  test.each<[string, fc.Arbitrary<Round[]>]>([
    [
      'that goes wrong at any of its effects',
      fc
        .tuple(fc.constantFrom(STARTED, ENDED), fc.constantFrom(...PRESSES), dying)
        .map(([before, action, mishap]) => [...before.map((step) => one(step)), one({ action, mishap })]),
    ],
    [
      'at the moment at which the request is closed',
      fc
        .tuple(breakingOff, fc.constantFrom(...PRESSES), fc.constantFrom(...PRESSES))
        .map(([mishap, ...actions]) => [
          ...STARTED.map((step) => one(step)),
          one({ action: end, mishap }),
          one(closing, ...actions.map((action) => ({ action }))),
        ]),
    ],
  ])('a press %s counts once, and is dealt with', async (_, stories) => {
    const buttons = { stop: ['approvers'], retry: ['approvers'], output: ['approvers'] };
    await fc.assert(
      fc.asyncProperty(stories, fc.scheduler(), async (story, scheduler) => {
        const chats = createLivingChats();
        const world = openWorld({ ...inMemory(), channel: chats.channel, workflows: { buttons } });
        expect(await play(world, story, scheduler, chats)).toEqual([]);
      }),
      RUNS,
    );
  });

  test('everything at once where an hour has one run, and whoever sees the pause lifts it', async () => {
    const limits = { per_hour: 1 };
    await fc.assert(
      fc.asyncProperty(rounds(ALL, now_and_then, WITH_ANOTHER), fc.scheduler(), async (story, scheduler) => {
        expect(await play(openWorld({ ...inMemory(), workflows: { limits } }), story, scheduler)).toEqual([]);
      }),
      RUNS,
    );
  });

  test('everything at once on a store on disk', async () => {
    await fc.assert(
      fc.asyncProperty(rounds(ALL, now_and_then, WITH_REVERSAL), fc.scheduler(), async (story, scheduler) => {
        const [records, work] = [await makeTemporaryStore(), await makeTemporaryStore()];
        expect(await play(openWorld({ records: records.store, work: work.store }), story, scheduler)).toEqual([]);
        await Promise.all([records.remove(), work.remove()]);
      }),
      { ...RUNS, numRuns: 8 },
    );
  });
});
