import { describeAsRoot, discardInstance, type OpenInstance, openInstance } from './open-instance.ts';

const PACKAGE = `set -e
mkdir -p /tmp/p/DEBIAN /tmp/p/opt/hello
cat >/tmp/p/DEBIAN/control <<END
Package: hello-local
Version: 1.0
Architecture: all
Maintainer: nobody <nobody@example.com>
Description: test
END
printf '#!/bin/sh\\nset -e\\nuseradd --system hellosvc\\nchown hellosvc /opt/hello/x\\n' >/tmp/p/DEBIAN/postinst
chmod 755 /tmp/p/DEBIAN/postinst
echo 你好 >/tmp/p/opt/hello/x
dpkg-deb --root-owner-group --build /tmp/p /tmp/hello.deb`;

describeAsRoot('the disk of an instance', () => {
  let instance: OpenInstance;
  beforeAll(async () => {
    instance = await openInstance();
  });
  afterAll(() => discardInstance(instance));

  test('keeps users, groups and files from one run to the next and over a restart', async () => {
    const made = await instance.sh(`set -e
      groupadd ops; useradd --create-home --groups ops zhang; echo 张三 >/home/zhang/名字; chown zhang:ops /home/zhang/名字
      useradd temp; userdel temp; passwd --lock zhang; echo x >/var/tmp/kept; echo x >/tmp/lost`);
    expect(made.result).toEqual({ end: 'exited', exitCode: 0 });
    const check =
      'id -nG zhang; cat /home/zhang/名字; stat -c %U:%G /home/zhang/名字; id temp 2>&1; passwd --status zhang | cut -d" " -f2; ls /var/tmp /tmp';
    const kept = 'zhang ops\n张三\nzhang:ops\nid: ‘temp’: no such user\nL\n';
    expect((await instance.sh(check)).output).toBe(`${kept}/tmp:\nlost\n\n/var/tmp:\nkept\n`);
    await instance.close();
    instance = await openInstance({ directory: instance.directory });
    expect((await instance.sh(check)).output).toBe(`${kept}/tmp:\n\n/var/tmp:\nkept\n`);
  });

  test('has no lock of a password file left after a restart, whose holder was killed', async () => {
    await instance.sh('for file in passwd shadow group gshadow subuid; do printf 1 >/etc/$file.lock; done');
    expect((await instance.sh('useradd late 2>&1')).output).toContain('/etc/passwd.lock already used by PID 1');
    await instance.close();
    instance = await openInstance({ directory: instance.directory });
    expect(await instance.sh('useradd late 2>&1 && id -un late')).toMatchObject({ output: 'late\n' });
  });

  test('is not opened twice at the same time', async () => {
    const { directory } = instance;
    await expect(openInstance({ directory })).rejects.toThrow('in use by another process');
  }, 30_000);

  test('takes a package of one’s own, by dpkg and by apt-get', async () => {
    if ((await instance.sh('command -v apt-get')).output === '') return;
    const byDpkg = await instance.sh(
      `${PACKAGE}\ndpkg -i /tmp/hello.deb; stat -c %U /opt/hello/x; dpkg -r hello-local`,
    );
    expect(byDpkg.output).toContain('\nhellosvc\n');
    const byApt = await instance.sh('userdel hellosvc; apt-get install -y /tmp/hello.deb && stat -c %U /opt/hello/x');
    expect(byApt.output).toMatch(/\nhellosvc\n$/);
  });

  test('takes a file with mode and owner as named inside, in folders that are made', async () => {
    await instance.sh('useradd owner; groupadd readers');
    const file = { path: '/opt/新/🚀.sh', mode: '0750', owner: 'owner', group: 'readers', overwrite: false };
    const content = Buffer.from('echo 你好\n\0\xff', 'latin1');
    expect(await instance.sendFile({ ...file, content })).toEqual({ end: 'sent' });
    expect((await instance.sh('stat -c "%a %U %G" /opt/新/🚀.sh; ls /opt/新')).output).toBe(
      '750 owner readers\n🚀.sh\n',
    );
    expect(await instance.readFile('/opt/新/🚀.sh')).toEqual(content);
  });

  test('overwrites a file only when asked to', async () => {
    const file = { path: '/srv/file', mode: '0644', owner: 'root', group: 'root' };
    const send = (text: string, overwrite: boolean) =>
      instance.sendFile({ ...file, content: Buffer.from(text), overwrite });
    expect(await send('one', false)).toEqual({ end: 'sent' });
    expect(await send('two', false)).toMatchObject({ end: 'failed', errorCode: 'FileAlreadyExists' });
    expect((await instance.readFile('/srv/file'))?.toString()).toBe('one');
    expect(await send('three', true)).toEqual({ end: 'sent' });
    expect((await instance.readFile('/srv/file'))?.toString()).toBe('three');
  });

  test.each([
    ['an owner who is not there', { owner: 'none' }, 'FileAuthorityInvalid'],
    ['a group that is not there', { group: 'none' }, 'FileAuthorityInvalid'],
    ['a mode that is none', { mode: 'u+x' }, 'FileAuthorityInvalid'],
    ['a relative path', { path: 'srv/x' }, 'FileCreateFail'],
    ['a folder’s path', { path: '/srv/' }, 'FileCreateFail'],
    ['an existing folder', { path: '/usr' }, 'FileCreateFail'],
    ['a file in the way of the folder', { path: '/etc/passwd/x' }, 'FileCreateFail'],
  ])('refuses a file with %s', async (_, change, errorCode) => {
    const file = { path: '/srv/refused', mode: '0644', owner: 'root', group: 'root', overwrite: true };
    const result = await instance.sendFile({ ...file, content: Buffer.from('x'), ...change });
    expect(result).toMatchObject({ end: 'failed', errorCode });
  });

  test('follows a symbolic link of a script’s no further than the instance', async () => {
    await instance.sh(`ln -s /etc /srv/link; ln -s ${instance.directory}/lock /srv/host`);
    expect(await instance.readFile('/srv/host')).toBeUndefined();
    const file = { path: '/srv/link/through', mode: '0644', owner: 'root', group: 'root', overwrite: false };
    expect(await instance.sendFile({ ...file, content: Buffer.from('x') })).toEqual({ end: 'sent' });
    expect((await instance.readFile('/etc/through'))?.toString()).toBe('x');
  });

  test('has no file where there is none', async () => {
    expect(await instance.readFile('/none')).toBeUndefined();
  });
});
