import fc from 'fast-check';
import { BrokenChainError, type Chain, type Journal } from '../../../shared/journal/journal.ts';
import { type CarryOut, createAdvance } from '../../../shared/request/advance.ts';
import type { FunctionName } from '../../../shared/request/next-step.ts';
import type { Fact } from '../../../shared/request/records.ts';
import { createHandClock } from '../hand-clock.ts';
import { FACTS, REQUEST_ID } from './facts.ts';

type FactType = Fact['type'];

const clock = createHandClock();

/** A journal in memory; `rival` is what somebody else appends just before us, once for each entry. */
function openJournal(types: readonly FactType[], rival: (readonly FactType[])[] = []) {
  let facts: Fact[] = types.map((type) => FACTS[type]);
  const chain = (): Chain => ({ requestId: REQUEST_ID, facts, lastSha256: String(facts.length) });
  const journal: Journal = {
    read: async () => chain(),
    append: async (known, fact) => {
      facts = [...facts, ...(rival.shift() ?? []).map((type) => FACTS[type])];
      if (known.facts.length !== facts.length) return { chain: chain(), won: false };
      facts = [...facts, fact];
      return { chain: chain(), won: true };
    },
  };
  return { journal, types: () => facts.map((fact) => fact.type) };
}

/** Steps of `me` that write the fact they are named for, and what they did, in order. */
function openSteps(journal: Journal) {
  const effects: string[] = [];
  const write =
    (effect: string, type: FactType): CarryOut =>
    async (chain) => {
      effects.push(effect);
      return (await journal.append(chain, FACTS[type])).chain;
    };
  const forget: CarryOut = async (chain) => {
    effects.push('forget');
    return chain;
  };
  const ingestSteps = { accept: write('accept', 'accepted'), confirm: write('confirm', 'confirmed') };
  const dispatchSteps = {
    plan: write('plan', 'planned'),
    dispatch: write('dispatch', 'dispatched'),
    cancel: write('cancel', 'cancelled'),
  };
  const notifySteps = {
    collect: write('collect', 'completed'),
    announce: write('announce', 'announced'),
    close: write('close', 'closed'),
    forget,
  };
  const advances = {
    ingest: createAdvance({ me: 'ingest', journal, clock, steps: ingestSteps }),
    dispatch: createAdvance({ me: 'dispatch', journal, clock, steps: dispatchSteps }),
    notify: createAdvance({ me: 'notify', journal, clock, steps: notifySteps }),
  };
  return { advance: (me: FunctionName) => advances[me], effects };
}

