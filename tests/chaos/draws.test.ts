import { DISTURBANCES } from '../../chaos/disturb.ts';
import { createDraws } from '../../chaos/draws.ts';
import { EVERYTHING } from '../../chaos/drive.ts';
import { FORGERIES } from '../../chaos/forge/forge.ts';

const ITEMS = ['a', 'b', '中文 🚀', 'd', 'e'] as const;

test.each([0, 1, 7, 2 ** 32])(
  'with seed %i each item has its turn once in a round, in the same order again',
  (seed) => {
    const turns = (count: number) => {
      const draws = createDraws(seed);
      return Array.from({ length: count }, () => draws.turn<string>('x', ITEMS));
    };
    expect(turns(5).toSorted()).toEqual([...ITEMS].toSorted());
    expect(turns(10)).toEqual([...turns(5), ...turns(5)]);
  },
);

test('what a run may not meet is named once each, forgeries for both platforms among it', () => {
  expect(new Set(EVERYTHING).size).toBe(EVERYTHING.length);
  expect(EVERYTHING).toEqual(expect.arrayContaining([...DISTURBANCES, ...FORGERIES.map((name) => `forged_${name}`)]));
  expect(FORGERIES).toEqual(expect.arrayContaining(['event_unknown', 'dingtalk_owner', 'lark_unsigned']));
});
