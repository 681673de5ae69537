import { describeAsRoot } from '../local/instance/open-instance.ts';
import { encodeKey, FIRST_KEY, SECOND_KEY } from './public-keys.ts';
import { type ProvisionHost, provisionCommand, startProvisionHost } from './start-provision-host.ts';

const e1 = (...more: string[]) => provisionCommand('--emp-id', 'E1', ...more);
const GRANT = e1('--role', 'developer', '--request', 'lark.A', '--ssh-key', encodeKey(FIRST_KEY));
const OTHER_GRANT = e1('--role', 'analyst', '--request', 'lark.A', '--ssh-key', encodeKey(SECOND_KEY));
const LATER_GRANT = e1('--role', 'analyst', '--request', 'lark.B');
const REVOKE = e1('--revoke', '--request', 'lark.A');

/**
 * Puts a shim before every command by which the script changes something: it counts, and at the number in
 * /run/kill/at it kills the script (and whoever called it) instead of running the command. Between two of these
 * commands nothing changes, so killing before each of them leaves every state that a kill can leave.
 */
const INSTALL_SHIM = `
  /bin/mkdir -p -m 0777 /run/kill
  for file in at count pid; do echo 0 >/run/kill/$file; /bin/chmod 666 /run/kill/$file; done
  cat >/usr/local/sbin/shim <<'EOF'
#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
read -r count </run/kill/count
read -r at </run/kill/at
count=$((count + 1))
echo "$count" >/run/kill/count
if [ "$count" = "$at" ]; then
  read -r pid </run/kill/pid
  kill -9 "$pid" "$PPID" 2>/dev/null
  exit 1
fi
exec "\${0##*/}" "$@"
EOF
  /bin/chmod 755 /usr/local/sbin/shim
  for command in useradd usermod userdel groupadd groupdel gpasswd mkdir chmod chown cp mv rm setpriv; do
    ln -sf shim /usr/local/sbin/$command
  done`;

const FUNCTIONS = `
  accounts='passwd shadow group gshadow subuid subgid'
  clear() {
    ! id e1 >/dev/null 2>&1 || /usr/sbin/userdel e1
    /bin/rm -rf /home/* /home/.[!.]* /var/lib/approval-loop
  }
  save() {
    /bin/rm -rf /root/base
    /bin/mkdir -p /root/base/etc /root/base/home /root/base/state
    for file in $accounts; do [ ! -e /etc/$file ] || /bin/cp -a /etc/$file /root/base/etc; done
    /bin/cp -a /home/. /root/base/home
    [ ! -d /var/lib/approval-loop ] || /bin/cp -a /var/lib/approval-loop /root/base/state
  }
  restore() {
    /bin/rm -rf /home/* /home/.[!.]* /var/lib/approval-loop
    /bin/cp -a /root/base/etc/. /etc
    /bin/cp -a /root/base/home/. /home
    /bin/cp -a /root/base/state/. /var/lib
  }
  # run_with_kill NUMBER COMMAND: kills before the change of that number; there is none of number 0.
  run_with_kill() {
    echo 0 >/run/kill/count
    echo "$1" >/run/kill/at
    sh -c "echo \\$\\$ >/run/kill/pid; exec $2" >/run/output 2>&1
  }
  # The account and everything around it, without times.
  snapshot() {
    for file in $accounts; do
      echo "$file:"
      grep -E '^(e1|developers|devops|analysts):' /etc/$file | sed -E 's/:[0-9]{5}:0:99999:/:day:0:99999:/'
    done
    find /home /var/lib/approval-loop -printf '%p %y %m %U:%G\\n' | sort
    sed -E 's/[0-9-]{10}T[0-9:]{8}Z/time/' /var/lib/approval-loop/accounts/*
    cat /home/e1/.ssh/authorized_keys 2>/dev/null
    :
  }`;

describeAsRoot('provision.sh, killed', () => {
  let host: ProvisionHost;
  beforeAll(async () => {
    host = await startProvisionHost();
  }, 60_000);
  afterAll(() => host.close());

  const SCENARIOS: [name: string, before: string[], command: string, leastKills: number][] = [
    ['a first grant', [], GRANT, 16],
    ['a grant that changes', [GRANT], OTHER_GRANT, 6],
    ['the last revoke', [GRANT], REVOKE, 6],
    ['a grant that opens the account again', [GRANT, REVOKE], LATER_GRANT, 4],
  ];

  test.each(SCENARIOS)(
    'a second run repairs %s, wherever the first was killed',
    async (_name, before, command, leastKills) => {
      const { output } = await host.shell(`
    ${FUNCTIONS}
    ${INSTALL_SHIM}
    clear
    ${before.map((text) => `${text} >/dev/null`).join('\n')}
    save
    run_with_kill 0 "${command}"
    echo "<whole $? 0>"
    snapshot
    number=1
    while restore && ! run_with_kill $number "${command}"; do
      run_with_kill 0 "${command}"
      echo "<repaired $? $number>"
      snapshot
      number=$((number + 1))
    done
    /bin/rm /usr/local/sbin/*`);
      const ends = [...output.matchAll(/<(\w+) (\d+) (\d+)>\n([^<]*)/g)].map(([, kind, exitCode, number, state]) => ({
        number: Number(number),
        kind,
        exitCode,
        state,
      }));
      const whole = ends[0]?.state;
      expect(whole).toContain('/var/lib/approval-loop/accounts/e1 f 600 0:0');
      expect(ends.length).toBeGreaterThan(leastKills);
      expect(ends.slice(1)).toEqual(
        ends.slice(1).map(({ number }) => ({ number, kind: 'repaired', exitCode: '0', state: whole })),
      );
    },
    180_000,
  );

  const PENDING = `
  mkdir -m 0700 /var/lib/approval-loop /var/lib/approval-loop/accounts
  (umask 077; printf 'version=1\\nemp_id=E1\\nstate=pending\\nuid=\\n' >/var/lib/approval-loop/accounts/e1)`;

  const HALF_MADE: [name: string, setUp: string][] = [
    ['a line in passwd alone', 'echo "e1:x:4001:4001:approval-loop E1:/home/e1:/bin/bash" >>/etc/passwd'],
    ['a line in group alone', 'groupadd e1'],
    ['an account that the marker does not know of yet', "useradd -M -U -c 'approval-loop E1' e1"],
    ['half a home', 'mkdir /home/.e1.approval-loop; ln -s /etc/passwd /home/.e1.approval-loop/.profile'],
    ['half a marker beside the marker', 'printf "version=1\\nemp" >/var/lib/approval-loop/accounts/.new'],
  ];

  describe('a run makes the account whole', () => {
    beforeAll(async () => {
      await host.shell(`
      ${FUNCTIONS}
      clear
      save
      ${LATER_GRANT} >/dev/null
      snapshot >/root/expected`);
    });

    test.each(HALF_MADE)('that another run left with %s', async (_name, setUp) => {
      const { output } = await host.shell(`
      ${FUNCTIONS}
      restore
      ${PENDING}
      ${setUp}
      ${LATER_GRANT} >/run/output || cat /run/output
      snapshot | diff /root/expected - && echo same`);
      expect(output).toBe('same\n');
    });
  });
});
