import { describeAsRoot } from '../local/instance/open-instance.ts';
import { allocateCommand, type ProvisionHost, provisionCommand, startProvisionHost } from './start-provision-host.ts';

const UNTIL = Buffer.from('2026-12-31 项目结束 🎉').toString('base64');
const ask = (owner: string, size: string, ...more: string[]) =>
  allocateCommand('--owner', owner, '--size', size, '--expires', UNTIL, '--request', 'dingtalk.A1', ...more);
const revoke = (owner: string, request = 'dingtalk.A1') =>
  allocateCommand('--revoke', '--owner', owner, '--request', request);

/** All that the script could change: names, modes, owners, times and contents. */
const STATE = `{ find /srv /var/lib/approval-loop -printf '%p %y %m %u:%g %T@\\n' | sort
  cat /var/lib/approval-loop/workspaces/*; }`;

/** Programs that say what the test wants, and note how they were called. */
const PRETEND = `
  mkdir -p /srv /usr/local/sbin; chmod 755 /srv; rm -rf /srv/workspaces
  program() { printf '#!/bin/sh\\n%s\\n' "$2" >/usr/local/sbin/$1; chmod 755 /usr/local/sbin/$1; }
  program df 'echo "overlay 0 0 $(cat /run/free) 0% /"'
  program findmnt 'cat /run/mount'
  for name in xfs_quota chattr setquota; do
    program $name 'echo "\${0##*/} $*" >>/run/calls; [ ! -e /run/broken ]'
  done`;

