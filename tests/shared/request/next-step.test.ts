import fc from 'fast-check';
import type { PressKind } from '../../../shared/events.ts';
import { CONFIRM_AFTER_MS, nextStep, type Step } from '../../../shared/request/next-step.ts';
import { type Fact, factSchema } from '../../../shared/request/records.ts';
import { START } from '../hand-clock.ts';
import { FACTS } from './facts.ts';

type FactType = Fact['type'];
/** What stands beside the way of a request. */
const BESIDE: readonly FactType[] = ['pressed', 'answered'];
const TYPES = Object.values(FACTS).map(({ type }) => type);
const STEP_TYPES = TYPES.filter((type) => !BESIDE.includes(type));
const facts = (types: readonly FactType[]): Fact[] => types.map((type) => FACTS[type]);
/** Every fact of the sample is of this moment; a run later than ten minutes after it is late. */
const IN_TIME = START + 600_000;
const LATE = START + 600_001;

/** The whole state machine: the last fact, whose turn it is then and to do what, and the facts that can come of it. */
const TABLE: readonly (readonly [FactType | 'nothing', Step['by'], Step['name'], FactType[]])[] = [
  ['nothing', 'ingest', 'accept', ['accepted', 'refused', 'redirected', 'parked']],
  // A reversal withdraws what has not run.
  ['accepted', 'dispatch', 'plan', ['planned', 'refused', 'withdrawn', 'parked']],
  // Completed: the answer of the dispatch never came, but the run has ended.
  ['planned', 'dispatch', 'dispatch', ['dispatched', 'observed', 'completed', 'refused', 'withdrawn', 'parked']],
  ['confirmed', 'dispatch', 'dispatch', ['dispatched', 'observed', 'completed', 'refused', 'withdrawn', 'parked']],
  ['withdrawn', 'dispatch', 'cancel', ['cancelled', 'dispatched', 'completed', 'parked']],
  ['dispatched', 'notify', 'collect', ['completed', 'parked']],
  ['completed', 'notify', 'announce', ['announced']],
  ['observed', 'notify', 'announce', ['announced']],
  ['refused', 'notify', 'announce', ['announced']],
  ['cancelled', 'notify', 'announce', ['announced']],
  ['parked', 'notify', 'announce', ['announced']],
  ['announced', 'notify', 'close', ['closed']],
  ['commented', 'notify', 'close', ['closed']],
  ['closed', 'notify', 'forget', []],
  ['redirected', 'notify', 'forget', []],
];

/** What is another step when it comes late: the approval is read again first. */
const LATE_ROWS: typeof TABLE = [
  ['planned', 'ingest', 'confirm', ['confirmed', 'withdrawn', 'completed', 'parked']],
  ['confirmed', 'ingest', 'confirm', ['confirmed', 'withdrawn', 'completed', 'parked']],
];

const row = (last: FactType | undefined, late = false) =>
  [...(late ? LATE_ROWS : []), ...TABLE].find(([fact]) => fact === (last ?? 'nothing'));

