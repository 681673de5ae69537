import { encodeKey, FIRST_KEY, SECOND_KEY } from './public-keys.ts';
import { type ProvisionHost, provisionCommand, startProvisionHost } from './start-provision-host.ts';

let host: ProvisionHost;
beforeAll(async () => {
  host = await startProvisionHost();
}, 60_000);
afterAll(() => host.close());

const grant = (empId: string, role: string, request: string, ...more: string[]) =>
  host.provision('--emp-id', empId, '--role', role, '--request', request, ...more);
const revoke = (empId: string, request: string) => host.provision('--revoke', '--emp-id', empId, '--request', request);
const outputOf = async (text: string) => (await host.shell(text)).output;
const groupsOf = async (user: string) => (await outputOf(`id -nG ${user}`)).trim().split(' ');

/** Everything the script could change: names, modes, owners, sizes, times and contents. */
const wholeState = () =>
  outputOf(`
    find /etc /home /var/lib/approval-loop -printf '%p %y %m %u %g %s %T@\\n' | grep -v '^/etc/[a-z]*- ' | sort
    cat /etc/passwd /etc/shadow /etc/group /etc/gshadow /var/lib/approval-loop/accounts/*`);

describe('a new account', () => {
  test('has a locked password, a home, a shell, its groups and its key, and is reported', async () => {
    const run = await grant('E100', 'devops', 'dingtalk.A1', '--ssh-key', encodeKey(`${FIRST_KEY} me`));
    const uid = (await outputOf('id -u e100')).trim();
    expect(run.exitCode).toBe(0);
    expect(run.output).toBe(
      [
        'recorded the grant of dingtalk.A1: role devops for E100',
        `created the account e100 (uid ${uid})`,
        'made the home /home/e100',
        'added e100 to the group developers',
        'added e100 to the group devops',
        'updated the ssh keys of e100',
        `PROVISION_RESULT {"version":1,"action":"provision","status":"ok","user":"e100","uid":${uid},"emp_id":"E100","role":"devops","groups":["developers","devops"],"packages":[],"changed":true,"host":"host-1","request":"dingtalk.A1"}`,
        '',
      ].join('\n'),
    );
    expect(await outputOf('getent passwd e100')).toBe(`e100:x:${uid}:${uid}:approval-loop E100:/home/e100:/bin/bash\n`);
    expect(await outputOf(`passwd -S e100 | cut -d' ' -f1,2; getent shadow e100 | cut -d: -f2,8`)).toBe('e100 L\n*:\n');
    expect(await groupsOf('e100')).toEqual(['e100', 'developers', 'devops']);
    expect(
      await outputOf(
        `stat -c '%n %A %U:%G' /home/e100 /home/e100/.profile /home/e100/.ssh /home/e100/.ssh/*; cat /home/e100/.ssh/*`,
      ),
    ).toBe(
      [
        '/home/e100 drwx------ e100:e100',
        '/home/e100/.profile -rw-r--r-- e100:e100',
        '/home/e100/.ssh drwx------ e100:e100',
        '/home/e100/.ssh/authorized_keys -rw------- e100:e100',
        `${FIRST_KEY} approval-loop`,
        '',
      ].join('\n'),
    );
  });

  test('has a marker that only root can reach', async () => {
    expect((await grant('E101', 'developer', 'lark.B1')).exitCode).toBe(0);
    const text = await outputOf(`
      cd /var/lib/approval-loop && stat -c '%n %A %U:%G' . accounts accounts/e101
      sed -E 's/T[0-9:]+Z/T…Z/; s/[0-9]{4}-[0-9]{2}-[0-9]{2}/date/; s/^uid=[0-9]+$/uid=…/' accounts/e101; ls -A accounts`);
    expect(text).toBe(
      [
        '. drwx------ root:root',
        'accounts drwx------ root:root',
        'accounts/e101 -rw------- root:root',
        ...['version=1', 'emp_id=E101', 'state=open', 'uid=…', 'grant=lark.B1 developer dateT…Z developers - -'],
        ...['e100', 'e101', ''],
      ].join('\n'),
    );
  });

  test('is the same however hostile the environment is', async () => {
    const run = await host.shell(`
      umask 000
      export LC_ALL=tr_TR.UTF-8 LANG=zh_CN.UTF-8 IFS=e PATH=/nowhere CDPATH=/ TMPDIR=/nowhere ENV=/nowhere
      ${provisionCommand('--emp-id', 'EI102', '--role', 'analyst', '--ssh-key', encodeKey(FIRST_KEY))}`);
    expect(run.exitCode).toBe(0);
    expect(
      await outputOf(
        `stat -c '%n %A' /home/ei102 /home/ei102/.ssh/authorized_keys /var/lib/approval-loop/accounts/ei102`,
      ),
    ).toBe(
      '/home/ei102 drwx------\n/home/ei102/.ssh/authorized_keys -rw-------\n/var/lib/approval-loop/accounts/ei102 -rw-------\n',
    );
  });
});

