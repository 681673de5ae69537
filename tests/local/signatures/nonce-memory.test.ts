import { createNonceMemory } from '../../../local/signatures/nonce-memory.ts';

const MINUTE = 60_000;

test('a nonce belongs to its key', () => {
  const nonces = createNonceMemory({ clock: { now: () => 0, sleep: async () => undefined } });
  expect([nonces.use('A', 'n'), nonces.use('A', 'n'), nonces.use('B', 'n')]).toEqual([true, false, true]);
});

test('a nonce is remembered for 30 minutes', () => {
  let now = 0;
  const nonces = createNonceMemory({ clock: { now: () => now, sleep: async () => undefined } });
  expect(nonces.use('A', 'n')).toBe(true);
  now = 30 * MINUTE;
  expect(nonces.use('A', 'n')).toBe(false);
  now = 31 * MINUTE;
  expect(nonces.use('A', 'n')).toBe(true);
});

test('beyond its capacity the oldest nonce is forgotten first', () => {
  const nonces = createNonceMemory({ clock: { now: () => 0, sleep: async () => undefined }, capacity: 2 });
  nonces.use('A', 'one');
  nonces.use('A', 'two');
  nonces.use('A', 'three');
  expect([nonces.use('A', 'three'), nonces.use('A', 'one')]).toEqual([false, true]);
});
