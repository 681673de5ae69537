import { describeAsRoot } from '../local/instance/open-instance.ts';
import {
  encodeKey,
  FIRST_KEY,
  P256_KEY,
  P384_KEY,
  P521_KEY,
  RSA_1024_KEY,
  RSA_2048_KEY,
  SECOND_KEY,
  SECURITY_KEY,
  SECURITY_P256_KEY,
} from './public-keys.ts';
import { type ProvisionHost, type ProvisionRun, startProvisionHost } from './start-provision-host.ts';

const EMP_ID = '[A-Za-z0-9][A-Za-z0-9._-]{0,30}';
const ROLE = '[a-z][a-z0-9-]{0,31}';
const REQUEST = '[A-Za-z0-9_.-]{1,140}';

const E1 = ['--emp-id', 'E1'];
const DEVOPS = ['--role', 'devops'];
const withKey = (line: string) => [...E1, ...DEVOPS, '--ssh-key', encodeKey(line)];

describeAsRoot('the arguments of provision.sh', () => {
  let host: ProvisionHost;
  beforeAll(async () => {
    host = await startProvisionHost();
  }, 60_000);
  afterAll(() => host.close());

  const REFUSED: [name: string, args: string[], reason: string][] = [
    ['no option at all', [], `--emp-id '' does not match ${EMP_ID}`],
    ['no employee', DEVOPS, `--emp-id '' does not match ${EMP_ID}`],
    ['no role', E1, `--role '' does not match ${ROLE}`],
    ['an option without its value', [...E1, '--role'], '--role needs a value'],
    ['an unknown option', [...E1, ...DEVOPS, '--force'], "unknown option '--force'; see --help"],
    ['a word that is no option', [...E1, ...DEVOPS, 'E2'], "unknown option 'E2'; see --help"],
    ['an unknown option with 中文', ['--员工=1'], "unknown option '--??????=1'; see --help"],
    ['a value for --revoke', [...E1, '--revoke=yes'], "unknown option '--revoke=yes'; see --help"],
    ['an option twice', [...E1, ...DEVOPS, '--emp-id=E2'], '--emp-id is given twice'],
    ['an option in the place of a value', ['--emp-id', '--role', 'devops'], "unknown option 'devops'; see --help"],

    [
      'an employee that is a command',
      ['--emp-id', '$(touch /x)', ...DEVOPS],
      `--emp-id '$(touch /x)' does not match ${EMP_ID}`,
    ],
    [
      'an employee in backticks',
      ['--emp-id', '`touch /x`', ...DEVOPS],
      `--emp-id '\`touch /x\`' does not match ${EMP_ID}`,
    ],
    [
      'an employee with a semicolon',
      ['--emp-id', 'E1;touch /x', ...DEVOPS],
      `--emp-id 'E1;touch /x' does not match ${EMP_ID}`,
    ],
    ['an employee with quotes', ['--emp-id', `E'"1`, ...DEVOPS], `--emp-id 'E'"1' does not match ${EMP_ID}`],
    ['an employee with a backslash', ['--emp-id', 'E\\1', ...DEVOPS], `--emp-id 'E\\1' does not match ${EMP_ID}`],
    ['an employee with a blank', ['--emp-id', 'E 1', ...DEVOPS], `--emp-id 'E 1' does not match ${EMP_ID}`],
    ['an employee of two lines', ['--emp-id', 'E1\nE2', ...DEVOPS], `--emp-id 'E1 E2' does not match ${EMP_ID}`],
    ['an employee with a line end', ['--emp-id', 'E1\n', ...DEVOPS], `--emp-id 'E1 ' does not match ${EMP_ID}`],
    ['an employee in 中文', ['--emp-id', '工1', ...DEVOPS], `--emp-id '???1' does not match ${EMP_ID}`],
    ['an employee with an emoji', ['--emp-id', 'E1😀', ...DEVOPS], `--emp-id 'E1????' does not match ${EMP_ID}`],
    ['an employee with a leading dash', ['--emp-id', '-E1', ...DEVOPS], `--emp-id '-E1' does not match ${EMP_ID}`],
    ['an employee with a leading dot', ['--emp-id', '..', ...DEVOPS], `--emp-id '..' does not match ${EMP_ID}`],
    [
      'an employee that is a path',
      ['--emp-id', 'E1/../root', ...DEVOPS],
      `--emp-id 'E1/../root' does not match ${EMP_ID}`,
    ],
    ['an employee with a colon', ['--emp-id', 'E1:0:0', ...DEVOPS], `--emp-id 'E1:0:0' does not match ${EMP_ID}`],
    [
      'an employee of 32 characters',
      ['--emp-id', 'E'.repeat(32), ...DEVOPS],
      `--emp-id '${'E'.repeat(32)}' does not match ${EMP_ID}`,
    ],
    [
      'a very long employee, quoted in part',
      ['--emp-id', 'E'.repeat(9000), ...DEVOPS],
      `--emp-id '${'E'.repeat(60)}' does not match ${EMP_ID}`,
    ],

    ['a role in capitals', [...E1, '--role', 'DevOps'], `--role 'DevOps' does not match ${ROLE}`],
    ['a role that is a path', [...E1, '--role', '../roles/devops'], `--role '../roles/devops' does not match ${ROLE}`],
    ['an empty role', [...E1, '--role='], `--role '' does not match ${ROLE}`],
    ['a bad role on revoke too', ['--revoke', ...E1, '--role', 'a b'], `--role 'a b' does not match ${ROLE}`],

    ['an empty request', [...E1, ...DEVOPS, '--request', ''], `--request '' does not match ${REQUEST}`],
    ['a request with a blank', [...E1, ...DEVOPS, '--request', 'a b'], `--request 'a b' does not match ${REQUEST}`],
    [
      'a request of two lines',
      [...E1, ...DEVOPS, '--request', 'a\ngrant=b'],
      `--request 'a grant=b' does not match ${REQUEST}`,
    ],
    [
      'a request of 141 characters',
      [...E1, ...DEVOPS, '--request', 'r'.repeat(141)],
      `--request '${'r'.repeat(60)}' does not match ${REQUEST}`,
    ],
    [
      'a reversal without --revoke',
      [...E1, ...DEVOPS, '--request', 'dingtalk.A.revoke'],
      "--request 'dingtalk.A.revoke' names a reversal, but --revoke is not given",
    ],
    ['a lock wait of zero', [...E1, ...DEVOPS, '--lock-wait', '0'], "--lock-wait '0' does not match [1-9][0-9]{0,2}"],

    ['a key that is not encoded', [...E1, ...DEVOPS, '--ssh-key', FIRST_KEY], '--ssh-key is not the Base64 of a text'],
    [
      'a key with a line end in its Base64',
      [...E1, ...DEVOPS, '--ssh-key', `${encodeKey(FIRST_KEY)}\n`],
      '--ssh-key is not the Base64 of a text',
    ],
    [
      'a key of two lines',
      withKey(`${FIRST_KEY}\n${SECOND_KEY}\n`),
      '--ssh-key holds more than one line, or a control character',
    ],
    [
      'a key with an empty second line',
      withKey(`${FIRST_KEY}\n\n`),
      '--ssh-key holds more than one line, or a control character',
    ],
    [
      'a key with a carriage return',
      withKey(`${FIRST_KEY}\r\n`),
      '--ssh-key holds more than one line, or a control character',
    ],
    ['a key with a tab', withKey(`${FIRST_KEY}\tme`), '--ssh-key holds more than one line, or a control character'],
    ['a key with a NUL byte', withKey(`${FIRST_KEY}\0`), '--ssh-key is not the Base64 of a text'],
    [
      'a key with options',
      withKey(`command="id" ${FIRST_KEY}`),
      `--ssh-key does not begin with a known key type: 'command="id"'`,
    ],
    ['a comment line', withKey(`# ${FIRST_KEY}`), "--ssh-key does not begin with a known key type: '#'"],
    ['a key with a leading blank', withKey(` ${FIRST_KEY}`), "--ssh-key does not begin with a known key type: ''"],
    ['a DSA key', withKey('ssh-dss AAAAB3NzaC1kc3MAAACB'), "--ssh-key does not begin with a known key type: 'ssh-dss'"],
    [
      'a private key',
      withKey('-----BEGIN OPENSSH PRIVATE KEY-----'),
      "--ssh-key does not begin with a known key type: '-----BEGIN'",
    ],
    ['a type alone', withKey('ssh-ed25519'), '--ssh-key is not a whole and strong enough ssh-ed25519 key'],
    ['a stump of a key', withKey(FIRST_KEY.slice(0, -4)), '--ssh-key is not a whole and strong enough ssh-ed25519 key'],
    [
      'a key under the wrong type',
      withKey(FIRST_KEY.replace('ssh-ed25519', 'ssh-rsa')),
      '--ssh-key is not a whole and strong enough ssh-rsa key',
    ],
    [
      'a key with a stray character',
      withKey(FIRST_KEY.replace('E6Aaz', 'E6$az')),
      '--ssh-key is not a whole and strong enough ssh-ed25519 key',
    ],
    ['a weak RSA key', withKey(RSA_1024_KEY), '--ssh-key is not a whole and strong enough ssh-rsa key'],
    ['an endless key', [...E1, ...DEVOPS, '--ssh-key', 'A'.repeat(16_388)], '--ssh-key has more than 16384 characters'],
  ];

  describe('what is refused', () => {
    let runs: ProvisionRun[];
    let traces: string;
    beforeAll(async () => {
      const files = '/etc/passwd /etc/shadow /etc/group /etc/gshadow';
      const answer = await host.provisionAll(
        REFUSED.map(([, args]) => args),
        {
          before: `cat ${files} >/tmp/before`,
          after: `cat ${files} | cmp - /tmp/before; ls -d /x /var/lib/approval-loop /home/* 2>/dev/null`,
        },
      );
      runs = answer.runs;
      traces = answer.after;
    }, 60_000);

    test.each(REFUSED.map(([name, , reason], index) => ({ name, reason, index })))(
      'refuses $name',
      ({ reason, index }) => {
        expect(runs[index]).toMatchObject({
          exitCode: 2,
          result: {
            version: 1,
            status: 'error',
            code: 'bad_usage',
            reason,
            uid: null,
            groups: [],
            packages: [],
            changed: false,
          },
        });
      },
    );

    test('leaves no trace', () => {
      expect(traces).toBe('');
    });
  });

  const LAST_LINES: [name: string, args: string[], exitCode: number, lastLine: string][] = [
    [
      'before anything is known',
      ['--emp-id', 'E"\\\n1'],
      2,
      String.raw`PROVISION_RESULT {"version":1,"action":"provision","status":"error","code":"bad_usage","reason":"--emp-id 'E\"\\ 1' does not match [A-Za-z0-9][A-Za-z0-9._-]{0,30}","user":null,"uid":null,"emp_id":null,"role":null,"groups":[],"packages":[],"changed":false,"host":"host-1","request":null}`,
    ],
    [
      'when all but the last option is known',
      ['--emp-id=E1', '--role=devops', '--request=lark.B', '--ssh-key=x'],
      2,
      'PROVISION_RESULT {"version":1,"action":"provision","status":"error","code":"bad_usage","reason":"--ssh-key is not the Base64 of a text","user":"e1","uid":null,"emp_id":"E1","role":"devops","groups":[],"packages":[],"changed":false,"host":"host-1","request":"lark.B"}',
    ],
    [
      'for an unknown role',
      ['--emp-id', 'E1', '--role', 'pilot'],
      6,
      'PROVISION_RESULT {"version":1,"action":"provision","status":"error","code":"role_invalid","reason":"the role pilot is unknown: there is no file /etc/approval-loop/roles/pilot.conf","user":"e1","uid":null,"emp_id":"E1","role":"pilot","groups":[],"packages":[],"changed":false,"host":"host-1","request":"manual"}',
    ],
    [
      'for a revoke of what was never granted',
      ['--revoke', '--emp-id', 'E1', '--request', 'lark.B.revoke'],
      0,
      'PROVISION_RESULT {"version":1,"action":"revoke","status":"ok","user":"e1","uid":null,"emp_id":"E1","role":null,"groups":[],"packages":[],"changed":false,"host":"host-1","request":"lark.B.revoke"}',
    ],
  ];

  test.each(LAST_LINES)('prints its result as the last line %s', async (_name, args, exitCode, lastLine) => {
    expect(await host.provision(...args)).toMatchObject({ exitCode, lastLine });
  });

  const NAMES: [empId: string, user: string][] = [
    ['E123', 'e123'],
    ['7', 'u7'],
    ['Zhang.San_2-b', 'zhangsan2b'],
    ['9'.repeat(31), `u${'9'.repeat(31)}`],
  ];

  test.each(NAMES)('names the account of employee %s %s', async (empId, user) => {
    const { runs, after } = await host.provisionAll(
      [[`--emp-id=${empId}`, '--role=analyst', `--request=${'r'.repeat(140)}`, '--lock-wait=999']],
      { after: `getent passwd ${user} | cut -d: -f1,5-` },
    );
    expect(runs[0]).toMatchObject({ exitCode: 0, result: { status: 'ok', user, emp_id: empId, changed: true } });
    expect(after).toBe(`${user}:approval-loop ${empId}:/home/${user}:/bin/bash\n`);
  });

  test('takes every listed key type, a comment of any script, one line end, and an empty key as none', async () => {
    const managed = [
      FIRST_KEY,
      SECOND_KEY,
      RSA_2048_KEY,
      P256_KEY,
      P384_KEY,
      P521_KEY,
      SECURITY_KEY,
      SECURITY_P256_KEY,
    ];
    const lines = [`${FIRST_KEY} 张三 😀`, `${SECOND_KEY}\n`, ...managed.slice(2)];
    const { runs, after } = await host.provisionAll(
      [...lines.map(encodeKey), ''].map((key, index) => [
        ...['--emp-id', 'E55', '--role', 'analyst', `--request=r${index}`, '--ssh-key', key],
      ]),
      { after: 'sort /home/e55/.ssh/authorized_keys' },
    );
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(after.split('\n')).toEqual([...managed.map((key) => `${key} approval-loop`).sort(), '']);
  }, 60_000);
});