describeAsRoot('allocate.sh', () => {
  let host: ProvisionHost;
  beforeAll(async () => {
    host = await startProvisionHost();
    expect(await host.shell(PRETEND)).toMatchObject({ exitCode: 0 });
  }, 60_000);
  afterAll(() => host.close());

  /** Nothing is allotted yet, 100 GiB are free, and there are no quotas. */
  const FRESH = `
    rm -rf /srv/workspaces /var/lib/approval-loop/workspaces /run/calls /run/broken
    echo 107374182400 >/run/free; echo "xfs rw,noquota /srv" >/run/mount`;

  test('makes a folder and its record, and reports them', async () => {
    const { runs, after } = await host.runAll([ask('E123', '10G')], {
      before: FRESH,
      after: `
        stat -c '%n %A %U:%G' /srv/workspaces /srv/workspaces/* /var/lib/approval-loop/workspaces
        cd /var/lib/approval-loop/workspaces && stat -c '%n %A %U:%G' * && cat *`,
    });
    expect(runs[0]?.exitCode).toBe(0);
    expect(runs[0]?.output.split('\n')).toEqual([
      'recorded the workspace e123-215d661b: 10G for E123, open',
      'made /srv/workspaces',
      'made /srv/workspaces/e123-215d661b',
      'the size of e123-215d661b is not enforced: /srv/workspaces has no project quotas',
      'gave /srv/workspaces/e123-215d661b to root:root with mode 2770',
      String.raw`PROVISION_RESULT {"version":1,"action":"allocate","status":"ok","workspace":"e123-215d661b","path":"/srv/workspaces/e123-215d661b","owner":"E123","size":"10G","expires":"2026-12-31 \u9879\u76ee\u7ed3\u675f \ud83c\udf89","enforced":false,"changed":true,"host":"host-1","request":"dingtalk.A1"}`,
      '',
    ]);
    expect(after.split('\n')).toEqual([
      '/srv/workspaces drwx--x--x root:root',
      '/srv/workspaces/e123-215d661b drwxrws--- root:root',
      '/var/lib/approval-loop/workspaces drwx------ root:root',
      'e123-215d661b -rw------- root:root',
      ...['version=1', 'state=open', 'owner=E123', 'size=10G', 'expires=2026-12-31 项目结束 🎉'],
      ...['request=dingtalk.A1', 'project=1000000001', ''],
    ]);
  });

  test('changes nothing at the second run of a request, nor at its retry, even on a full disk', async () => {
    const retry = ask('E1', '10G').replace('dingtalk.A1', 'dingtalk.A1.retry-1');
    const { runs, after } = await host.runAll([ask('E1', '10G'), retry], {
      before: `${FRESH}; ${ask('E1', '10G')}; echo 0 >/run/free; ${STATE} >/tmp/before`,
      after: `${STATE} | diff /tmp/before -`,
    });
    expect(runs).toMatchObject([
      { exitCode: 0, result: { changed: false, workspace: 'e1-215d661b', request: 'dingtalk.A1' } },
      { exitCode: 0, result: { changed: false, workspace: 'e1-215d661b', request: 'dingtalk.A1.retry-1' } },
    ]);
    expect(runs[0]?.output).toContain('nothing to do: E1 has the workspace e1-215d661b\n');
    expect(after).toBe('');
  });

  test('takes the access away and keeps the data, and gives it back', async () => {
    const look = `stat -c '%a %U:%G' /srv/workspaces/*; cat /srv/workspaces/*/data
      grep state= /var/lib/approval-loop/workspaces/*`;
    const { runs, after } = await host.runAll(
      [revoke('E1', 'dingtalk.A1.revoke'), revoke('E1'), look, ask('E1', '10G'), look],
      { before: `${FRESH}; ${ask('E1', '10G')}; echo data >/srv/workspaces/e1-215d661b/data` },
    );
    expect(runs).toMatchObject([
      { exitCode: 0, result: { action: 'revoke', size: '10G', enforced: null, changed: true } },
      { exitCode: 0, result: { action: 'revoke', expires: '2026-12-31 项目结束 🎉', changed: false } },
      { output: '700 root:root\ndata\nstate=revoked\n' },
      { exitCode: 0, result: { action: 'allocate', changed: true } },
      { output: '2770 root:root\ndata\nstate=open\n' },
    ]);
    expect(runs[1]?.output).toMatch(/^nothing to do: the workspace e1-215d661b is revoked\n/);
    expect(after).toBe('');
  });

  test('revokes what was never allotted without a trace', async () => {
    const { runs, after } = await host.runAll([revoke('E1')], {
      before: FRESH,
      after: 'ls -d /srv/workspaces /var/lib/approval-loop/workspaces/* 2>/dev/null',
    });
    expect(runs).toMatchObject([{ exitCode: 0, result: { size: null, expires: null, changed: false } }]);
    expect(runs[0]?.output).toMatch(/^nothing to do: there is no workspace e1-215d661b\n/);
    expect(after).toBe('');
  });

  const MARKER = '/var/lib/approval-loop/accounts/e5';
  /** An account of provision.sh, and a copy of it to start from. */
  beforeAll(async () => {
    await host.shell(`
      ${provisionCommand('--emp-id', 'E5', '--role', 'analyst')}; cp -a ${MARKER} /root
      mkdir /root/etc; cp -a /etc/passwd /etc/shadow /etc/group /etc/gshadow /root/etc`);
  });

  const HOLDERS: [name: string, owner: string, setUp: string, holder: string][] = [
    ['the account that provision.sh made', 'E5', ':', 'e5:e5'],
    ['root, if the account is another employee’s of the same name', 'E-5', ':', 'root:root'],
    ['root, if somebody else made the account', 'E6', 'useradd e6', 'root:root'],
    [
      'root, if the marker is of an account that is being made',
      'E5',
      `sed -i s/=open/=pending/ ${MARKER}`,
      'root:root',
    ],
    ['root, if the marker is of another uid', 'E5', `sed -i s/^uid=.*/uid=4005/ ${MARKER}`, 'root:root'],
    ['root, if the marker has no uid', 'E5', `sed -i s/^uid=.*/uid=/ ${MARKER}`, 'root:root'],
    ['root, if there is no account any more', 'E5', 'userdel e5', 'root:root'],
    [
      'root, if the account is the system’s',
      'E5',
      `usermod -u 205 e5; sed -i s/^uid=.*/uid=205/ ${MARKER}`,
      'root:root',
    ],
  ];
  test.each(HOLDERS)('gives the folder to %s', async (_name, owner, setUp, holder) => {
    const { runs, after } = await host.runAll([ask(owner, '1G')], {
      before: `${FRESH}; cp -a /root/etc/. /etc; cp -a /root/e5 ${MARKER}; ${setUp}`,
      after: `stat -c '%a %U:%G' /srv/workspaces/*`,
    });
    expect(runs).toMatchObject([{ exitCode: 0 }]);
    expect(after).toBe(`2770 ${holder}\n`);
  });

  test.each([
    ['10G', '10737418240', 0, 'made'],
    ['10G', '10737418239', 10, 'no_space'],
    ['50G', '53687091200', 0, 'made'],
    ['50G', '53687091199', 10, 'no_space'],
    ['9999G', '10736344498176', 0, 'made'],
    ['9999G', '10736344498175', 10, 'no_space'],
  ])('asked for %s where %s bytes are free ends with %i', async (size, free, exitCode, end) => {
    const { runs, after } = await host.runAll([ask('E1', size)], {
      before: `${FRESH}; echo ${free} >/run/free`,
      after: 'ls /srv/workspaces /var/lib/approval-loop/workspaces 2>/dev/null',
    });
    const reason = `${size} is asked for, but only ${free} bytes are free`;
    const refused = { status: 'error', code: 'no_space', reason, changed: false };
    expect(runs).toMatchObject([{ exitCode, result: end === 'made' ? { changed: true } : refused }]);
    expect(after).toBe(
      end === 'made'
        ? '/srv/workspaces:\ne1-215d661b\n\n/var/lib/approval-loop/workspaces:\ne1-215d661b\n'
        : '/var/lib/approval-loop/workspaces:\n',
    );
  });

  const XFS = [
    'xfs_quota -x -c project -s -d 0 -p /srv/workspaces/e1-215d661b 1000000001 -c limit -p bhard=10485760k 1000000001 /srv',
  ];
  const CHATTR = 'chattr -p 1000000001 +P /srv/workspaces/e1-215d661b';
  const QUOTAS: [mount: string, setUp: string, enforced: boolean, calls: string[]][] = [
    ['xfs rw,relatime,inode64,prjquota /srv', ':', true, XFS],
    ['xfs rw,prjquota,nodev /srv', ':', true, XFS],
    ['xfs rw,prjquota /srv', 'touch /run/broken', false, XFS],
    ['xfs rw,relatime,noquota /srv', ':', false, []],
    ['xfs rw,pqnoenforce /srv', ':', false, []],
    ['xfs rw,usrquota,xprjquota /srv', ':', false, []],
    ['ext4 rw,relatime,prjquota /', ':', true, [CHATTR, 'setquota -P 1000000001 0 10485760 0 0 /']],
    ['ext4 rw,prjquota /', 'touch /run/broken', false, [CHATTR]],
    ['ext4 rw,relatime /prjquota', ':', false, []],
    ['overlay rw,prjquota /', ':', false, []],
    ['', ':', false, []],
  ];
  test.each(QUOTAS)('on "%s" (after %s) the size is enforced: %p', async (mount, setUp, enforced, calls) => {
    const { runs, after } = await host.runAll([ask('E1', '10G')], {
      before: `${FRESH}; echo "${mount}" >/run/mount; ${setUp}`,
      after: 'cat /run/calls 2>/dev/null',
    });
    expect(runs).toMatchObject([{ exitCode: 0, result: { enforced, changed: true } }]);
    expect(after).toBe(calls.map((call) => `${call}\n`).join(''));
  });

  test('takes a new size and a new number for every workspace', async () => {
    const { runs, after } = await host.runAll([ask('E1', '1G'), ask('E2', '1G'), ask('E1', '50G')], {
      before: FRESH,
      after: 'cd /var/lib/approval-loop/workspaces; grep -E "size|project" *',
    });
    expect(runs).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }, { exitCode: 0, result: { changed: true } }]);
    expect(after.split('\n')).toEqual([
      ...['e1-215d661b:size=50G', 'e1-215d661b:project=1000000001'],
      ...['e2-215d661b:size=1G', 'e2-215d661b:project=1000000002', ''],
    ]);
  });
});
