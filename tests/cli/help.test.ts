import { type Ended, killAll, run } from './command-line.ts';
import { runHere } from './ops-cloud.ts';

afterEach(killAll);

const words = (line: string) => line.split(' ').filter((word) => word !== '');

/** The commands that a help lists, `help` itself apart. */
function listed(help: string): string[] {
  const section = /^Commands:\n(.*)/ms.exec(help)?.[1] ?? '';
  return [...section.matchAll(/^ {2}([\w-]+)/gm)].flatMap(([, name = '']) => (name === 'help' ? [] : name));
}

describe('--help', () => {
  /** The help of the program and of everything that it leads to. */
  const helps = new Map<string, Ended>();
  const helpOf = (command: string) => helps.get(command)?.stdout ?? '';
  beforeAll(async () => {
    const read = async (command: string): Promise<void> => {
      // The program itself as a process; what it leads to in this one, since there is a lot of it.
      helps.set(command, await (command === '' ? run(['--help']) : runHere([...words(command), '--help'])));
      for (const name of listed(helpOf(command))) await read(`${command} ${name}`.trim());
    };
    await read('');
  });

  test('leads from the program to every command', () => {
    const commands = ['', 'demo', 'local', 'local up', 'local approve', 'local reset'];
    const others = ['events', 'events match', 'callback', 'callback check', 'why', 'requests retry', 'audit verify'];
    expect([...helps.keys()]).toEqual(expect.arrayContaining([...commands, ...others]));
  });

  test('of every command is its usage on stdout, without colour, exit code 0', () => {
    for (const [command, { code, stdout, stderr }] of helps) {
      const usage = command === '' ? 'Usage: approval-loop ' : `Usage: approval-loop ${command} `;
      expect({ code, stderr, start: stdout.slice(0, usage.length) }).toEqual({ code: 0, stderr: '', start: usage });
      expect(stdout).not.toContain('\u001b');
    }
  });

  test('of every command that does something shows an example to paste', () => {
    const commands = [...helps].filter(([, { stdout }]) => listed(stdout).length === 0);
    expect(commands.length).toBeGreaterThan(5);
    for (const [, { stdout }] of commands) {
      expect(stdout).toMatch(/\nExamples?:\n(.*\n)* {2}\$ .*npm (start|run -s loop|run demo) -- /);
    }
  });

  test('of the program names the commands of each group too', () => {
    const help = helpOf('').replaceAll(/\s+/g, ' ');
    for (const group of listed(helpOf(''))) {
      const children = listed(helpOf(group)).join(', ');
      if (children !== '') expect(help).toMatch(new RegExp(` ${group} [^:]*: ${children} `));
    }
  });

  test.each([
    [
      'demo',
      [
        '--platform',
        '--scenario',
        '--json',
        'success',
        'failure',
        'timeout',
        'refused',
        'duplicate',
        'forged',
        'duration_ms',
      ],
    ],
    ['local up', ['--port', '7600', '--state', '.approval-loop', '--speed', '--json', 'access_key_secret', 'SIGTERM']],
    [
      'local approve',
      ['--platform', 'lark', '--result', 'agree', 'refuse', '--requester', 'zhangsan', '--approver', 'lisi', '--json'],
    ],
    ['local reset', ['--state', '.approval-loop']],
    ['requests retry', ['--reason', '--failed-only', '--by', '--force', '--no-wait', 'Exit code']],
    ['audit verify', ['--since', '--until', '--dir', '--checkpoints', '--public-key', 'Exit code 1 on any fault']],
    ['why', ['business number', '--lang', 'zh-CN', '--json', 'Exit code']],
    ['events match', ['PATTERNS.md', '{"match": true|false}', '{"error": …}']],
    ['callback check', ['check', 'event', 'ignored', 'rejected', 'aes_key', 'owner_keys']],
  ])('of "%s" says what may be given and what comes back', (command, texts) => {
    for (const text of texts) expect(helpOf(command)).toContain(text);
  });
});

describe('a wrong command line', () => {
  test.each([
    ['an unknown command', 'shine', "unknown command 'shine'"],
    ['an unknown command of a group', 'local shine', "unknown command 'shine'"],
    ['a misspelt command', 'dmeo', "unknown command 'dmeo'\n(Did you mean demo?)"],
    ['an unknown option', 'demo --shine', "unknown option '--shine'"],
    ['an option without its value', 'demo --scenario', "option '--scenario <name>' argument missing"],
    ['a missing argument', 'local approve', "missing required argument 'workflow'"],
    ['one argument too many', 'demo onboarding', "too many arguments for 'demo'. Expected 0 arguments but got 1."],
    ['a word as port', 'local up --port shine', "'--port <n>' argument 'shine' is invalid. a port is 0 to 65529."],
    ['a port beyond the last', 'local up --port 65530', "argument '65530' is invalid. a port is 0 to 65529."],
    ['a port below zero', 'local up --port -1', "argument '-1' is invalid. a port is 0 to 65529."],
    ['half a port', 'local up --port 7600.5', "argument '7600.5' is invalid. a port is 0 to 65529."],
    ['no speed at all', 'local up --speed 0', "argument '0' is invalid. a speed is 0.01 to 1000."],
    ['a speed beyond the last', 'local up --speed 1001', "argument '1001' is invalid. a speed is 0.01 to 1000."],
    ['a third result', 'local approve onboarding --result shine', "argument 'shine' is invalid. Allowed choices are"],
  ])('%s is named, with the way to the help, exit code 2', async (_what, line, message) => {
    const { code, stdout, stderr } = await run(words(line));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`error: `);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/\(--help shows what is possible\)\n$/);
    expect(stderr).not.toContain('\u001b');
  });

  test.each(['--port=', '--port= ', '--port=0x1', '--speed='])('an empty value is no number: "%s"', async (option) => {
    const { code, stderr } = await run(['local', 'up', option]);
    expect(code).toBe(2);
    expect(stderr).toContain("argument '");
  });

  test.each(['', 'local', 'events', 'callback'])(
    '"%s" alone does nothing: its usage on stderr, exit code 2',
    async (group) => {
      const { code, stdout, stderr } = await run(words(group));
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^Usage: approval-loop /);
    },
  );
});
