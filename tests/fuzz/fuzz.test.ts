import { describeFailure } from './target.ts';
import { TARGETS } from './targets.ts';

/** The same cases on every run; `npm run fuzz` looks for others. */
const SEED = 20_261_124;
const COUNTS: Readonly<Record<string, number>> = { workflows: 400, 'http-events': 600 };

test.each(TARGETS)(
  'nothing that comes in through $name crashes, is slow, or passes for what it is not',
  async (target) => {
    const session = await target.open();
    const failure = await session.run({ seed: SEED, count: COUNTS[target.name] ?? 1_000 });
    await session.close();
    expect(failure && describeFailure(target.name, failure)).toBeUndefined();
  },
);
