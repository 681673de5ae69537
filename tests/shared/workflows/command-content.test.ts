import { sha256Hex } from '../../../shared/ids.ts';
import { defineCommand, type Scripts } from '../../../shared/workflows/command-content.ts';
import { type Command, commandSchema } from '../../../shared/workflows/schema.ts';
import { type Host, openHost, PRINT } from './run-command.ts';

let host: Host;
beforeEach(async () => {
  host = await openHost();
});
afterEach(() => host.close());

const ARGUMENTS = ['--emp-id', '{{emp_id}}', '--all'];
const scriptsOf = (text: string): Scripts => ({ 'scripts/p.sh': { sha256: sha256Hex(text), text } });
const command = (changes: Partial<Command> = {}): Command =>
  commandSchema.parse({ script: 'scripts/p.sh', arguments: ARGUMENTS, ...changes });

describe('with a path', () => {
  const define = (text: string, args: string[] = ARGUMENTS) =>
    defineCommand('dev-', 'onboarding', command({ path: host.path('p.sh'), arguments: args }), scriptsOf(text)).content;

  test('is a wrapper that names file, hash and arguments, and nothing of the script', () => {
    const { content, contentSha256, name } = defineCommand(
      'approval-loop-dev-',
      'onboarding',
      command({ path: '/opt/p.sh' }),
      {
        'scripts/p.sh': { sha256: 'f'.repeat(64) },
      },
    );
    expect(content).toBe(`#!/bin/sh
# approval-loop, command "onboarding"
if ! echo '${'f'.repeat(64)}  /opt/p.sh' | sha256sum -c --status -; then
  echo '/opt/p.sh is missing or not the released version; run setup for this instance' >&2
  exit 90
fi
exec /opt/p.sh '--emp-id' '{{emp_id}}' '--all'
`);
    expect(contentSha256).toBe(sha256Hex(content));
    expect(name).toBe(`approval-loop-dev-onboarding-${contentSha256.slice(0, 12)}`);
  });

  test('the released file runs with exactly the arguments', async () => {
    await host.install('p.sh', PRINT);
    expect(await host.run(define(PRINT), { emp_id: 'E 123' })).toEqual({
      code: 0,
      printed: ['--emp-id', 'E 123', '--all'],
      stderr: '',
      files: ['p.sh'],
    });
  });

  test('the released file runs without arguments', async () => {
    await host.install('p.sh', PRINT);
    expect(await host.run(define(PRINT, []))).toMatchObject({ code: 0, printed: [], stderr: '' });
  });

  test('an empty value is an argument all the same', async () => {
    await host.install('p.sh', PRINT);
    expect(await host.run(define(PRINT), { emp_id: '' })).toMatchObject({ printed: ['--emp-id', '', '--all'] });
  });

  test.each([[0], [1], [90], [255]])("the script's exit code %i is the command's", async (code) => {
    const text = `#!/bin/sh\necho oops >&2\nexit ${code}\n`;
    await host.install('p.sh', text);
    expect(await host.run(define(text))).toMatchObject({ code, printed: [], stderr: 'oops\n' });
  });

  test.each<[string, string | undefined]>([
    ['is longer by an empty line', `${PRINT}\n`],
    ['is shorter', PRINT.slice(0, -1)],
    ['is another', '#!/bin/sh\ntouch pwned\n'],
    ['is empty', ''],
    ['is missing', undefined],
  ])('a file that %s does not run: exit code 90 and what to do', async (_, text) => {
    if (text !== undefined) await host.install('p.sh', text);
    const ended = await host.run(define(PRINT), { emp_id: 'E1' });
    expect(ended).toMatchObject({ code: 90, printed: [], files: text === undefined ? [] : ['p.sh'] });
    expect(ended.stderr).toMatch(/\/p\.sh is missing or not the released version; run setup for this instance\n$/);
  });
});

