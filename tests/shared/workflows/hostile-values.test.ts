import fc from 'fast-check';
import { sha256Hex } from '../../../shared/ids.ts';
import { defineCommand } from '../../../shared/workflows/command-content.ts';
import { mapParameters } from '../../../shared/workflows/map-parameters.ts';
import { type Ended, type Host, openHost, PRINT } from './run-command.ts';
import { workflowWith } from './sample.ts';

let host: Host;
beforeAll(async () => {
  host = await openHost();
  await host.install('print.sh', PRINT);
});
afterAll(() => host.close());

const RULES = {
  pattern: { field: 'f', pattern: '[^]*', max_length: 4096 },
  text: { field: 'f', text: true, max_length: 4096 },
};

/** The value as it goes into the command, or undefined where it is refused. */
function accepted(rule: Readonly<Record<string, unknown>>, value: string): string | undefined {
  const mapped = mapParameters(workflowWith({ value: rule }), 'dingtalk', [{ names: ['f'], value }]);
  return mapped.kind === 'parameters' ? mapped.parameters['value'] : undefined;
}

/** Runs a command whose one parameter is `value`, from a file on the instance or as a text of its own. */
function run(value: string, sentAs: 'file' | 'text'): Promise<Ended> {
  const command = {
    script: 'scripts/print.sh',
    arguments: ['--value', '{{value}}', '--end'],
    ...(sentAs === 'file' ? { path: host.path('print.sh') } : {}),
  };
  const scripts = { 'scripts/print.sh': { sha256: sha256Hex(PRINT), text: PRINT } };
  return host.run(defineCommand('dev-', 'print', command, scripts).content, { value });
}

/** It ran, with this value as one argument, and nothing else happened. */
const ranWith = (value: string): Ended => ({
  code: 0,
  printed: ['--value', value, '--end'],
  stderr: '',
  files: ['print.sh'],
});

const HOSTILE = [
  ...['$(touch pwned)', '`touch pwned`', '; touch pwned', '&& touch pwned', '|| touch pwned', '| tee pwned', '> pwned'],
  ...['"', '""', '$HOME', '$1', '$@', '$&', '$$', '$`', '!!', '*', '~', '#', '<(x)', '-rf', '--', '=', '%s', '%', '0'],
];
const REFUSED = [
  ...["'", "''", "'; touch pwned; '", '\\', "\\'", '{{value}}', '{{ACS::InstanceId}}', '{{oos:x}}', '{', '}}'],
  ...['\n', '\ntouch pwned\n', '\r', '\t', '\0', '\u001b]0;x\u0007', '\u007f', '中文', '🚀', '\u202e', '\u00a0', '’'],
];

describe.each(['file', 'text'] as const)('a command that runs a %s', (sentAs) => {
  test.each(HOSTILE)('gets %j as one argument', async (value) => {
    expect(accepted(RULES.pattern, value)).toBe(value);
    expect(accepted({ field: 'f', one_of: [value] }, value)).toBe(value);
    expect(await run(value, sentAs)).toEqual(ranWith(value));
  });

  test('gets whatever a pattern lets through as one argument', async () => {
    const ascii = fc.string({ unit: 'binary-ascii', minLength: 1 });
    const value = fc.array(fc.oneof(fc.constantFrom(...HOSTILE), ascii), { minLength: 1, maxLength: 8 });
    const allowed = value.map((parts) => parts.join('')).filter((text) => accepted(RULES.pattern, text) !== undefined);
    await fc.assert(
      fc.asyncProperty(allowed, async (text) => {
        expect(await run(text, sentAs)).toEqual(ranWith(text));
      }),
      { numRuns: 60 },
    );
  });

  test('gets free text as one argument of Base64 that holds its very bytes', async () => {
    const part = fc.oneof(fc.constantFrom(...HOSTILE, ...REFUSED), fc.string({ unit: 'binary' }));
    const value = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(value, async (text) => {
        const taken = accepted(RULES.text, text);
        fc.pre(taken !== undefined);
        const base64 = Buffer.from(text).toString('base64');
        expect(taken).toBe(text);
        expect(accepted(RULES.pattern, base64)).toBe(base64);
        expect(await run(base64, sentAs)).toEqual(ranWith(base64));
        expect(Buffer.from(base64, 'base64').toString()).toBe(text);
      }),
      { numRuns: 60 },
    );
  });
});

test.each(REFUSED)('%j is refused, alone and within an innocent text', (value) => {
  expect(accepted(RULES.pattern, value)).toBeUndefined();
  expect(accepted(RULES.pattern, `a${value}b`)).toBeUndefined();
  expect(accepted(RULES.pattern, 'ab')).toBe('ab');
});

test('any text is refused or arrives as it is, byte for byte', async () => {
  const part = fc.oneof(fc.constantFrom(...HOSTILE, ...REFUSED, 'E123', ' '), fc.string({ unit: 'grapheme' }));
  const value = fc.array(part, { maxLength: 4 }).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(value, async (text) => {
      const taken = accepted(RULES.pattern, text);
      if (taken === undefined) expect(text).toMatch(/^$|[^ -~]|['\\{}]/);
      else expect(await run(taken, 'file')).toEqual(ranWith(text));
    }),
    { numRuns: 150 },
  );
});
