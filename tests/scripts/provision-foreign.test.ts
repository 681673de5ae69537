import { describeAsRoot } from '../local/instance/open-instance.ts';
import { type ProvisionHost, startProvisionHost } from './start-provision-host.ts';

describeAsRoot('provision.sh and what is not its own', () => {
  let host: ProvisionHost;
  beforeAll(async () => {
    host = await startProvisionHost();
    expect(await host.provision('--emp-id', 'E.200', '--role', 'analyst')).toMatchObject({ exitCode: 0 });
  }, 60_000);
  afterAll(() => host.close());

  const provision = (empId: string) => ['--emp-id', empId, '--role', 'devops'];
  const revoke = (empId: string) => ['--revoke', '--emp-id', empId];
  const marker = (user: string, lines: string[]) =>
    `umask 077; printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} >/var/lib/approval-loop/accounts/${user}`;
  const pending = (empId: string) => ['version=1', `emp_id=${empId}`, 'state=pending', 'uid='];

  type Row = [name: string, setUp: string, args: string[], reason: string];

  const FOREIGN: Row[] = [
    [
      'an account that exists',
      'useradd -m e201',
      provision('E201'),
      'the account e201 exists and was not made by this script',
    ],
    [
      'an account that exists, on revoke',
      'useradd -m e202',
      revoke('E202'),
      'the account e202 exists and was not made by this script',
    ],
    [
      'a system account',
      'useradd -r e203',
      provision('E203'),
      'the account e203 exists and was not made by this script',
    ],
    ['a group of that name', 'groupadd e204', provision('E204'), 'a group e204 exists and was not made by this script'],
    ['a home of that name', 'mkdir /home/e205', provision('E205'), '/home/e205 exists and was not made by this script'],
    [
      'a link in the place of the home',
      'ln -s /etc /home/e206',
      provision('E206'),
      '/home/e206 exists and was not made by this script',
    ],
    ['the account of another employee', ':', provision('E200'), "the account e200 is employee E.200's"],
    ['the account of another employee, on revoke', ':', revoke('e200'), "the account e200 is employee E.200's"],
    [
      'an account made anew by hand',
      '/opt/provision.sh --emp-id E207 --role analyst >/dev/null; userdel e207; useradd -u 4207 e207',
      provision('E207'),
      'the account e207 with uid 4207 exists and was not made by this script',
    ],
    [
      'an account made by hand while ours was pending',
      `${marker('e208', pending('E208'))}; useradd -c somebody e208`,
      provision('E208'),
      'the account e208 exists and was not made by this script',
    ],
    [
      'an account below uid 1000, whatever its marker says',
      `useradd -r -u 209 -c 'approval-loop E209' e209; ${marker('e209', pending('E209'))}`,
      provision('E209'),
      'the system account e209 exists and was not made by this script',
    ],
    [
      'a home that was given to somebody else',
      '/opt/provision.sh --emp-id E210 --role analyst >/dev/null; chown root /home/e210',
      provision('E210'),
      '/home/e210 exists and was not made by this script',
    ],
    ['root', ':', provision('root'), 'the name root is reserved'],
    ['root, on revoke', ':', revoke('root'), 'the name root is reserved'],
    ['a name that becomes root', ':', provision('R.O.O.T'), 'the name root is reserved'],
    ['daemon', ':', provision('daemon'), 'the name daemon is reserved'],
    ['admin', ':', provision('Admin'), 'the name admin is reserved'],
    ['nobody', ':', provision('nobody'), 'the name nobody is reserved'],
    ['a name that a package may take', ':', provision('mysql'), 'the name mysql is reserved'],
  ];

  const UNFIT: Row[] = [
    [
      'a marker that is a link',
      'ln -s /etc/hostname /var/lib/approval-loop/accounts/e220',
      provision('E220'),
      '/var/lib/approval-loop/accounts/e220 must be a file of root with mode 0600',
    ],
    [
      'a marker that others may read',
      `${marker('e221', pending('E221'))}; chmod 644 /var/lib/approval-loop/accounts/e221`,
      provision('E221'),
      '/var/lib/approval-loop/accounts/e221 must be a file of root with mode 0600',
    ],
    [
      'a marker of somebody else',
      `${marker('e222', pending('E222'))}; chown 4000 /var/lib/approval-loop/accounts/e222`,
      provision('E222'),
      '/var/lib/approval-loop/accounts/e222 must be a file of root with mode 0600',
    ],
    [
      'a marker with an unknown line',
      marker('e223', [...pending('E223'), 'x=y']),
      provision('E223'),
      'the marker /var/lib/approval-loop/accounts/e223 is damaged',
    ],
    [
      'a marker with half a grant',
      marker('e224', [...pending('E224'), 'grant=lark.A']),
      provision('E224'),
      'the marker /var/lib/approval-loop/accounts/e224 is damaged',
    ],
    [
      'a marker with a uid that is no number',
      marker('e225', ['version=1', 'emp_id=E225', 'state=open', 'uid=0x0']),
      provision('E225'),
      'the marker /var/lib/approval-loop/accounts/e225 is damaged',
    ],
    [
      'an empty marker',
      ': >/var/lib/approval-loop/accounts/e226; chmod 600 /var/lib/approval-loop/accounts/e226',
      provision('E226'),
      'the marker /var/lib/approval-loop/accounts/e226 is damaged',
    ],
  ];

  const STATE = 'cat /etc/passwd /etc/shadow /etc/group /etc/gshadow; find /home -printf "%p %y %m %u %T@\\n" | sort';

  interface Refusal {
    setUp: string;
    args: string[];
    exitCode: number;
    code: string;
    reason: string;
  }

  async function expectRefusal({ setUp, args, exitCode, code, reason }: Refusal) {
    const { runs, after } = await host.provisionAll([args], {
      before: `${setUp}; { ${STATE}; } >/tmp/before`,
      after: `{ ${STATE}; } | diff /tmp/before -`,
    });
    expect(runs).toMatchObject([{ exitCode, result: { status: 'error', code, reason, changed: false } }]);
    expect(after).toBe('');
  }

  test.each(FOREIGN)('does not touch %s', async (_name, setUp, args, reason) => {
    await expectRefusal({ setUp, args, exitCode: 3, code: 'not_ours', reason });
  });

  test.each(UNFIT)('does not believe %s', async (_name, setUp, args, reason) => {
    await expectRefusal({ setUp, args, exitCode: 7, code: 'host_unfit', reason });
  });

  test.each([
    ['others may read', 'chmod 755 /var/lib/approval-loop'],
    ['is somebody else’s', 'chown 4000 /var/lib/approval-loop; chmod 700 /var/lib/approval-loop'],
    ['is a link', 'rm -r /var/lib/approval-loop; mkdir -m 0700 /root/state; ln -s /root/state /var/lib/approval-loop'],
  ])('does not use a state folder that %s', async (_name, setUp) => {
    const reason = '/var/lib/approval-loop must be a folder of root with mode 0700';
    await expectRefusal({ setUp, args: provision('E230'), exitCode: 7, code: 'host_unfit', reason });
  });

  test('does not run for anybody but root', async () => {
    const run = await host.shell(
      'setpriv --reuid 4000 --regid 4000 --clear-groups /opt/provision.sh --emp-id E231 --role devops',
    );
    expect(run.exitCode).toBe(7);
    expect(run.output).toContain('"code":"host_unfit","reason":"this must run as root"');
  });
});
