import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeAsRoot, discardInstance, type OpenInstance, openInstance, REPOSITORY } from './open-instance.ts';

const CHROOT_BREAK = `#!/usr/bin/perl
mkdir "/srv/x"; chroot("/srv/x") or print "no chroot\\n";
chdir ".." for 1..50; chroot(".");
print join(" ", map { -e $_ ? "seen $_" : () } @ARGV, "/script", "/mask", "/old", "/instance"), "end\\n";
`;

describeAsRoot('the boundary of an instance', () => {
  let instance: OpenInstance;
  beforeAll(async () => {
    instance = await openInstance();
  });
  afterAll(() => discardInstance(instance));

  test('shows no process of the host and lets none be signalled', async () => {
    const { output } = await instance.sh(`kill -0 ${process.pid} 2>&1; kill -9 -1; ps -e -o args=`);
    expect(output).toMatch(/No such process/);
    expect(output).not.toMatch(/jest|node/);
    expect(() => process.kill(process.pid, 0)).not.toThrow();
  });

  test.each([
    ['the repository', `${REPOSITORY}/package.json`],
    ['another path to the repository', `/proc/1/root${REPOSITORY}/package.json`],
    ['the memory of init', '/proc/1/environ'],
    ['a kernel trigger', '/proc/sysrq-trigger'],
    ['kernel memory', '/proc/kcore'],
    ['a file of the host’s /run', '/run/host'],
    ['a device', '/sys/class'],
  ])('hides %s', async (_, path) => {
    expect((await instance.sh(`cat '${path}' >/dev/null 2>&1 && echo seen || echo hidden`)).output).toBe('hidden\n');
  });

  test.each(['/usr/bin/env', '/etc/passwd', '/proc/self/status'])('shows %s', async (path) => {
    expect((await instance.sh(`cat '${path}' >/dev/null 2>&1 && echo seen || echo hidden`)).output).toBe('seen\n');
  });

  test('hides its own disk’s folder on the host, also when parents are moved', async () => {
    const { output } = await instance.sh(`
      ls -d '${instance.directory}' 2>/dev/null
      mv '${REPOSITORY}/..' /moved 2>/dev/null
      find /moved '${REPOSITORY}' -path '*/local/instance/holder-script.ts' 2>/dev/null
      echo end`);
    expect(output).toBe('end\n');
  });

  test.each(['/root', '/home', '/mnt', '/media'])('has an empty %s of its own', async (path) => {
    const { output } = await instance.sh(`ls -A ${path}; touch ${path}/ours && ls -A ${path}`);
    expect(output).toBe('ours\n');
    expect(() => statSync(`${path}/ours`)).toThrow('ENOENT');
  });

  test('keeps what a script writes, deletes or changes off the host', async () => {
    const before = readFileSync('/etc/passwd', 'utf8');
    const { output } = await instance.sh(`
      echo 'evil:x:0:0::/:/bin/sh' >>/etc/passwd
      rm -rf /etc/ssl /usr/share/doc
      chmod 000 /dev/null 2>&1
      echo x >/etc/from-inside; echo x >/tmp/from-inside; echo x >/var/tmp/from-inside; echo x >/dev/shm/from-inside
      tail -n 1 /etc/passwd`);
    expect(output).toContain('Read-only file system');
    expect(output).toContain('evil:x:0:0::/:/bin/sh\n');
    expect(readFileSync('/etc/passwd', 'utf8')).toBe(before);
    expect(statSync('/etc/ssl').isDirectory()).toBe(true);
    for (const folder of ['/etc', '/tmp', '/var/tmp', '/dev/shm']) {
      expect(() => statSync(`${folder}/from-inside`)).toThrow('ENOENT');
    }
  });

  test('has no network: a port of the host is not reached', async () => {
    let connections = 0;
    const server = createServer((_, response) => void response.end('reached'));
    server.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { output } = await instance.sh(`#!/bin/bash
      (echo >/dev/tcp/127.0.0.1/${port}) 2>&1; (echo >/dev/tcp/8.8.8.8/53) 2>&1`);
    await new Promise((resolve) => server.close(resolve));
    expect(output).toContain('Connection refused');
    expect(output).toContain('Network is unreachable');
    expect(connections).toBe(0);
  });

  test.each([
    ['mount', 'mount -t tmpfs x /mnt'],
    ['uncover what is under a mount', 'umount /proc'],
    ['uncover what is under its root', 'umount -l /'],
    ['make /proc writable', 'mount -o remount,rw /proc'],
    ['set a kernel parameter', 'echo x >/proc/sys/kernel/core_pattern'],
    ['make a disk device', 'mknod /srv/disk b 254 0'],
    ['make a character device', 'mknod /srv/mem c 1 1'],
    ['become root of a new user namespace', 'unshare --user --map-root-user true'],
    ['enter init’s namespaces', 'nsenter --target 1 --mount true'],
    ['set the clock', 'date --set 2020-01-01'],
    ['rename the host', 'hostname evil'],
    ['load a module', 'modprobe loop'],
    ['raise a limit', 'ulimit -f unlimited'],
    ['write a file over its limit', 'truncate --size 2G /srv/big'],
    ['configure the network', 'ip link set lo down'],
  ])('does not let root %s', async (_, command) => {
    const { output } = await instance.sh(`(${command}) >/dev/null 2>&1 && echo done || echo refused`);
    expect(output).toMatch(/(^|\n)refused\n$/);
  });

  test('is not left by the chroot trick', async () => {
    expect((await instance.sh(CHROOT_BREAK)).output).toBe('end\n');
  });

  test('gives a script no capability that reaches past it, and no new privileges', async () => {
    const { output } = await instance.sh('grep -E "CapInh|CapPrm|CapBnd|CapAmb|NoNewPrivs" /proc/self/status');
    expect(output.replace(/\t/g, ' ').trim().split('\n')).toEqual([
      'CapInh: 0000000000000000',
      'CapPrm: 00000000a00404fb',
      'CapBnd: 00000000a00404fb',
      'CapAmb: 0000000000000000',
      'NoNewPrivs: 1',
    ]);
  });

  test('stops a fork bomb, the host and the instance stay usable', async () => {
    // Without a control group (then there is a warning) there is nothing to stop it.
    if (instance.log.length > 0) return;
    const { result, output } = await instance.sh('b() { b | b & b; }; b; sleep 60', { timeoutMs: 2000 });
    expect(['timeout', 'exited']).toContain(result.end);
    expect(output).toMatch(/fork/i);
    expect(execFileSync('echo', ['usable'], { encoding: 'utf8' })).toBe('usable\n');
    expect((await instance.sh('echo usable')).output).toBe('usable\n');
  });
});
