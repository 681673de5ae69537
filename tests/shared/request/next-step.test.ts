import fc from 'fast-check';
import { nextStep, type Step } from '../../../shared/request/next-step.ts';
import type { Fact } from '../../../shared/request/records.ts';
import { FACTS } from './facts.ts';

type FactType = Fact['type'];
const facts = (types: readonly FactType[]): Fact[] => types.map((type) => FACTS[type]);

/** The whole state machine: the last fact, whose turn it is then and to do what, and the facts that can come of it. */
const TABLE: readonly (readonly [FactType | 'nothing', Step['by'], Step['name'], FactType[]])[] = [
  ['nothing', 'ingest', 'accept', ['accepted', 'refused']],
  ['accepted', 'dispatch', 'plan', ['planned', 'refused']],
  ['planned', 'dispatch', 'dispatch', ['dispatched', 'completed', 'refused']],
  ['dispatched', 'notify', 'collect', ['completed']],
  ['completed', 'notify', 'announce', ['announced']],
  ['refused', 'notify', 'announce', ['announced']],
  ['announced', 'notify', 'close', ['closed']],
  ['closed', 'notify', 'forget', []],
  ['parked', 'operator', 'wait', []],
];

const row = (last: FactType | undefined) => TABLE.find(([fact]) => fact === (last ?? 'nothing'));

describe('the state machine', () => {
  test('has a row for every fact', () => {
    expect(TABLE.map(([fact]) => fact).sort()).toEqual(['nothing', ...Object.keys(FACTS)].sort());
  });

  test.each(TABLE)('after %s it is the turn of %s to %s', (last, by, name) => {
    expect(nextStep(last === 'nothing' ? [] : [FACTS[last]])).toEqual({ name, by });
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
    ['a request that a person must look at', ['accepted', 'parked'], ['accept', 'plan', 'wait']],
  ])('%s goes step by step', (_, types, steps) => {
    const taken = [...types.keys(), types.length].map((length) => nextStep(facts(types.slice(0, length))).name);
    expect(taken).toEqual(steps);
  });

  test('every way through it ends within seven steps, announces once and starts at most one run', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 10, maxLength: 10 }), (choices) => {
        const history: FactType[] = [];
        const steps = [nextStep([]).name];
        for (const choice of choices) {
          const next = row(history.at(-1))?.[3] ?? [];
          const chosen = next[choice % Math.max(1, next.length)];
          if (chosen === undefined) break;
          history.push(chosen);
          steps.push(nextStep(facts(history)).name);
        }
        expect(steps.at(-1)).toBe('forget');
        expect(steps.length).toBeLessThanOrEqual(7);
        expect(steps.filter((name) => name === 'announce')).toHaveLength(1);
        expect(steps.filter((name) => name === 'dispatch').length).toBeLessThanOrEqual(1);
        expect(new Set(steps).size).toBe(steps.length);
      }),
    );
  });

  test('answers for any sequence of facts, also one that cannot be, by its last fact alone, and changes nothing', () => {
    const types = fc.array(fc.constantFrom(...(Object.keys(FACTS) as FactType[])), { maxLength: 12 });
    fc.assert(
      fc.property(types, (sequence) => {
        const given = Object.freeze(facts(sequence));
        const [, by, name] = row(sequence.at(-1)) ?? [];
        expect(nextStep(given)).toEqual({ name, by });
        expect(given).toEqual(facts(sequence));
      }),
    );
  });

  test('fails on a fact of a type it does not know', () => {
    const unknown: { type: string } = { type: 'forgotten' };
    expect(() => nextStep([FACTS.accepted, unknown as Fact])).toThrow('unknown fact {"type":"forgotten"}');
  });
});