describe('advance', () => {
  test.each<[FunctionName, FactType[], string[], FactType | undefined]>([
    ['ingest', [], ['accept'], 'accepted'],
    ['ingest', ['accepted'], [], 'accepted'],
    ['dispatch', [], [], undefined],
    ['dispatch', ['accepted'], ['plan', 'dispatch'], 'dispatched'],
    ['dispatch', ['accepted', 'planned'], ['dispatch'], 'dispatched'],
    ['dispatch', ['refused'], [], 'refused'],
    ['notify', ['accepted', 'planned'], [], 'planned'],
    ['notify', ['accepted', 'planned', 'dispatched'], ['collect', 'announce', 'close', 'forget'], 'closed'],
    ['notify', ['refused'], ['announce', 'close', 'forget'], 'closed'],
    ['notify', ['refused', 'announced', 'closed'], ['forget'], 'closed'],
    ['notify', ['accepted', 'parked'], ['announce', 'close', 'forget'], 'closed'],
    ['notify', ['redirected'], ['forget'], 'redirected'],
    ['notify', ['accepted', 'withdrawn'], [], 'withdrawn'],
    ['dispatch', ['accepted', 'planned', 'confirmed'], ['dispatch'], 'dispatched'],
    ['dispatch', ['accepted', 'withdrawn'], ['cancel'], 'cancelled'],
    ['notify', ['accepted', 'withdrawn', 'cancelled'], ['announce', 'close', 'forget'], 'closed'],
    ['dispatch', ['accepted', 'parked'], [], 'parked'],
  ])('by %s after %j does %j', async (me, types, effects, last) => {
    const opened = openJournal(types);
    const steps = openSteps(opened.journal);
    const chain = await steps.advance(me)(REQUEST_ID);
    expect(steps.effects).toEqual(effects);
    expect(chain.facts.at(-1)?.type).toBe(last);
    expect(chain.facts.map((fact) => fact.type)).toEqual(opened.types());
  });

  test('goes on from what the winner of a lost race wrote', async () => {
    const { journal } = openJournal(['accepted'], [['planned', 'dispatched']]);
    const { advance, effects } = openSteps(journal);
    const chain = await advance('dispatch')(REQUEST_ID);
    expect(effects).toEqual(['plan']);
    expect(chain.facts.map((fact) => fact.type)).toEqual(['accepted', 'planned', 'dispatched']);
  });

  test('does its own next step after a race that it lost to its twin', async () => {
    const { journal } = openJournal(['accepted', 'planned', 'dispatched'], [['completed'], [], ['closed']]);
    const { advance, effects } = openSteps(journal);
    const chain = await advance('notify')(REQUEST_ID);
    expect(effects).toEqual(['collect', 'announce', 'close', 'forget']);
    expect(chain.facts.map((fact) => fact.type)).toEqual([
      'accepted',
      'planned',
      'dispatched',
      'completed',
      'announced',
      'closed',
    ]);
  });

  test('leaves a request alone while a step cannot go on', async () => {
    const { journal, types } = openJournal(['accepted', 'planned', 'dispatched']);
    const wait: CarryOut = async () => undefined;
    const notify = createAdvance({ me: 'notify', journal, clock, steps: { collect: wait } });
    expect((await notify(REQUEST_ID)).facts.at(-1)?.type).toBe('dispatched');
    expect(types()).toEqual(['accepted', 'planned', 'dispatched']);
  });

  test('lets the error of a step through, and the next call takes up where the chain stands', async () => {
    const { journal, types } = openJournal(['accepted']);
    let calls = 0;
    const plan: CarryOut = async (chain) => (await journal.append(chain, FACTS.planned)).chain;
    const dispatch: CarryOut = async (chain) => {
      calls += 1;
      if (calls === 1) throw new Error('ecs.ServiceUnavailable');
      return (await journal.append(chain, FACTS.dispatched)).chain;
    };
    const advance = createAdvance({ me: 'dispatch', journal, clock, steps: { plan, dispatch } });
    await expect(advance(REQUEST_ID)).rejects.toThrow('ecs.ServiceUnavailable');
    expect(types()).toEqual(['accepted', 'planned']);
    await advance(REQUEST_ID);
    expect(types()).toEqual(['accepted', 'planned', 'dispatched']);
  });

  test('decides nothing from a broken chain', async () => {
    const journal: Journal = {
      read: async () => {
        throw new BrokenChainError('records/x/0002.json: it belongs elsewhere');
      },
      append: async () => {
        throw new Error('nothing may be written');
      },
    };
    const { advance, effects } = openSteps(journal);
    await expect(advance('notify')(REQUEST_ID)).rejects.toThrow(BrokenChainError);
    expect(effects).toEqual([]);
  });

  test('brings every request to its end whoever is called in which order, with each fact once', async () => {
    const calls = fc.array(fc.constantFrom<FunctionName>('ingest', 'dispatch', 'notify'), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(calls, async (order) => {
        const { journal, types } = openJournal([]);
        const { advance } = openSteps(journal);
        for (const me of [...order, 'ingest', 'dispatch', 'notify'] as const) await advance(me)(REQUEST_ID);
        expect(types()).toEqual(['accepted', 'planned', 'dispatched', 'completed', 'announced', 'closed']);
      }),
    );
  });

  test('keeps one of each fact when all functions are called at once', async () => {
    const { journal, types } = openJournal([]);
    const { advance } = openSteps(journal);
    const everybody = (['ingest', 'dispatch', 'notify', 'notify', 'dispatch', 'ingest'] as const).map((me) =>
      advance(me),
    );
    for (let round = 0; round < 3; round += 1) await Promise.all(everybody.map((run) => run(REQUEST_ID)));
    expect(types()).toEqual(['accepted', 'planned', 'dispatched', 'completed', 'announced', 'closed']);
  });
});
