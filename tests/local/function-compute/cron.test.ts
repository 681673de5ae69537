import { parseSchedule } from '../../../local/function-compute/cron.ts';

const next = (expression: string, after: string) => {
  const time = parseSchedule(expression).next(Date.parse(after));
  return time === undefined ? undefined : new Date(time).toISOString().replace('.000Z', 'Z');
};

test.each([
  ['@every 1m', '2026-01-01T00:00:30Z', '2026-01-01T00:01:30Z'],
  ['@every 1h30m', '2026-01-01T00:00:00Z', '2026-01-01T01:30:00Z'],
  ['0 0 4 * * *', '2026-01-01T03:59:59Z', '2026-01-01T04:00:00Z'],
  ['0 0 4 * * *', '2026-01-01T04:00:00Z', '2026-01-02T04:00:00Z'],
  ['*/20 * * * * *', '2026-01-01T00:00:20Z', '2026-01-01T00:00:40Z'],
  ['0 5-7,30 * * * *', '2026-01-01T00:07:00Z', '2026-01-01T00:30:00Z'],
  ['0 10/20 * * * *', '2026-01-01T00:10:00Z', '2026-01-01T00:30:00Z'],
  ['0 0 12 ? * MON', '2026-01-01T00:00:00Z', '2026-01-05T12:00:00Z'],
  ['0 0 12 ? * 1', '2026-01-01T00:00:00Z', '2026-01-05T12:00:00Z'],
  ['0 0 12 ? * 7', '2026-01-01T00:00:00Z', '2026-01-04T12:00:00Z'],
  ['0 0 12 ? * mon-fri', '2026-01-02T12:00:00Z', '2026-01-05T12:00:00Z'],
  ['0 0 0 13 * FRI', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
  ['0 0 0 29 FEB ?', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
  ['CRON_TZ=Asia/Shanghai 0 0 4 1 * *', '2026-01-15T00:00:00Z', '2026-01-31T20:00:00Z'],
  ['CRON_TZ=Asia/Kolkata 0 0 9 * * *', '2026-01-01T00:00:00Z', '2026-01-01T03:30:00Z'],
  ['CRON_TZ=Europe/Berlin 0 30 2 * * *', '2026-03-29T00:00:00Z', '2026-03-30T00:30:00Z'],
  ['0 0 0 31 2 ?', '2026-01-01T00:00:00Z', undefined],
])('%s after %s fires at %s', (expression, after, expected) => {
  expect(next(expression, after)).toBe(expected);
});

test.each([
  '',
  '* * * * *',
  '* * * * * * *',
  '60 * * * * *',
  '0 0 24 * * *',
  '0 0 0 0 * *',
  '0 0 0 * 13 *',
  '0 0 0 * * 8',
  '0 0 0 * * XYZ',
  '0 30-10 * * * *',
  '0 */0 * * * *',
  '0 1- * * * *',
  '@every 0m',
  '@every 5',
  '@daily',
  'CRON_TZ=Mars/Base 0 0 0 * * *',
])('%s is refused', (expression) => {
  expect(() => parseSchedule(expression)).toThrow(RangeError);
});