describe('the same request again', () => {
  test('changes nothing and says so', async () => {
    await grant('E110', 'devops', 'dingtalk.A', '--ssh-key', encodeKey(FIRST_KEY));
    const before = await wholeState();
    const run = await grant('E110', 'devops', 'dingtalk.A', '--ssh-key', encodeKey(FIRST_KEY));
    expect(run).toMatchObject({
      exitCode: 0,
      result: { status: 'ok', groups: ['developers', 'devops'], changed: false },
    });
    expect(run.output).toMatch(/^nothing to do: e110 has what dingtalk\.A grants\nPROVISION_RESULT /);
    expect(await wholeState()).toBe(before);
  });

  test('is one grant with its retries, and the reversal takes it away', async () => {
    await grant('E111', 'analyst', 'lark.R');
    expect(await grant('E111', 'analyst', 'lark.R.retry-1')).toMatchObject({
      result: { changed: false, request: 'lark.R.retry-1' },
    });
    expect(await revoke('E111', 'lark.R.revoke')).toMatchObject({
      exitCode: 0,
      result: { changed: true, role: 'analyst' },
    });
    expect(await outputOf('grep -cE "^(grant|drop)=" /var/lib/approval-loop/accounts/e111')).toBe('0\n');
  });

  test('replaces the role and the key that it gave before', async () => {
    await grant('E112', 'devops', 'lark.R', '--ssh-key', encodeKey(FIRST_KEY));
    await grant('E112', 'analyst', 'lark.R', '--ssh-key', encodeKey(SECOND_KEY));
    expect(await groupsOf('e112')).toEqual(['e112', 'analysts']);
    expect(await outputOf('cat /home/e112/.ssh/authorized_keys')).toBe(`${SECOND_KEY} approval-loop\n`);
  });

  test('repairs what was taken from the account in between', async () => {
    await grant('E113', 'devops', 'lark.R', '--ssh-key', encodeKey(FIRST_KEY));
    await host.shell('gpasswd -d e113 devops; rm -r /home/e113');
    expect(await grant('E113', 'devops', 'lark.R', '--ssh-key', encodeKey(FIRST_KEY))).toMatchObject({
      result: { changed: true },
    });
    expect(await groupsOf('e113')).toEqual(['e113', 'developers', 'devops']);
    expect(await outputOf('cat /home/e113/.ssh/authorized_keys')).toBe(`${FIRST_KEY} approval-loop\n`);
  });

  test('makes an account that was deleted by hand again, with its uid', async () => {
    await grant('E114', 'analyst', 'lark.R');
    const uid = await outputOf('id -u e114; userdel e114');
    expect(await grant('E114', 'analyst', 'lark.R')).toMatchObject({ exitCode: 0, result: { changed: true } });
    expect(await outputOf('id -u e114')).toBe(uid);
  });
});

