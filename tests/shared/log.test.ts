import { createLog, formatLogLine, LOG_LEVELS, type LogEntry, type LogLevel } from '../../shared/log.ts';
import { createHandClock } from './hand-clock.ts';

function openLog(level?: LogLevel) {
  const entries: LogEntry[] = [];
  const log = createLog({
    clock: createHandClock(),
    write: (entry) => void entries.push(entry),
    ...(level ? { level } : {}),
  });
  return { log, entries };
}

test.each<[LogLevel | undefined, LogLevel[]]>([
  ['debug', ['debug', 'info', 'warn', 'error']],
  [undefined, ['info', 'warn', 'error']],
  ['warn', ['warn', 'error']],
  ['error', ['error']],
])('at level %s writes %j and nothing below', (level, written) => {
  const { log, entries } = openLog(level);
  for (const each of LOG_LEVELS) log[each](each);
  expect(entries.map((entry) => entry.level)).toEqual(written);
});

test('puts the fields of the log on every line, and those of the line over them', () => {
  const { log, entries } = openLog();
  log
    .with({ function: 'notify', request_id: 'a' })
    .with({ try: 2 })
    .info('已完成', { request_id: 'b', late: undefined });
  expect(entries.map(formatLogLine)).toEqual([
    '{"time":"2026-09-01T02:00:00.000Z","level":"info","message":"已完成","function":"notify","request_id":"b","try":2}',
  ]);
});

test('keeps a line one line, whatever stands in a field', () => {
  const { log, entries } = openLog();
  log.error('failed', { error: 'first\r\n{"level":"info"}\u0000' });
  expect(entries.map(formatLogLine).join('')).not.toMatch(/[\r\n\0]/);
});
