import { errorMessage, PermanentError, TransientError } from '../../shared/errors.ts';

test.each([
  ['TransientError', TransientError],
  ['PermanentError', PermanentError],
])('a %s carries its code, its message and its cause', (name, Class) => {
  const cause = new Error('socket hang up');
  const error = new Class('ecs.Throttling', '云助手很忙', { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name, code: 'ecs.Throttling', message: '云助手很忙', cause });
});

test.each([
  ['an error', new TypeError('not that'), 'not that'],
  ['a text', 'plain', 'plain'],
  ['nothing', undefined, 'undefined'],
])('has a text for %s that was thrown', (_, thrown, text) => {
  expect(errorMessage(thrown)).toBe(text);
});