describe('two grants for one person', () => {
  const orders: [first: string, second: string, groups: string[], key: string][] = [
    ['lark.DEV', 'lark.OPS', ['developers', 'devops'], SECOND_KEY],
    ['lark.OPS', 'lark.DEV', ['developers'], FIRST_KEY],
  ];
  test.each(orders)(
    'keep what the other gives when %s is revoked, then %s closes the account',
    async (first, second, groups, key) => {
      const id = first === 'lark.DEV' ? '120' : '121';
      await grant(`E${id}`, 'developer', 'lark.DEV', '--ssh-key', encodeKey(FIRST_KEY));
      await grant(`E${id}`, 'devops', 'lark.OPS', '--ssh-key', encodeKey(SECOND_KEY));
      expect(await revoke(`E${id}`, first)).toMatchObject({
        exitCode: 0,
        result: { action: 'revoke', groups, changed: true },
      });
      expect(await groupsOf(`e${id}`)).toEqual([`e${id}`, ...groups]);
      expect(
        await outputOf(
          `cat /home/e${id}/.ssh/authorized_keys; passwd -S e${id} | cut -d' ' -f2,8; getent passwd e${id} | cut -d: -f7`,
        ),
      ).toBe(`${key} approval-loop\nL\n/bin/bash\n`);
      expect(await revoke(`E${id}`, second)).toMatchObject({ exitCode: 0, result: { groups: [], changed: true } });
      expect(await groupsOf(`e${id}`)).toEqual([`e${id}`]);
      expect(await outputOf(`getent passwd e${id} | cut -d: -f7; ls -A /home/e${id}/.ssh`)).toBe('/usr/sbin/nologin\n');
    },
  );

  test('keep a key and a group that both give until the second is revoked', async () => {
    await grant('E122', 'analyst', 'lark.A', '--ssh-key', encodeKey(FIRST_KEY));
    await grant('E122', 'analyst', 'lark.B', '--ssh-key', encodeKey(FIRST_KEY));
    await revoke('E122', 'lark.A');
    expect(await groupsOf('e122')).toEqual(['e122', 'analysts']);
    expect(await outputOf('cat /home/e122/.ssh/authorized_keys')).toBe(`${FIRST_KEY} approval-loop\n`);
  });
});

