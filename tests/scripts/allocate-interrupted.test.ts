import { describeAsRoot } from '../local/instance/open-instance.ts';
import { allocateCommand, type ProvisionHost, provisionCommand, startProvisionHost } from './start-provision-host.ts';

const ask = (owner: string, size: string, ...more: string[]) =>
  allocateCommand('--owner', owner, '--size', size, '--expires=dG9kYXk=', '--request=dingtalk.A1', ...more);
const ALLOCATE = ask('E1', '10G');
const REVOKE = allocateCommand('--revoke', '--owner=E1', '--request=dingtalk.A1');

/**
 * A program in front of every command by which the script changes something: it counts, and at the number in /run/at it
 * sends the signal in /run/signal to the script instead of running the command.
 */
const PRETEND = `
  mkdir -p /srv; chmod 755 /srv; rm -rf /srv/workspaces
  echo 0 >/run/at; echo 0 >/run/count
  cat >/usr/local/sbin/shim <<'EOF'
#!/bin/sh
PATH=/usr/sbin:/usr/bin:/sbin:/bin
read -r count </run/count
read -r at </run/at
echo $((count + 1)) >/run/count
[ ! -e /run/descriptors ] || ls -l /proc/self/fd >>/run/descriptors
if [ $((count + 1)) = "$at" ]; then
  read -r signal </run/signal
  kill -s "$signal" "$(cat /run/pid)" "$PPID"
  exit 1
fi
exec "\${0##*/}" "$@"
EOF
  printf '#!/bin/sh\\necho overlay 0 0 107374182400 0%% /\\n' >/usr/local/sbin/df
  chmod 755 /usr/local/sbin/*
  for command in mkdir rm mv chown chmod sync; do ln -s shim /usr/local/sbin/$command; done
  ${provisionCommand('--emp-id', 'E1', '--role', 'analyst')}`;

/** `stop_at NUMBER SIGNAL COMMAND` stops before the change of that number; there is none of number 0. */
const FUNCTIONS = `
  fresh() { /bin/rm -rf /srv/workspaces /var/lib/approval-loop/workspaces; }
  save() {
    /bin/rm -rf /root/srv /root/state
    /bin/cp -a /srv/workspaces /root/srv; /bin/cp -a /var/lib/approval-loop/workspaces /root/state
  }
  restore() {
    fresh
    [ ! -d /root/srv ] || /bin/cp -a /root/srv /srv/workspaces
    [ ! -d /root/state ] || /bin/cp -a /root/state /var/lib/approval-loop/workspaces
  }
  stop_at() {
    echo 0 >/run/count; echo "$1" >/run/at; echo "$2" >/run/signal
    sh -c "echo \\$\\$ >/run/pid; exec $3" >/run/output 2>&1
  }
  snapshot() {
    find /srv/workspaces /var/lib/approval-loop/workspaces -printf '%p %m %u:%g\\n' | sort
    cat /var/lib/approval-loop/workspaces/*
  }`;

const stateOf = (mode: string, holder: string, state: string) => [
  '/srv/workspaces 711 root:root',
  `/srv/workspaces/e1-215d661b ${mode} ${holder}:${holder}`,
  '/var/lib/approval-loop/workspaces 700 root:root',
  '/var/lib/approval-loop/workspaces/e1-215d661b 600 root:root',
  ...['version=1', `state=${state}`, 'owner=E1', 'size=10G', 'expires=today', 'request=dingtalk.A1'],
  'project=1000000001',
];
const OPEN = stateOf('2770', 'e1', 'open');
const REVOKED = stateOf('700', 'root', 'revoked');

