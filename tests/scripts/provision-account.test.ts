import { describeAsRoot } from '../local/instance/open-instance.ts';
import { encodeKey, FIRST_KEY, SECOND_KEY } from './public-keys.ts';
import { type ProvisionHost, provisionCommand, startProvisionHost } from './start-provision-host.ts';

describeAsRoot('provision.sh and accounts', () => {
  let host: ProvisionHost;
  beforeAll(async () => {
    host = await startProvisionHost();
  }, 60_000);
  afterAll(() => host.close());

  const grant = (empId: string, role: string, request: string, key?: string) => [
    ...['--emp-id', empId, '--role', role, '--request', request],
    ...(key === undefined ? [] : ['--ssh-key', encodeKey(key)]),
  ];
  const revoke = (empId: string, request: string) => ['--revoke', '--emp-id', empId, '--request', request];

  /** Everything the script could change: names, modes, owners, sizes, times and contents. */
  const STATE = `
  find /etc /home /var/lib/approval-loop -printf '%p %y %m %u %g %s %T@\\n' | sort
  cat /etc/passwd /etc/shadow /etc/group /etc/gshadow /var/lib/approval-loop/accounts/*`;

  describe('a new account', () => {
    test('has a locked password, a home, a shell, its groups and its key, and is reported', async () => {
      const run = await host.provision(...grant('E100', 'devops', 'dingtalk.A1', `${FIRST_KEY} me`));
      const uid = /"uid":(\d+)/.exec(run.lastLine)?.[1];
      expect(run.exitCode).toBe(0);
      expect(run.output.split('\n')).toEqual([
        'recorded the grant of dingtalk.A1: role devops for E100',
        `created the account e100 (uid ${uid})`,
        'made the home /home/e100',
        'added e100 to the group developers',
        'added e100 to the group devops',
        'updated the ssh keys of e100',
        `PROVISION_RESULT {"version":1,"action":"provision","status":"ok","user":"e100","uid":${uid},"emp_id":"E100","role":"devops","groups":["developers","devops"],"packages":[],"changed":true,"host":"host-1","request":"dingtalk.A1"}`,
        '',
      ]);
      const { output } = await host.shell(`
      getent passwd e100
      passwd -S e100 | cut -d' ' -f1,2
      getent shadow e100 | cut -d: -f2,8
      id -nG e100
      stat -c '%n %A %U:%G' /home/e100 /home/e100/.profile /home/e100/.ssh /home/e100/.ssh/*
      cat /home/e100/.ssh/*`);
      expect(output.split('\n')).toEqual([
        `e100:x:${uid}:${uid}:approval-loop E100:/home/e100:/bin/bash`,
        'e100 L',
        '*:',
        'e100 developers devops',
        '/home/e100 drwx------ e100:e100',
        '/home/e100/.profile -rw-r--r-- e100:e100',
        '/home/e100/.ssh drwx------ e100:e100',
        '/home/e100/.ssh/authorized_keys -rw------- e100:e100',
        `${FIRST_KEY} approval-loop`,
        '',
      ]);
    });

    test('has a marker that only root can reach', async () => {
      const { after } = await host.provisionAll([grant('E101', 'developer', 'lark.B1')], {
        after: `
        cd /var/lib/approval-loop && stat -c '%n %A %U:%G' . accounts accounts/e101
        sed -E 's/[0-9-]{10}T[0-9:]{8}Z/time/; s/^uid=[0-9]+$/uid=number/' accounts/e101
        ls -A accounts`,
      });
      expect(after.split('\n')).toEqual([
        ...['. drwx------ root:root', 'accounts drwx------ root:root', 'accounts/e101 -rw------- root:root'],
        ...['version=1', 'emp_id=E101', 'state=open', 'uid=number', 'grant=lark.B1 developer time developers - -'],
        ...['e100', 'e101', ''],
      ]);
    });

    test('is the same however hostile the environment is', async () => {
      const { output } = await host.shell(`(
      umask 000
      export LC_ALL=tr_TR.UTF-8 LANG=zh_CN.UTF-8 IFS=e PATH=/nowhere CDPATH=/ TMPDIR=/nowhere ENV=/nowhere
      ${provisionCommand(...grant('EI102', 'analyst', 'lark.A', FIRST_KEY))}; echo $?) | tail -n 1
      stat -c '%n %A' /home/ei102 /home/ei102/.ssh/authorized_keys /var/lib/approval-loop/accounts/ei102`);
      expect(output.split('\n')).toEqual([
        ...['0', '/home/ei102 drwx------', '/home/ei102/.ssh/authorized_keys -rw-------'],
        ...['/var/lib/approval-loop/accounts/ei102 -rw-------', ''],
      ]);
    });
  });

  describe('the same request again', () => {
    test('changes nothing and says so', async () => {
      const command = grant('E110', 'devops', 'dingtalk.A', FIRST_KEY);
      const { runs, after } = await host.provisionAll([command], {
        before: `${provisionCommand(...command)}; { ${STATE}; } >/tmp/before`,
        after: `{ ${STATE}; } | diff /tmp/before -`,
      });
      expect(runs).toMatchObject([{ exitCode: 0, result: { groups: ['developers', 'devops'], changed: false } }]);
      expect(runs[0]?.output).toMatch(/^nothing to do: e110 has what dingtalk\.A grants\nPROVISION_RESULT /);
      expect(after).toBe('');
    });

    test('is one grant with its retries, and the reversal takes it away', async () => {
      const { runs, after } = await host.provisionAll(
        [
          grant('E111', 'analyst', 'lark.R'),
          grant('E111', 'analyst', 'lark.R.retry-1'),
          revoke('E111', 'lark.R.revoke'),
        ],
        { after: 'grep -cE "^(grant|drop)=" /var/lib/approval-loop/accounts/e111' },
      );
      expect(runs).toMatchObject([
        { exitCode: 0, result: { changed: true, request: 'lark.R' } },
        { exitCode: 0, result: { changed: false, request: 'lark.R.retry-1' } },
        { exitCode: 0, result: { changed: true, request: 'lark.R.revoke', role: 'analyst' } },
      ]);
      expect(after).toBe('0\n');
    });

    test('replaces the role and the key that it gave before', async () => {
      const { after } = await host.provisionAll(
        [grant('E112', 'devops', 'lark.R', FIRST_KEY), grant('E112', 'analyst', 'lark.R', SECOND_KEY)],
        { after: 'id -nG e112; cat /home/e112/.ssh/authorized_keys' },
      );
      expect(after).toBe(`e112 analysts\n${SECOND_KEY} approval-loop\n`);
    });

    test('repairs what was taken from the account in between', async () => {
      const command = grant('E113', 'devops', 'lark.R', FIRST_KEY);
      const { runs, after } = await host.provisionAll([command], {
        before: `${provisionCommand(...command)}; gpasswd -d e113 devops; rm -r /home/e113`,
        after: 'id -nG e113; cat /home/e113/.ssh/authorized_keys',
      });
      expect(runs).toMatchObject([{ exitCode: 0, result: { changed: true } }]);
      expect(after).toBe(`e113 developers devops\n${FIRST_KEY} approval-loop\n`);
    });

    test('makes an account that was deleted by hand again, with its uid', async () => {
      const command = grant('E114', 'analyst', 'lark.R');
      const { runs, after } = await host.provisionAll([command], {
        before: `${provisionCommand(...command)}; id -u e114 >/tmp/uid; userdel e114`,
        after: 'id -u e114 | diff /tmp/uid -; id -nG e114',
      });
      expect(runs).toMatchObject([{ exitCode: 0, result: { changed: true } }]);
      expect(after).toBe('e114 analysts\n');
    });
  });

  describe('two grants for one person', () => {
    const LOOK = (user: string) =>
      `id -nG ${user}; getent passwd ${user} | cut -d: -f7; cat /home/${user}/.ssh/authorized_keys 2>/dev/null`;
    const orders: [empId: string, first: string, second: string, left: string[], key: string][] = [
      ['E120', 'lark.DEV', 'lark.OPS', ['developers', 'devops'], SECOND_KEY],
      ['E121', 'lark.OPS', 'lark.DEV', ['developers'], FIRST_KEY],
    ];
    test.each(orders)(
      'of %s: without %s what %s gives stays, without both nothing',
      async (empId, first, second, left, key) => {
        const user = empId.toLowerCase();
        const one = await host.provisionAll(
          [
            grant(empId, 'developer', 'lark.DEV', FIRST_KEY),
            grant(empId, 'devops', 'lark.OPS', SECOND_KEY),
            revoke(empId, first),
          ],
          { after: LOOK(user) },
        );
        expect(one.runs[2]).toMatchObject({ exitCode: 0, result: { action: 'revoke', groups: left, changed: true } });
        expect(one.after).toBe(`${[user, ...left].join(' ')}\n/bin/bash\n${key} approval-loop\n`);
        const none = await host.provisionAll([revoke(empId, second)], { after: LOOK(user) });
        expect(none.runs).toMatchObject([{ exitCode: 0, result: { groups: [], changed: true } }]);
        expect(none.after).toBe(`${user}\n/usr/sbin/nologin\n`);
      },
    );

    test('that give the same keep it until the second is revoked', async () => {
      const { after } = await host.provisionAll(
        [
          grant('E122', 'analyst', 'lark.A', FIRST_KEY),
          grant('E122', 'analyst', 'lark.B', FIRST_KEY),
          revoke('E122', 'lark.A'),
        ],
        { after: LOOK('e122') },
      );
      expect(after).toBe(`e122 analysts\n/bin/bash\n${FIRST_KEY} approval-loop\n`);
    });
  });

  describe('revoke', () => {
    test('of the last grant locks, expires and empties the account, and keeps the home', async () => {
      const asUser = 'setpriv --reuid e130 --regid e130 --clear-groups';
      const { output } = await host.shell(`
      ${provisionCommand(...grant('E130', 'analyst', 'lark.A', FIRST_KEY))} >/dev/null
      ${asUser} sh -c 'trap "" TERM; echo mine >/home/e130/notes; while :; do sleep 1; done' &
      ${asUser} sleep 300 &
      until [ -s /home/e130/notes ]; do sleep 0.05; done
      ${provisionCommand(...revoke('E130', 'lark.A'))} | grep -v ^PROVISION_RESULT
      wait
      cat /proc/[0-9]*/status 2>/dev/null | grep -cE "^Uid:.$(id -u e130)\\b"
      passwd -S e130 | cut -d' ' -f1,2
      getent shadow e130 | cut -d: -f2,8
      getent passwd e130 | cut -d: -f7
      id -nG e130
      ls -A /home/e130/.ssh
      cat /home/e130/notes`);
      expect(output.split('\n')).toEqual([
        'recorded the end of the grant of lark.A for E130',
        'closed the account e130',
        'sent TERM to the processes of e130',
        'sent KILL to the processes of e130',
        'removed e130 from the group analysts',
        ...['0', 'e130 L', '!*:1', '/usr/sbin/nologin', 'e130', 'mine', ''],
      ]);
    }, 40_000);

    test('can be followed by a new grant, which opens the account again', async () => {
      const { runs, after } = await host.provisionAll(
        [
          grant('E131', 'devops', 'lark.A', FIRST_KEY),
          revoke('E131', 'lark.A'),
          grant('E131', 'analyst', 'lark.B', SECOND_KEY),
        ],
        {
          after: `
          getent shadow e131 | cut -d: -f2,8; getent passwd e131 | cut -d: -f7
          id -nG e131; cat /home/e131/.ssh/authorized_keys`,
        },
      );
      const uid = /"uid":(\d+)/.exec(runs[0]?.lastLine ?? '')?.[1];
      expect(runs[2]).toMatchObject({ exitCode: 0, result: { uid: Number(uid), groups: ['analysts'], changed: true } });
      expect(after).toBe(`*:\n/bin/bash\ne131 analysts\n${SECOND_KEY} approval-loop\n`);
    });

    test.each([
      ['of a request that granted nothing', 'E132', 'lark.X', [grant('E132', 'devops', 'lark.A')]],
      ['of a request whose name only begins alike', 'E133', 'lark', [grant('E133', 'devops', 'lark.A')]],
      ['for a person who was never here', 'E134', 'lark.A', []],
      ['a second time', 'E135', 'lark.A', [grant('E135', 'devops', 'lark.A'), revoke('E135', 'lark.A')]],
    ])('%s changes nothing and succeeds', async (_name, empId, request, earlier) => {
      const { runs, after } = await host.provisionAll([revoke(empId, request)], {
        before: `${earlier.map((args) => provisionCommand(...args)).join('\n')}\n{ ${STATE}; } >/tmp/before`,
        after: `{ ${STATE}; } | diff /tmp/before -`,
      });
      expect(runs).toMatchObject([{ exitCode: 0, result: { status: 'ok', changed: false } }]);
      expect(runs[0]?.output).toContain(`nothing to do: ${request} grants nothing to ${empId.toLowerCase()}\n`);
      expect(after).toBe('');
    });

    test('leaves groups alone that somebody else has given', async () => {
      const { after } = await host.provisionAll([revoke('E136', 'lark.A')], {
        before: `
        ${provisionCommand(...grant('E136', 'devops', 'lark.A'))}; ${provisionCommand(...grant('E136', 'analyst', 'lark.B'))}
        usermod -a -G audio e136`,
        after: 'id -nG e136 | tr " " "\\n" | sort | xargs',
      });
      expect(after).toBe('analysts audio e136\n');
    });

    test('takes away the groups that were given, even if the role file says something else by now', async () => {
      const file = '/etc/approval-loop/roles/pilot.conf';
      const { after } = await host.provisionAll([revoke('E137', 'lark.B')], {
        before: `
        mkdir -p /etc/approval-loop/roles; echo 'groups=pilots  radar' >${file}
        ${provisionCommand(...grant('E137', 'analyst', 'lark.A'))}; ${provisionCommand(...grant('E137', 'pilot', 'lark.B'))}
        id -nG e137 >/tmp/groups; : >${file}`,
        after: 'cat /tmp/groups; id -nG e137',
      });
      expect(after).toBe('e137 analysts pilots radar\ne137 analysts\n');
    });

    test('does not make an account again that was deleted by hand', async () => {
      const { runs, after } = await host.provisionAll([revoke('E139', 'lark.A'), revoke('E139', 'lark.B')], {
        before: `
          ${provisionCommand(...grant('E139', 'analyst', 'lark.A'))}; ${provisionCommand(...grant('E139', 'devops', 'lark.B'))}
          userdel -r e139`,
        after: 'id e139 2>&1; ls /home | grep e139; tail -n +3 /var/lib/approval-loop/accounts/e139 | head -n 1',
      });
      expect(runs).toMatchObject([{ exitCode: 0, result: { groups: ['developers', 'devops'] } }, { exitCode: 0 }]);
      expect(after).toMatch(/^id: .*no such user\nstate=closed\n$/);
    });

    test('closes an account even if its home was given to somebody else', async () => {
      const { runs, after } = await host.provisionAll([revoke('E138', 'lark.A')], {
        before: `${provisionCommand(...grant('E138', 'analyst', 'lark.A'))}; chown root /home/e138`,
        after: 'getent shadow e138 | cut -d: -f2,8; id -nG e138',
      });
      const reason = 'the ssh keys in /home/e138/.ssh cannot be removed';
      expect(runs).toMatchObject([{ exitCode: 8, result: { code: 'command_failed', reason, changed: true } }]);
      expect(after).toBe('!*:1\ne138\n');
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

    const HOLD_LOCK = `
      rm -f /tmp/held
      flock /var/lib/approval-loop/lock sh -c 'echo held >/tmp/held; sleep 20' &
      until [ -s /tmp/held ]; do sleep 0.05; done`;

    test('end with lock_timeout for the one that waits too long', async () => {
      const { output } = await host.shell(`${HOLD_LOCK}
        ${provisionCommand('--emp-id', 'E142', '--role', 'analyst', '--lock-wait', '1')}; echo $?`);
      expect(output).toContain('"code":"lock_timeout","reason":"another run has held the lock for 1 s"');
      expect(output).toMatch(/\n4\n$/);
    });

    test('end with interrupted for the one that is asked to stop while it waits', async () => {
      const { output } = await host.shell(`${HOLD_LOCK}
        ${provisionCommand('--emp-id', 'E143', '--role', 'analyst', '--lock-wait', '1')} >/tmp/stopped & run=$!
        until grep -qs flock "/proc/$(cut -d' ' -f1 "/proc/$run/task/$run/children")/comm"; do :; done
        kill -TERM $run
        wait $run
        echo $?
        tail -n 1 /tmp/stopped`);
      expect(output).toMatch(
        /^9\nPROVISION_RESULT .*"code":"interrupted","reason":"stopped by a signal; run it again",/,
      );
    });
  });
});
