import { createRequire } from 'node:module';

const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer');

/** Folders whose tests take longest, the longest first: a worker that ends with one of them would end alone. */
const LONG = ['chaos', 'loop', 'cli', 'deploy', 'build', 'scripts'];

/** @param {string} path */
const rankOf = (path) => {
  const rank = LONG.findIndex((folder) => path.includes(`/tests/${folder}/`));
  return rank === -1 ? LONG.length : rank;
};

/** What took long the last time comes first, and where nobody knows yet, what lies in a long folder. */
export default class LongestFirst extends Sequencer {
  /** @param {{ path: string, duration?: number }[]} tests */
  sort(tests) {
    const isKnown = tests.some(({ duration }) => duration !== undefined);
    return isKnown ? super.sort(tests) : [...tests].sort((a, b) => rankOf(a.path) - rankOf(b.path));
  }
}