describeAsRoot('allocate.sh, interrupted or not alone', () => {
  let host: ProvisionHost;
  beforeAll(async () => {
    host = await startProvisionHost();
    expect(await host.shell(PRETEND)).toMatchObject({ exitCode: 0 });
  }, 60_000);
  afterAll(() => host.close());

  const SCENARIOS: [name: string, before: string, command: string, kills: number, end: string[]][] = [
    ['a first run', 'fresh', ALLOCATE, 9, OPEN],
    ['a larger size', `fresh; ${ask('E1', '1G')}`, ALLOCATE, 4, OPEN],
    ['a revoke', `fresh; ${ALLOCATE}`, REVOKE, 6, REVOKED],
    ['a workspace that opens again', `fresh; ${ALLOCATE}; ${REVOKE}`, ALLOCATE, 6, OPEN],
  ];
  test.each(SCENARIOS)(
    'a second run repairs %s, wherever the first was killed',
    async (_name, before, command, kills, end) => {
      const { output } = await host.shell(`
      ${FUNCTIONS}
      { stop_at 0 TERM true; ${before}; save; } >/dev/null 2>&1
      number=0
      while :; do
        number=$((number + 1))
        restore
        if stop_at $number KILL "${command}"; then break; fi
        stop_at 0 TERM "${command}"; echo "<$number $?"; snapshot
      done 2>/dev/null
      echo "<whole"; snapshot`);
      const states = output.split('<').slice(1);
      const repaired = Array.from({ length: kills }, (_, index) => [`${index + 1} 0`, ...end, ''].join('\n'));
      expect(states).toEqual([...repaired, ['whole', ...end, ''].join('\n')]);
    },
  );

  test('says that it was interrupted by a signal, and the next run goes on', async () => {
    const { output } = await host.shell(`
      ${FUNCTIONS}
      fresh; stop_at 7 TERM "${ALLOCATE}"; echo $?; tail -n 1 /run/output
      stop_at 0 TERM "${ALLOCATE}"; echo $?; snapshot`);
    expect(output.split('\n')).toEqual([
      '9',
      'PROVISION_RESULT {"version":1,"action":"allocate","status":"error","code":"interrupted","reason":"stopped by a signal; run it again","workspace":"e1-215d661b","path":"/srv/workspaces/e1-215d661b","owner":"E1","size":"10G","expires":"today","enforced":null,"changed":true,"host":"host-1","request":"dingtalk.A1"}',
      ...['0', ...OPEN, ''],
    ]);
  });

  test('replaces half a record that a run left beside the record', async () => {
    const { output } = await host.shell(`
      ${FUNCTIONS}
      stop_at 0 TERM true; fresh; mkdir -m 0700 /var/lib/approval-loop/workspaces
      echo version= >/var/lib/approval-loop/workspaces/.new
      ${ALLOCATE} >/dev/null; snapshot`);
    expect(output.split('\n')).toEqual([...OPEN, '']);
  });

  const AT_ONCE: [name: string, other: string, changed: string[], projects: string[]][] = [
    ['of one request, one makes the workspace', ALLOCATE, ['"changed":false', '"changed":true'], ['1000000001']],
    [
      'of two requests, each has its own number',
      ask('E2', '1G'),
      ['"changed":true', '"changed":true'],
      ['1000000001', '1000000002'],
    ],
  ];
  test.each(AT_ONCE)('of two runs at once %s', async (_name, other, changed, projects) => {
    const { output } = await host.shell(`
      ${FUNCTIONS}
      stop_at 0 TERM true; fresh
      { ${ALLOCATE}; echo "ended $?"; } >/tmp/one & { ${other}; echo "ended $?"; } >/tmp/other & wait
      grep -h ended /tmp/one /tmp/other
      grep -oh '"changed":[a-z]*' /tmp/one /tmp/other | sort
      sed -n s/project=//p /var/lib/approval-loop/workspaces/* | sort`);
    expect(output.split('\n')).toEqual(['ended 0', 'ended 0', ...changed, ...projects, '']);
  });

  test('waits for the lock that provision.sh takes too, but not for ever', async () => {
    const { output } = await host.shell(`
      exec 8>>/var/lib/approval-loop/lock; flock 8
      ${ask('E1', '10G', '--lock-wait=1')}; echo $?`);
    expect(output).toContain('failed (lock_timeout): another run has held the lock for 1 s\n');
    expect(output).toMatch(/"code":"lock_timeout".*\n4\n$/);
  });

  test('gives the lock to none of the programs that it starts', async () => {
    const { output } = await host.shell(`
      ${FUNCTIONS}
      stop_at 0 TERM true; fresh; echo >/run/descriptors; ${ALLOCATE} >/dev/null
      grep -c ' 1 -> ' /run/descriptors; grep -c approval-loop/lock /run/descriptors`);
    expect(output).toBe('9\n0\n');
  });
});