describe('revoke', () => {
  test('of the last grant locks, expires and empties the account, and keeps the home', async () => {
    await grant('E130', 'devops', 'lark.A', '--ssh-key', encodeKey(FIRST_KEY));
    const { output } = await host.shell(`
      setpriv --reuid e130 --regid e130 --clear-groups sh -c 'echo mine >/home/e130/notes; trap "" TERM; echo up >/home/e130/up; while :; do sleep 1; done' &
      setpriv --reuid e130 --regid e130 --clear-groups sleep 300 &
      until [ -e /home/e130/up ]; do sleep 0.05; done
      ${provisionCommand('--revoke', '--emp-id', 'E130', '--request', 'lark.A')}
      echo "exit code $?"; wait
      echo "left: $(cat /proc/[0-9]*/status 2>/dev/null | grep -cE "^Uid:.$(id -u e130)\\b")"`);
    expect(output.split('\n').filter((line) => !line.startsWith('PROVISION_RESULT'))).toEqual([
      'recorded the end of the grant of lark.A for E130',
      'closed the account e130',
      'sent TERM to the processes of e130',
      'sent KILL to the processes of e130',
      'removed e130 from the group developers',
      'removed e130 from the group devops',
      'exit code 0',
      'left: 0',
      '',
    ]);
    expect(
      await outputOf(
        `passwd -S e130 | cut -d' ' -f1,2; getent shadow e130 | cut -d: -f2,8; getent passwd e130 | cut -d: -f7`,
      ),
    ).toBe('e130 L\n!*:1\n/usr/sbin/nologin\n');
    expect(await outputOf('cat /home/e130/notes; ls -A /home/e130/.ssh; id -nG e130')).toBe('mine\ne130\n');
  }, 40_000);

  test('can be followed by a new grant, which opens the account again', async () => {
    await grant('E131', 'devops', 'lark.A', '--ssh-key', encodeKey(FIRST_KEY));
    const uid = await outputOf('id -u e131');
    await revoke('E131', 'lark.A');
    const run = await grant('E131', 'analyst', 'lark.B', '--ssh-key', encodeKey(SECOND_KEY));
    expect(run).toMatchObject({ exitCode: 0, result: { groups: ['analysts'], changed: true } });
    expect(
      await outputOf(
        'getent shadow e131 | cut -d: -f2,8; getent passwd e131 | cut -d: -f7; cat /home/e131/.ssh/authorized_keys',
      ),
    ).toBe(`*:\n/bin/bash\n${SECOND_KEY} approval-loop\n`);
    expect(await outputOf('id -u e131')).toBe(uid);
    expect(await groupsOf('e131')).toEqual(['e131', 'analysts']);
  });

  test.each([
    ['of a request that granted nothing', 'E132', 'lark.X', true],
    ['of a request whose name only begins alike', 'E132', 'lark', true],
    ['for a person who was never here', 'E133', 'lark.A', false],
  ])('%s changes nothing and succeeds', async (_name, empId, request, exists) => {
    if (exists) await grant('E132', 'devops', 'lark.A');
    const before = await wholeState();
    const run = await revoke(empId, request);
    expect(run).toMatchObject({ exitCode: 0, result: { status: 'ok', changed: false } });
    expect(run.output).toContain(`nothing to do: ${request} grants nothing to ${empId.toLowerCase()}\n`);
    expect(await wholeState()).toBe(before);
  });

  test('twice does nothing the second time', async () => {
    await grant('E134', 'devops', 'lark.A');
    await revoke('E134', 'lark.A');
    const before = await wholeState();
    expect(await revoke('E134', 'lark.A')).toMatchObject({ exitCode: 0, result: { status: 'ok', changed: false } });
    expect(await wholeState()).toBe(before);
  });

  test('leaves groups alone that somebody else has given', async () => {
    await grant('E135', 'devops', 'lark.A');
    await grant('E135', 'analyst', 'lark.B');
    await host.shell('usermod -a -G audio e135');
    await revoke('E135', 'lark.A');
    expect((await groupsOf('e135')).sort()).toEqual(['analysts', 'audio', 'e135']);
  });

  test('takes away the groups that were given, even if the role file says something else by now', async () => {
    await host.shell('mkdir -p /etc/approval-loop/roles');
    await host.sendFile('/etc/approval-loop/roles/pilot.conf', 'groups=pilots  radar\n');
    await grant('E136', 'analyst', 'lark.A');
    await grant('E136', 'pilot', 'lark.B');
    expect((await groupsOf('e136')).sort()).toEqual(['analysts', 'e136', 'pilots', 'radar']);
    await host.sendFile('/etc/approval-loop/roles/pilot.conf', '# nothing any more\n');
    await revoke('E136', 'lark.B');
    expect(await groupsOf('e136')).toEqual(['e136', 'analysts']);
  });
});

describe('two runs at once', () => {
  test('wait for each other and both take effect', async () => {
    const { output } = await host.shell(`
      for n in 1 2 3; do
        /opt/provision.sh --emp-id E140 --role devops --request lark.$n >/tmp/same-$n & same="\${same-} $!"
      done
      /opt/provision.sh --emp-id E141 --role analyst >/tmp/other & other=$!
      for pid in $same $other; do wait $pid; printf '%s ' $?; done
      grep -c ^grant= /var/lib/approval-loop/accounts/e140
      tail -qn 1 /tmp/same-* /tmp/other | cut -c1-57`);
    const ok = 'PROVISION_RESULT {"version":1,"action":"provision","statu';
    expect(output).toBe(`0 0 0 0 3\n${ok}\n${ok}\n${ok}\n${ok}\n`);
  });

  test('end with lock_timeout for the one that waits too long', async () => {
    const { output } = await host.shell(`
      flock /var/lib/approval-loop/lock sh -c 'echo held >/tmp/held; sleep 20' & 
      until [ -s /tmp/held ]; do sleep 0.05; done
      ${provisionCommand('--emp-id', 'E142', '--role', 'analyst', '--lock-wait', '1')}; echo $?`);
    expect(output).toContain('"code":"lock_timeout","reason":"another run has held the lock for 1 s"');
    expect(output).toMatch(/\n4\n$/);
  });
});
