import { z } from 'zod';
import { killAll, run, start } from './command-line.ts';

afterEach(killAll);

/** Runs a command on these bytes and parses each line of its answer. */
async function answer(command: string, input: string | Buffer) {
  const { code, stdout, stderr } = await run(command.split(' '), { input });
  const lines = stdout === '' ? [] : stdout.replace(/\n$/, '').split('\n');
  return { code, stderr, answers: lines.map((line) => z.json().parse(JSON.parse(line))) };
}

describe.each(['events match', 'callback check'])('%s', (command) => {
  const error = { error: expect.stringMatching(/./) };

  test.each([
    ['nothing at all', '', []],
    ['blank lines', '\n  \n\t\n\r\n', []],
    ['no JSON', 'shine', [error]],
    ['half a JSON text', '{"pattern":{}', [error]],
    ['two values in one line', '{} {}', [error]],
    ['JSON of another shape', '[]\n5\nnull\n"text"\n{}', [error, error, error, error, error]],
    ['a key too many', '{"pattern":{},"event":{},"platform":"dingtalk","config":{}}', [error]],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x0a]), [error]],
    ['brackets without end', '['.repeat(200_000), [error]],
    ['a byte more than four megabytes', `{"x":"${'x'.repeat(4 * 1024 * 1024 - 7)}"}`, [error]],
  ])('answers %s line by line, and goes on: exit code 0', async (_what, input, answers) => {
    expect(await answer(command, input)).toEqual({ code: 0, stderr: '', answers });
  });

  test('says which bound a line is over, and answers the next one', async () => {
    const { answers } = await answer(command, `"${'中'.repeat(1_400_000)}"\nshine\n`);
    const notJson = expect.stringMatching(/^the line is not JSON: Unexpected token .*shine/);
    expect(answers).toEqual([{ error: 'the line is longer than 4194304 bytes' }, { error: notJson }]);
  });

  test('ends with exit code 130 when it is interrupted while it waits for a line', async () => {
    const running = start(command.split(' '), { input: 'open' });
    running.write('shine\n');
    await running.printed(/error/);
    running.interrupt();
    expect(await running.ended).toMatchObject({ code: 130 });
  });
});

describe('events match', () => {
  const QUESTIONS: [string, string, object][] = [
    ['an equal value', '{"pattern":{"source":["acs.ecs"]},"event":{"source":"acs.ecs"}}', { match: true }],
    ['another value', '{"pattern":{"source":["acs.ecs"]},"event":{"source":"acs.oss"}}', { match: false }],
    ['an absent value', '{"pattern":{"source":["acs.ecs"]},"event":{}}', { match: false }],
    ['an event that is no object', '{"pattern":{"source":["acs.ecs"]},"event":5}', { match: false }],
    ['a pattern as text', '{"pattern":"{\\"a\\":[{\\"prefix\\":\\"x\\"}]}","event":{"a":"xy"}}', { match: true }],
    ['Chinese and emoji', '{"pattern":{"role":["运维👩‍💻"]},"event":{"role":"运维👩‍💻"}}', { match: true }],
    ['another emoji', '{"pattern":{"role":["👍"]},"event":{"role":"👎"}}', { match: false }],
    ['escapes', '{"pattern":{"a":["中"]},"event":{"a":"\\u4e2d"}}', { match: true }],
    ['line separators', '{"pattern":{"a":["\u2028\u2029\u0085"]},"event":{"a":"\u2028\u2029\u0085"}}', { match: true }],
    ['a carriage return between values', '{"pattern":{"a":[1]},\r"event":{"a":1}}', { match: true }],
    ['space around it', '  {"pattern":{"a":[1]},"event":{"a":1}}\t', { match: true }],
    ['an empty pattern', '{"pattern":{},"event":{"a":1}}', { match: true }],
  ];

  test.each(['\n', '\r\n', '\n\n \n'])('answers in the order of the lines, however they end (%j)', async (end) => {
    const { answers } = await answer('events match', QUESTIONS.map(([, line]) => line).join(end));
    const named = answers.map((each, index) => [QUESTIONS[index]?.[0], each]);
    expect(named).toEqual(QUESTIONS.map(([what, , expected]) => [what, expected]));
  });

  test('says where a pattern is wrong, and what there is', async () => {
    const line = '{"pattern":{"data":{"a":[{"shines":1}]}},"event":{}}';
    const error =
      'Event pattern is not valid, reason: unknown operator; known are prefix, suffix, contains, numeric, cidr, ' +
      'anything-but, exists (at $.data.a[0].shines)';
    expect((await answer('events match', line)).answers).toEqual([{ error }]);
  });

  test.each([
    ['no event', '{"pattern":{}}'],
    ['no pattern', '{"event":{}}'],
    ['a third key', '{"pattern":{},"event":{},"name":"x"}'],
  ])('a line with %s is answered with the two keys it needs', async (_what, line) => {
    const error = 'a line is an object with exactly two keys, pattern and event';
    expect((await answer('events match', line)).answers).toEqual([{ error }]);
  });

  test('matches an event of almost four megabytes', async () => {
    const line = JSON.stringify({ pattern: { a: [{ suffix: '尾' }] }, event: { a: `${'x'.repeat(4_000_000)}尾` } });
    expect((await answer('events match', line)).answers).toEqual([{ match: true }]);
  });

  test('answers ten thousand lines', async () => {
    const { answers } = await answer('events match', '{"pattern":{"a":[1]},"event":{"a":1}}\n'.repeat(10_000));
    expect(answers).toHaveLength(10_000);
  });

  test('answers a line before the next one comes', async () => {
    const running = start(['events', 'match'], { input: 'open' });
    running.write('{"pattern":{"a":[1]},"event":{"a":1}}\n');
    await running.printed(/^\{"match":true\}\n$/);
    running.write('{"pattern":{"a":[1]},"event":{"a":2}}\n');
    expect(await running.printed(/false/)).toBe('{"match":true}\n{"match":false}\n');
  });
});
