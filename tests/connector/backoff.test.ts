import { backoffMs } from '../../connector/backoff.ts';

test.each<[number, number, number]>([
  [0, 0, 999],
  [1, 1_000, 1_999],
  [2, 2_000, 3_999],
  [3, 4_000, 7_999],
  [5, 16_000, 31_999],
  [6, 30_000, 59_999],
  [1_000, 30_000, 59_999],
])('after %i failures the wait is %i to %i ms', (failures, shortest, longest) => {
  expect([backoffMs(failures, () => 0), backoffMs(failures, () => 0.99999)]).toEqual([shortest, longest]);
});
