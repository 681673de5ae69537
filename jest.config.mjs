/** Long stories that `npm run test:all` tells too: each is half a minute or more of clouds that start and stop. */
const LONG = [
  'loop/connections',
  'loop/connector-crashes',
  'loop/http-source',
  'cli/doctor/platforms',
  'docs/getting-started',
];

/** Tests are TypeScript, stripped by swc; `npm run check` type-checks them as its own step. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env.TESTS === 'all' ? [] : LONG.map((path) => `/tests/${path}`)),
  ],
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
  // Much of the suite waits for processes, so every core has a worker.
  maxWorkers: '100%',
};