describe('the state machine', () => {
  test('has a row for every fact', () => {
    expect(TABLE.map(([fact]) => fact).sort()).toEqual(['nothing', ...STEP_TYPES].sort());
  });

  test.each(TABLE)('after %s it is the turn of %s to %s', (last, by, name) => {
    const history = last === 'nothing' ? [] : facts(['accepted', last]);
    expect(nextStep(history, IN_TIME)).toEqual({ name, by });
  });

  test.each([...LATE_ROWS, ...TABLE.filter(([last]) => last !== 'planned' && last !== 'confirmed')])(
    'more than ten minutes after the approval was read, after %s it is the turn of %s to %s',
    (last, by, name) => {
      expect(nextStep(last === 'nothing' ? [] : facts(['accepted', last]), LATE)).toEqual({ name, by });
    },
  );

  test('a result that is to stand on the approval is written there before the request is closed', () => {
    const announced = { ...FACTS.announced, comment_as: 'lisi' };
    expect(nextStep([FACTS.accepted, announced], IN_TIME)).toEqual({ name: 'comment', by: 'notify' });
    expect(nextStep([FACTS.accepted, announced, FACTS.commented], IN_TIME)).toEqual({ name: 'close', by: 'notify' });
  });

  const press = (what: PressKind): Fact => ({ ...FACTS.pressed, what });
  const answer = (what: PressKind): Fact => ({ ...FACTS.answered, what });

  test.each<[string, Fact[], Step['name']]>([
    ['a stop while it runs', [...facts(['accepted', 'planned', 'dispatched']), press('stop')], 'stop'],
    ['a stop that was answered', [FACTS.dispatched, press('stop'), answer('stop')], 'collect'],
    ['a stop as the run ends', [FACTS.dispatched, press('stop'), FACTS.completed], 'announce'],
    ['a stop that came too late', [FACTS.completed, FACTS.announced, FACTS.closed, press('stop')], 'forget'],
    ['a retry', [FACTS.completed, FACTS.announced, FACTS.closed, press('retry')], 'answer'],
    ['a retry before the request is closed', [FACTS.completed, press('retry'), FACTS.announced], 'close'],
    ['a retry that was answered', [FACTS.closed, press('retry'), answer('retry')], 'forget'],
    ['both of them', [FACTS.closed, press('retry'), press('output'), answer('retry')], 'answer'],
    ['a retry of a request that runs', [FACTS.dispatched, press('retry')], 'collect'],
  ])('after %s', (_, history, name) => {
    expect(nextStep(history, IN_TIME).name).toBe(name);
  });

  test('a late run counts from when the approval was read the last time', () => {
    expect(CONFIRM_AFTER_MS).toBe(600_000);
    const again = { ...FACTS.confirmed, at: new Date(LATE).toISOString() };
    const history = [...facts(['accepted', 'planned']), again];
    expect(nextStep(history, LATE + 600_000).name).toBe('dispatch');
    expect(nextStep(history, LATE + 600_001).name).toBe('confirm');
  });

  test.each<[string, FactType[], string[]]>([
    [
      'a run that succeeds',
      ['accepted', 'planned', 'dispatched', 'completed', 'announced', 'closed'],
      ['accept', 'plan', 'dispatch', 'collect', 'announce', 'close', 'forget'],
    ],
    [
      'a run whose end is known before its start',
      ['accepted', 'planned', 'completed', 'announced', 'closed'],
      ['accept', 'plan', 'dispatch', 'announce', 'close', 'forget'],
    ],
    ['a form that is refused', ['refused', 'announced', 'closed'], ['accept', 'announce', 'close', 'forget']],
    [
      'a command that is missing',
      ['accepted', 'refused', 'announced', 'closed'],
      ['accept', 'plan', 'announce', 'close', 'forget'],
    ],
    [
      'a run that Cloud Assistant refuses',
      ['accepted', 'planned', 'refused', 'announced', 'closed'],
      ['accept', 'plan', 'dispatch', 'announce', 'close', 'forget'],
    ],
    [
      'a request that was withdrawn in time',
      ['accepted', 'withdrawn', 'cancelled', 'announced', 'closed'],
      ['accept', 'plan', 'cancel', 'announce', 'close', 'forget'],
    ],
    [
      'a request that was withdrawn too late',
      ['accepted', 'planned', 'withdrawn', 'dispatched', 'completed', 'announced', 'closed'],
      ['accept', 'plan', 'dispatch', 'cancel', 'collect', 'announce', 'close', 'forget'],
    ],
    ['a revocation that another request carries out', ['redirected'], ['accept', 'forget']],
    [
      'a request that a person must look at',
      ['accepted', 'parked', 'announced', 'closed'],
      ['accept', 'plan', 'announce', 'close', 'forget'],
    ],
  ])('%s goes step by step', (_, types, steps) => {
    const taken = [...types.keys(), types.length].map(
      (length) => nextStep(facts(types.slice(0, length)), IN_TIME).name,
    );
    expect(taken).toEqual(steps);
  });

  test('every way through it that is not read again and again ends, announces at most once and starts at most one run', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), fc.boolean()), { minLength: 12, maxLength: 12 }), (choices) => {
        const history: FactType[] = [];
        const steps: string[] = [nextStep([], IN_TIME).name];
        for (const [choice, late] of choices) {
          const next = (row(history.at(-1), late)?.[3] ?? []).filter(
            (type) => type !== 'confirmed' || !history.includes(type),
          );
          const chosen = next[choice % Math.max(1, next.length)];
          if (chosen === undefined) break;
          history.push(chosen);
          steps.push(nextStep(facts(history), IN_TIME).name);
        }
        expect(steps.at(-1)).toBe('forget');
        expect(steps.length).toBeLessThanOrEqual(9);
        expect(steps.filter((name) => name === 'announce')).toHaveLength(history.includes('redirected') ? 0 : 1);
        expect(history.filter((type) => type === 'dispatched').length).toBeLessThanOrEqual(1);
        expect(history.includes('cancelled') && history.includes('dispatched')).toBe(false);
        expect(new Set(history).size).toBe(history.length);
      }),
    );
  });

  test('answers for any sequence of facts, also one that cannot be, by its last fact, its presses and the time, and changes nothing', () => {
    const types = fc.array(fc.constantFrom(...TYPES), { maxLength: 12 });
    fc.assert(
      fc.property(types, fc.constantFrom(IN_TIME, LATE), (sequence, now) => {
        const given = Object.freeze(facts(sequence));
        const read = sequence.includes('accepted') || sequence.includes('confirmed');
        const last = sequence.findLast((type) => !BESIDE.includes(type));
        const [, by, name] = row(last, read && now === LATE) ?? [];
        // Of the sample the press is one on Stop.
        const stops = last === 'dispatched' && sequence.includes('pressed') && !sequence.includes('answered');
        expect(nextStep(given, now)).toEqual(stops ? { name: 'stop', by: 'dispatch' } : { name, by });
        expect(given).toEqual(facts(sequence));
      }),
    );
  });

  test('a fact of a type it does not know is no fact', () => {
    expect(factSchema.safeParse({ type: 'forgotten', at: FACTS.closed.at }).success).toBe(false);
  });
});