describe('without a path', () => {
  const define = (text: string, args: string[] = ARGUMENTS) =>
    defineCommand('dev-', 'onboarding', command({ arguments: args }), scriptsOf(text)).content;
  const head = `# approval-loop, command "onboarding"\nset -- '--emp-id' '{{emp_id}}' '--all'\n`;

  test.each([
    ['keeps its first line', '#!/bin/bash -eu\necho a\n', `#!/bin/bash -eu\n${head}echo a\n`],
    ['gets a first line where it has none', 'echo a\n', `#!/bin/sh\n${head}echo a\n`],
    ['is not taken for one with a first line further down', '\n#!/bin/bash\n', `#!/bin/sh\n${head}\n#!/bin/bash\n`],
    ['may lack its last line feed', '#!/bin/sh\necho a', `#!/bin/sh\n${head}echo a`],
    ['may be but a first line', '#!/bin/sh', `#!/bin/sh\n${head}#!/bin/sh`],
    ['may be empty', '', `#!/bin/sh\n${head}`],
    ['may hold single braces and what replacement reads', 'a{ }} $& $1\n', `#!/bin/sh\n${head}a{ }} $& $1\n`],
  ])('a script %s', (_, text, content) => {
    expect(define(text)).toBe(content);
  });

  test('the script runs with the arguments set in front', async () => {
    expect(await host.run(define(PRINT), { emp_id: 'E 123' })).toEqual({
      code: 0,
      printed: ['--emp-id', 'E 123', '--all'],
      stderr: '',
      files: [],
    });
  });

  test('the script runs without arguments', async () => {
    expect(await host.run(define(PRINT, []))).toMatchObject({ code: 0, printed: [] });
  });

  test.each([['echo "{{x}}"\n'], ['# {{'], ['awk {{{}}}\n']])('a script that holds {{ is refused: %j', (text) => {
    expect(() => define(text)).toThrow(
      'commands.onboarding.script: Cloud Assistant would replace the {{ in scripts/p.sh; give it a path',
    );
  });

  test('with a path such a script is none of Cloud Assistant’s business', () => {
    const withPath = command({ path: '/opt/p.sh' });
    expect(() => defineCommand('dev-', 'onboarding', withPath, scriptsOf('{{x}}'))).not.toThrow();
  });
});

test('a script that the build does not know is refused', () => {
  expect(() => defineCommand('dev-', 'onboarding', command(), {})).toThrow(
    'commands.onboarding.script names scripts/p.sh, which the build did not bundle',
  );
  const hashOnly = { 'scripts/p.sh': { sha256: sha256Hex(PRINT) } };
  expect(() => defineCommand('dev-', 'onboarding', command(), hashOnly)).toThrow(
    'commands.onboarding.script: the build did not bundle the text of scripts/p.sh',
  );
  expect(() => defineCommand('dev-', 'onboarding', command({ path: '/opt/p.sh' }), hashOnly)).not.toThrow();
});

describe('the name of a command', () => {
  const nameOf = (changes: Partial<Command>, text = PRINT, name = 'onboarding') =>
    defineCommand('dev-', name, command(changes), scriptsOf(text)).name;

  test('is the same for the same content', () => {
    expect(nameOf({})).toBe(nameOf({}));
    expect(nameOf({ path: '/opt/p.sh' })).toBe(nameOf({ path: '/opt/p.sh' }));
    expect(nameOf({})).toMatch(/^dev-onboarding-[0-9a-f]{12}$/);
  });

  test('changes with script, arguments, path and its own name', () => {
    const names = [
      nameOf({}),
      nameOf({}, `${PRINT}\n`),
      nameOf({ arguments: ['{{emp_id}}', '--emp-id', '--all'] }),
      nameOf({ path: '/opt/p.sh' }),
      nameOf({ path: '/opt/p.sh' }, `${PRINT}\n`),
      nameOf({ path: '/opt/q.sh' }),
      nameOf({ path: '/opt/p.sh', arguments: [] }),
      nameOf({}, PRINT, 'offboarding'),
    ];
    expect(new Set(names).size).toBe(names.length);
  });
});
