import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeAsRoot } from '../local/instance/open-instance.ts';
import { allocateCommand, type ProvisionHost, type ProvisionRun, startProvisionHost } from './start-provision-host.ts';

const SCRIPT = join(__dirname, '../../scripts/allocate.sh');

const OWNER = '[A-Za-z0-9][A-Za-z0-9._-]{0,30}';
const SIZE = '[1-9][0-9]{0,3}G';
const REQUEST = '[A-Za-z0-9_.-]{1,140}';
const TODAY = 'dG9kYXk=';

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const ask = (changes: Partial<Record<'owner' | 'size' | 'expires' | 'request', string>> = {}) =>
  Object.entries({ owner: 'E1', size: '1G', expires: TODAY, request: 'dingtalk.A1', ...changes }).flatMap(
    ([name, value]) => [`--${name}`, value],
  );
const expires = (text: string | Uint8Array) => ask({ expires: base64(text) });

const NOT_BASE64 = '--expires is not the Base64 of a text';
const CONTROL = '--expires holds a control character';

const REFUSED: [name: string, args: string[], reason: string][] = [
  ['no option at all', [], `--owner '' does not match ${OWNER}`],
  ['no request', ['--owner', 'E1', '--size', '1G', '--expires', TODAY], `--request '' does not match ${REQUEST}`],
  ['no size', ['--owner', 'E1', '--request=a', '--expires', TODAY], `--size '' does not match ${SIZE}`],
  ['no expiry', ['--owner', 'E1', '--request=a', '--size=1G'], NOT_BASE64],
  ['an option without its value', [...ask(), '--lock-wait'], '--lock-wait needs a value'],
  ['an unknown option', [...ask(), '--force'], "unknown option '--force'; see --help"],
  ['an option twice', [...ask(), '--size=2G'], '--size is given twice'],
  ['a value for --revoke', [...ask(), '--revoke=no'], "unknown option '--revoke=no'; see --help"],
  ['a lock wait of zero', [...ask(), '--lock-wait=0'], "--lock-wait '0' does not match [1-9][0-9]{0,2}"],

  ['an owner that is a command', ask({ owner: '$(touch /x)' }), `--owner '$(touch /x)' does not match ${OWNER}`],
  ['an owner in backticks', ask({ owner: '`touch /x`' }), `--owner '\`touch /x\`' does not match ${OWNER}`],
  ['an owner with quotes', ask({ owner: `E'"1` }), `--owner 'E'"1' does not match ${OWNER}`],
  ['an owner of two lines', ask({ owner: 'E1\nE2' }), `--owner 'E1 E2' does not match ${OWNER}`],
  ['an owner that is a path', ask({ owner: '../../etc' }), `--owner '../../etc' does not match ${OWNER}`],
  ['an owner in 中文', ask({ owner: '工1' }), `--owner '???1' does not match ${OWNER}`],
  ['an owner of 32 characters', ask({ owner: 'e'.repeat(32) }), `--owner '${'e'.repeat(32)}' does not match ${OWNER}`],

  ['a size of zero', ask({ size: '0G' }), `--size '0G' does not match ${SIZE}`],
  ['a size with a leading zero', ask({ size: '010G' }), `--size '010G' does not match ${SIZE}`],
  ['a size of five digits', ask({ size: '10000G' }), `--size '10000G' does not match ${SIZE}`],
  ['a size in another unit', ask({ size: '1T' }), `--size '1T' does not match ${SIZE}`],
  ['a size without a unit', ask({ size: '10' }), `--size '10' does not match ${SIZE}`],
  ['a size below zero', ask({ size: '-1G' }), `--size '-1G' does not match ${SIZE}`],
  ['a size that is arithmetic', ask({ size: '1+1G' }), `--size '1+1G' does not match ${SIZE}`],
  ['a size with a line end', ask({ size: '1G\n' }), `--size '1G ' does not match ${SIZE}`],
  ['a bad size on revoke too', ['--revoke', ...ask({ size: 'x' })], `--size 'x' does not match ${SIZE}`],

  ['a request with a blank', ask({ request: 'a b' }), `--request 'a b' does not match ${REQUEST}`],
  ['a request that is a path', ask({ request: 'a/b' }), `--request 'a/b' does not match ${REQUEST}`],
  [
    'a reversal without --revoke',
    ask({ request: 'lark.A.revoke' }),
    "--request 'lark.A.revoke' names a reversal, but --revoke is not given",
  ],

  ['an empty expiry', ask({ expires: '' }), NOT_BASE64],
  ['an expiry that is not encoded', ask({ expires: '2026-12-31 项目结束' }), NOT_BASE64],
  ['an expiry that is a command', ask({ expires: '$(touch /x)' }), NOT_BASE64],
  ['an expiry without its padding', ask({ expires: 'dG9kYXk' }), NOT_BASE64],
  ['an expiry with stray bits', ask({ expires: 'QR==' }), NOT_BASE64],
  ['an expiry with a line end in its Base64', ask({ expires: `${TODAY}\n` }), NOT_BASE64],
  ['an expiry with a NUL byte', expires('today\0'), NOT_BASE64],
  ['an expiry of a NUL byte', expires('\0'), NOT_BASE64],
  ['an expiry without end', ask({ expires: 'A'.repeat(1372) }), '--expires has more than 1368 characters'],
  ['an expiry that is not UTF-8', expires(new Uint8Array([0x61, 0xff])), '--expires is not UTF-8'],
  ['an expiry in overlong UTF-8', expires(new Uint8Array([0xc0, 0x8a])), '--expires is not UTF-8'],
  ['an expiry of half an emoji', expires(new Uint8Array([0xed, 0xa0, 0xbc])), '--expires is not UTF-8'],
  ['an expiry of two lines', expires('today\nstate=open'), CONTROL],
  ['an expiry with a line end', expires('today\n'), CONTROL],
  ['an expiry with a tab', expires('to\tday'), CONTROL],
  ['an expiry with a carriage return', expires('today\r'), CONTROL],
  ['an expiry with an escape sequence', expires('\u001b[2J'), CONTROL],
  ['an expiry with a DEL', expires('a\u007f'), CONTROL],
  ['an expiry with a control character beyond ASCII', expires('a\u0085b'), CONTROL],
  ['an expiry with a line separator', expires('a\u2028b'), CONTROL],
  ['an expiry that reads backwards', expires('a\u202eb'), CONTROL],
];

