import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { describeAsRoot } from './open-instance.ts';

const NOBODY = 65534;
const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];

const canMakeUserNamespaces = () =>
  spawnSync('setpriv', [...asNobody, 'unshare', '--map-root-user', '--mount', '--pid', '--fork', '--net', 'true'])
    .status === 0;

describeAsRoot('an instance of a normal user', () => {
  const folder = mkdtempSync(join(tmpdir(), 'instance-user-'));
  const program = join(folder, 'instance-process.cjs');
  const directory = join(folder, 'instance');
  const run = (script: string): string =>
    execFileSync('setpriv', [...asNobody, process.execPath, program, directory, script], {
      encoding: 'utf8',
      cwd: '/',
    });

  beforeAll(() => {
    chmodSync(folder, 0o755);
    mkdirSync(directory);
    chownSync(directory, NOBODY, NOBODY);
    const entryPoints = [join(__dirname, 'instance-process.ts')];
    buildSync({ entryPoints, outfile: program, bundle: true, platform: 'node', logLevel: 'silent' });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('runs scripts as root of its own and keeps the users they make', () => {
    if (!canMakeUserNamespaces()) return;
    expect(run('id -un; useradd li; groupadd ops; passwd --lock li >/dev/null; echo 你好🚀')).toBe(
      'root\n你好🚀\n{"end":"exited","exitCode":0}\n',
    );
    expect(run('id -un li; exit 3')).toBe('li\n{"end":"exited","exitCode":3}\n');
    expect(readFileSync('/etc/passwd', 'utf8')).not.toMatch(/^li:/m);
  });

  test('gives files to root alone where it is the only user, and says when there is no file', () => {
    if (!canMakeUserNamespaces()) return;
    expect(run('useradd wu; touch /srv/a; chown -h 1234:wu /srv/a && chgrp -R wu /srv/a && stat -c %u:%g /srv/a')).toBe(
      '0:0\n{"end":"exited","exitCode":0}\n',
    );
    expect(run('chown wu:wu /srv/missing 2>/dev/null')).toBe('{"end":"exited","exitCode":1}\n');
  });

  test('has a folder of its own for programs that come before the host’s', () => {
    if (!canMakeUserNamespaces()) return;
    run("printf '#!/bin/sh\\necho mine\\n' >/usr/local/sbin/useradd; chmod 755 /usr/local/sbin/useradd");
    expect(run('useradd x')).toBe('mine\n{"end":"exited","exitCode":0}\n');
    expect(existsSync('/usr/local/sbin/useradd')).toBe(false);
  });

  test.each([
    ['write to the host’s programs', 'touch /usr/bin/evil'],
    ['mount', 'mount -t tmpfs x /mnt'],
    ['make a device', 'mknod /var/disk b 254 0'],
    ['see the host’s password hashes', 'grep "[$]" /etc/shadow'],
    ['see its own folder on the host', `ls ${directory}`],
    ['reach the network', 'ip route get 8.8.8.8'],
    ['set a kernel parameter', 'echo x >/proc/sys/kernel/core_pattern'],
  ])('does not let a script %s', (_, command) => {
    if (!canMakeUserNamespaces()) return;
    expect(run(`(${command}) >/dev/null 2>&1 && echo done || echo refused`)).toContain('refused\n');
    expect(existsSync('/usr/bin/evil')).toBe(false);
  });
});
