import { describeAsRoot } from '../local/instance/open-instance.ts';
import { type ProvisionHost, provisionCommand, quoteForShell, startProvisionHost } from './start-provision-host.ts';

/**
 * An apt repository without a network. `tool-daemon` leaves a process behind, as a service does; `tool-broken` cannot
 * be configured.
 */
const MAKE_REPOSITORY = `
  set -e
  mkdir -p /opt/repository /etc/approval-loop/roles
  package() {
    mkdir -p /opt/$1/DEBIAN /opt/$1/opt/$1.d
    printf 'Package: %s\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: nobody <n@example.com>\\nDescription: %s\\n' $1 $1 \
      >/opt/$1/DEBIAN/control
    printf '#!/bin/sh\\n%s\\n' "$2" >/opt/$1/DEBIAN/postinst
    chmod 755 /opt/$1/DEBIAN/postinst
    dpkg-deb -b /opt/$1 /opt/repository/$1.deb
    { dpkg-deb -f /opt/repository/$1.deb; echo "Filename: ./$1.deb"; echo "Size: $(stat -c %s /opt/repository/$1.deb)"
      echo "SHA256: $(sha256sum /opt/repository/$1.deb | cut -d' ' -f1)"; echo; } >>/opt/repository/Packages
  }
  package tool-a 'umask >/opt/tool-a.d/umask'
  package tool-b ':'
  package tool-daemon 'setsid sleep 300 & echo $! >/opt/tool-daemon.d/pid'
  package tool-broken 'echo 坏了; exit 1'
  rm -rf /etc/apt/sources.list.d/*
  echo 'deb [trusted=yes] file:/opt/repository ./' >/etc/apt/sources.list`;

const provision = (empId: string, name: string) => ['--emp-id', empId, '--role', name];

