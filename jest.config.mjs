import { availableParallelism } from 'node:os';

/** Tests are TypeScript, stripped by swc; `npm run check` type-checks them as its own step. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  testTimeout: 120_000,
  testSequencer: '<rootDir>/tests/longest-first.mjs',
  // Much of the suite waits for processes and for time, so there are more workers than cores.
  maxWorkers: Math.ceil(availableParallelism() * 1.5),
};