const ACCEPTED: [name: string, text: string][] = [
  ['quotes and a backslash', `"a" 'b' \\ \\n \\u0041 \\`],
  ['commands', '$(touch /x) `touch /x` ; touch /x & touch /x | touch /x > /x'],
  ['patterns of the shell and of printf', '* ? ~ {a,b} [a-z] %s %n $HOME !! #'],
  ['blanks around', '  a  '],
  ['an option', '--revoke'],
  ['a line of the record', 'state=revoked'],
  ['中文 and an emoji', '2026-12-31 项目结束 🎉'],
  ['a family and letters from right to left', '👨‍👩‍👧 שלום é ﷽'],
  ['1024 bytes', 'x'.repeat(1024)],
];

describeAsRoot('the arguments of allocate.sh', () => {
  let host: ProvisionHost;
  beforeAll(async () => {
    host = await startProvisionHost();
  }, 60_000);
  afterAll(() => host.close());

  describe('what is refused', () => {
    let runs: ProvisionRun[];
    let traces: string;
    beforeAll(async () => {
      const commands = REFUSED.map(([, args]) => allocateCommand(...args));
      const after = 'ls -d /x /var/lib/approval-loop /srv/workspaces 2>/dev/null';
      ({ runs, after: traces } = await host.runAll(commands, { before: 'rm -rf /srv/workspaces', after }));
    }, 60_000);

    test.each(REFUSED.map(([name, , reason], index) => ({ name, reason, index })))(
      'refuses $name',
      ({ reason, index }) => {
        const result = { status: 'error', code: 'bad_usage', reason, enforced: null, changed: false };
        expect(runs[index]).toMatchObject({ exitCode: 2, result: { version: 1, ...result } });
      },
    );

    test('leaves no trace', () => {
      expect(traces).toBe('');
    });
  });

  test.each(ACCEPTED)('takes %s as a text that nothing evaluates, and keeps it', async (_name, text) => {
    const revoke = ['--revoke', '--owner', 'E1', '--request', 'dingtalk.A1'];
    const { runs, after } = await host.runAll([allocateCommand(...expires(text)), allocateCommand(...revoke)], {
      before: 'mkdir -p /srv; chmod 755 /srv; rm -rf /srv/workspaces /var/lib/approval-loop',
      after: 'sed -n s/^expires=//p /var/lib/approval-loop/workspaces/e1-215d661b; ls /x 2>/dev/null',
    });
    expect(runs).toMatchObject([
      { exitCode: 0, result: { action: 'allocate', expires: text, changed: true } },
      { exitCode: 0, result: { action: 'revoke', expires: text, size: '1G', changed: true } },
    ]);
    expect(after).toBe(`${text}\n`);
  });
});

function execute(command: string, args: string[]): Promise<{ exitCode: number | string; output: string }> {
  return new Promise((resolve) => {
    execFile(command, args, (error, stdout, stderr) => {
      resolve({ exitCode: error?.code ?? 0, output: stdout + stderr });
    });
  });
}

/** `--help` ends before anything of the machine is looked at, so it may run here. */
test.each([
  ['dash', 'dash', []],
  ['bash as a POSIX sh', 'bash', ['--posix']],
])('prints its usage under %s, if it is installed', async (_name, command, args) => {
  const run = await execute(command, [...args, SCRIPT, '--owner', 'E1', '--help']);
  expect(run.exitCode === 'ENOENT' ? 0 : run.exitCode).toBe(0);
  expect(run.exitCode === 'ENOENT' ? 'usage: ' : run.output).toMatch(/^usage: /);
  expect(run.output).not.toContain('PROVISION_RESULT {');
});

test('passes shellcheck, if it is installed', async () => {
  const run = await execute('shellcheck', [SCRIPT]);
  expect(run.exitCode === 'ENOENT' ? '' : run.output).toBe('');
});

test('is ASCII with line ends of Unix, and fits into one SendFile', async () => {
  const text = await readFile(SCRIPT, 'utf8');
  expect(text).toMatch(/^[\n -~]+$/);
  expect(text.length).toBeLessThanOrEqual(24_576);
});
