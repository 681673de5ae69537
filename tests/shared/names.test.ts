import { namesOf } from '../../shared/names.ts';

test('names everything of an environment after it', () => {
  const names = namesOf('staging', '1234567890123456');
  expect(names.bus).toBe('approval-loop-staging');
  expect(names.recordsBucket).toBe('approval-loop-staging-records-1234567890123456');
  expect(names.workBucket).toBe('approval-loop-staging-work-1234567890123456');
  expect(names.function('dispatch')).toBe('approval-loop-staging-dispatch');
  expect(names.commandPrefix).toBe('approval-loop-staging-');
  expect(names.rule('request')).toBe('approval-loop-staging-request');
});

test('keeps bucket names within 63 characters for the longest name of an environment', () => {
  const names = namesOf('a'.repeat(16), '1234567890123456');
  expect(names.recordsBucket.length).toBeLessThanOrEqual(63);
  expect(names.workBucket.length).toBeLessThanOrEqual(63);
});