describeAsRoot('provision.sh and roles', () => {
  let host: ProvisionHost;
  const role = (name: string, text: string) => host.sendFile(`/etc/approval-loop/roles/${name}.conf`, text);
  beforeAll(async () => {
    host = await startProvisionHost();
    expect(await host.shell(MAKE_REPOSITORY)).toMatchObject({ exitCode: 0 });
  }, 60_000);
  afterAll(() => host.close());

  describe('the packages of a role', () => {
    test('are installed if they are missing, and asked for no second time', async () => {
      await role('coder', '# what a coder needs\n\npackages=tool-b  tool-a\ngroups=coders\npackages=tool-a\n');
      const command = provision('E400', 'coder');
      const { runs, after } = await host.provisionAll([command, command], {
        after: 'cat /opt/tool-a.d/umask; id -nG e400; stat -c "%A" /opt/tool-b.d',
      });
      const result = { status: 'ok', groups: ['coders'], packages: ['tool-a', 'tool-b'] };
      expect(runs).toMatchObject([
        { exitCode: 0, result: { ...result, changed: true } },
        { exitCode: 0, result: { ...result, changed: false } },
      ]);
      expect(runs[0]?.output).toMatch(/^apt-get installs: tool-a tool-b\s*\ninstalled the packages\n/);
      expect(runs[1]?.output).toMatch(/^nothing to do: /);
      expect(after).toBe('0022\ne400 coders\ndrwxr-xr-x\n');
    }, 30_000);

    test('may start a daemon, which does not keep the lock', async () => {
      await role('operator', 'packages=tool-daemon\n');
      const { runs, after } = await host.provisionAll(
        [provision('E401', 'operator'), [...provision('E402', 'operator'), '--lock-wait', '1']],
        {
          after: `
        pid=$(cat /opt/tool-daemon.d/pid)
        kill -0 "$pid" && echo alive
        ls -l /proc/$pid/fd | grep -c approval-loop/lock`,
        },
      );
      expect(runs).toMatchObject([{ exitCode: 0 }, { exitCode: 0 }]);
      expect(after).toBe('alive\n0\n');
    }, 30_000);

    test('that a killed run left half installed are finished', async () => {
      await role('half', 'packages=tool-a tool-b\n');
      const { runs, after } = await host.provisionAll([provision('E403', 'half')], {
        before: 'dpkg --purge tool-a tool-b; dpkg --unpack /opt/repository/tool-a.deb',
        after: 'dpkg -l tool-a tool-b | grep -c ^ii',
      });
      expect(runs).toMatchObject([{ exitCode: 0, result: { packages: ['tool-a', 'tool-b'], changed: true } }]);
      expect(after).toBe('2\n');
    }, 30_000);

    test.each([
      ['E404', 'cannot be configured', 'tool-broken', '  | ???????'],
      ['E405', 'do not exist', 'tool-nowhere', '  | E: Unable to locate package tool-nowhere'],
    ])(
      'of %s that %s end the run before there is an account',
      async (empId, _name, name, line) => {
        await role('unlucky', `packages=${name}\n`);
        const { runs, after } = await host.provisionAll([provision(empId, 'unlucky')], {
          after: `
        id ${empId.toLowerCase()} 2>&1; ls /var/lib/approval-loop/accounts/${empId.toLowerCase()} 2>/dev/null
        dpkg --purge tool-broken >/dev/null 2>&1`,
        });
        const reason = `apt-get did not install ${name}; see /var/lib/approval-loop/packages.log`;
        expect(runs).toMatchObject([{ exitCode: 5, result: { code: 'packages_failed', reason, changed: false } }]);
        expect(runs[0]?.output).toContain(line);
        expect(after).toContain('no such user');
      },
      30_000,
    );

    test.each([
      ['dnf', 'E406'],
      ['yum', 'E407'],
    ])('are installed with %s where there is no apt-get', async (manager, empId) => {
      await role('coder', 'packages=git-core vim\n');
      const { runs, after } = await host.provisionAll([provision(empId, 'coder')], {
        before: `
        mkdir -p /opt/rpms
        for path in /usr/local/bin /usr/bin; do rm -f $path/apt-get $path/dnf $path/yum; done
        printf '#!/bin/sh\\n[ -e "/opt/rpms/$3" ]\\n' >/usr/local/bin/rpm
        printf '#!/bin/sh\\necho "$0 $*" >/opt/called; shift 2; for name; do touch "/opt/rpms/$name"; done\\n' \
          >/usr/local/bin/${manager}
        chmod 755 /usr/local/bin/rpm /usr/local/bin/${manager}; rm -rf /opt/rpms/*; touch /opt/rpms/vim`,
        after: 'cat /opt/called; apt-get 2>/dev/null && echo "apt-get is still there"',
      });
      expect(runs).toMatchObject([{ exitCode: 0, result: { packages: ['git-core', 'vim'], changed: true } }]);
      expect(after).toBe(`/usr/local/bin/${manager} -y install git-core\n`);
    });

    test('fail where there is no package manager, and a role without packages does not ask for one', async () => {
      const { runs } = await host.provisionAll([provision('E408', 'coder'), provision('E408', 'analyst')], {
        before: 'rm -f /usr/local/bin/* /usr/bin/apt-get /usr/bin/dnf /usr/bin/yum',
      });
      expect(runs).toMatchObject([
        { exitCode: 5, result: { reason: 'this host has none of apt-get, dnf, yum' } },
        { exitCode: 0, result: { packages: [] } },
      ]);
    });
  });

  describe('a role file', () => {
    const FILE = '/etc/approval-loop/roles/strange.conf';
    const notAllowed = (name: string) => `${FILE} has a name that is not allowed: '${name}'`;
    const unsafe = `${FILE} and its folder must be root's and writable by nobody else`;

    test.each([
      ['a package that would be removed', 'packages=vim-', ':', notAllowed('vim-')],
      ['a package that is an option', 'packages=-y', ':', notAllowed('-y')],
      ['a package that is a command', 'packages=$(touch /x)', ':', notAllowed('$(touch')],
      ['a package in 中文', 'packages=包', ':', notAllowed('???')],
      ['a group that is an option', 'groups=--root=/', ':', notAllowed('--root=/')],
      ['groups between commas', 'groups=a,b', ':', notAllowed('a,b')],
      ['line ends of Windows', 'groups=a\r', ':', notAllowed('a?')],
      ['an unknown line', 'sudo=yes', ':', `${FILE} has a line that is not understood: 'sudo=yes'`],
      ['shell text', 'touch /x', ':', `${FILE} has a line that is not understood: 'touch /x'`],
      ['a mode that lets others write', 'groups=a', `chmod 664 ${FILE}`, unsafe],
      ['another owner', 'groups=a', `chown 4000 ${FILE}`, unsafe],
      ['a link in its place', 'groups=a', `mv ${FILE} /root/role; ln -s /root/role ${FILE}`, unsafe],
      ['a folder that others write to', 'groups=a', 'chmod 777 /etc/approval-loop/roles', unsafe],
    ])('with %s is refused before anything changes', async (_name, text, before, reason) => {
      const { runs, after } = await host.provisionAll([provision('E420', 'strange')], {
        before: `
          rm -f ${FILE}; chmod 755 /etc/approval-loop/roles
          printf '%s\\n' ${quoteForShell(text)} >${FILE}; chmod 644 ${FILE}; ${before}`,
        after: 'getent passwd e420; ls -d /x /var/lib/approval-loop/accounts/e420 2>/dev/null',
      });
      expect(runs).toMatchObject([{ exitCode: 6, result: { code: 'role_invalid', reason, changed: false } }]);
      expect(after).toBe('');
    });

    test('takes the place of a built-in role, and may be empty', async () => {
      await host.shell(`rm -f ${FILE}; chmod 755 /etc/approval-loop/roles`);
      await role('devops', '');
      expect(await host.shell(`${provisionCommand(...provision('E421', 'devops'))} >/dev/null; id -nG e421`)).toEqual({
        exitCode: 0,
        output: 'e421\n',
      });
    });
  });
});
