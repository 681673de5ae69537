import { createSystemClock } from '../../shared/clock.ts';

test('shows the time of the machine', () => {
  const before = Date.now();
  const now = createSystemClock().now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

test('runs so many times as fast from its origin on', () => {
  const origin = Date.now() - 1000;
  const before = Date.now();
  const now = createSystemClock({ speed: 60, origin }).now();
  expect(now).toBeGreaterThanOrEqual(origin + (before - origin) * 60);
  expect(now).toBeLessThanOrEqual(origin + (Date.now() - origin) * 60);
});

test('sleeps for its own time, not for that of the machine', async () => {
  const before = Date.now();
  await createSystemClock({ speed: 60_000, origin: before }).sleep(60_000);
  expect(Date.now() - before).toBeLessThan(1_000);
});

test('wakes up with the reason of the signal, also of one that was given before', async () => {
  const clock = createSystemClock();
  const controller = new AbortController();
  const asleep = clock.sleep(3_600_000, controller.signal);
  controller.abort(new Error('停'));
  await expect(asleep).rejects.toThrow('停');
  await expect(clock.sleep(3_600_000, controller.signal)).rejects.toThrow('停');
});
