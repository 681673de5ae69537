import { describeAsRoot } from '../local/instance/open-instance.ts';
import { encodeKey, FIRST_KEY, SECOND_KEY } from './public-keys.ts';
import { type ProvisionHost, provisionCommand, startProvisionHost } from './start-provision-host.ts';

describeAsRoot('provision.sh and ssh keys', () => {
  let host: ProvisionHost;
  beforeAll(async () => {
    host = await startProvisionHost();
    await host.shell(`
    mkdir /etc/victim; echo 'ssh-ed25519 AAAAvictim' >/etc/victim/authorized_keys; chmod 777 /etc/victim
    chmod 644 /etc/victim/authorized_keys`);
  }, 60_000);
  afterAll(() => host.close());

  const grant = (id: number, request: string, key: string) => [
    ...['--emp-id', `E${id}`, '--role', 'analyst', '--request', request],
    ...['--ssh-key', encodeKey(key)],
  ];
  const revoke = (id: number, request: string) => ['--revoke', '--emp-id', `E${id}`, '--request', request];
  /** Shell text that runs another one in the account's home with the account's rights. */
  const asUser = (id: number, text: string) =>
    `(cd /home/e${id} && setpriv --reuid e${id} --regid e${id} --clear-groups sh -euc "${text}")`;
  const VICTIM = 'stat -c "%n %A %U %Y" /etc/victim /etc/victim/* /etc/hostname; cat /etc/victim/* /etc/hostname';

  const PLANTED: [name: string, text: string][] = [
    ['a link in the place of ~/.ssh', 'rm -r .ssh; ln -s /etc/victim .ssh'],
    ['a link in the place of authorized_keys', 'ln -sf /etc/victim/authorized_keys .ssh/authorized_keys'],
    ['a link that leads nowhere', 'ln -sf /etc/victim/new .ssh/authorized_keys'],
    ["a link to root's file", 'ln -sf /etc/hostname .ssh/authorized_keys'],
    ['a link in the place of the new file', 'ln -sf /etc/victim/authorized_keys .ssh/.authorized_keys.new'],
    ['a pipe that nobody reads', 'rm .ssh/authorized_keys; mkfifo .ssh/authorized_keys'],
    ['folders that are closed to everybody', 'chmod 000 .ssh/authorized_keys .ssh'],
  ];

  test.each(PLANTED.map(([name, text], index) => ({ name, text, id: 300 + index })))(
    '$name does not lead root astray, nor keeps a key alive',
    async ({ text, id }) => {
      const folder = `/home/e${id}/.ssh`;
      const granted = await host.provisionAll([grant(id, 'lark.A', SECOND_KEY)], {
        before: `
        ${provisionCommand(...grant(id, 'lark.A', FIRST_KEY))}
        ${asUser(id, text)}
        { ${VICTIM}; } >/root/victim`,
        after: `
        stat -c '%A %U:%G' ${folder} ${folder}/authorized_keys
        ls -A ${folder}
        cat ${folder}/authorized_keys`,
      });
      expect(granted.runs).toMatchObject([{ exitCode: 0, result: { changed: true } }]);
      expect(granted.after).toBe(
        `drwx------ e${id}:e${id}\n-rw------- e${id}:e${id}\nauthorized_keys\n${SECOND_KEY} approval-loop\n`,
      );
      const revoked = await host.provisionAll([revoke(id, 'lark.A')], {
        before: asUser(id, text),
        after: `[ ! -e ${folder} ] || ls ${folder}; { ${VICTIM}; } | diff /root/victim -`,
      });
      expect(revoked.runs).toMatchObject([{ exitCode: 0 }]);
      expect(revoked.after).toBe('');
    },
  );

  test.each([
    [320, 'a file in the place of ~/.ssh', 'rm -r .ssh; touch .ssh'],
    [321, 'a folder in the place of authorized_keys', 'rm .ssh/authorized_keys; mkdir -p .ssh/authorized_keys/x'],
  ])(
    'of e%i: %s fails the grant with a reason; revoking everything still closes the account',
    async (id, _name, text) => {
      const { runs, after } = await host.provisionAll(
        [grant(id, 'lark.B', SECOND_KEY), revoke(id, 'lark.B'), revoke(id, 'lark.A')],
        {
          before: `${provisionCommand(...grant(id, 'lark.A', FIRST_KEY))}; ${asUser(id, text)}`,
          after: `getent shadow e${id} | cut -d: -f2,8`,
        },
      );
      const reason = `the ssh keys in /home/e${id}/.ssh cannot be written (exit code 1)`;
      expect(runs[0]).toMatchObject({ exitCode: 8, result: { code: 'command_failed', reason } });
      expect(after).toBe('!*:1\n');
    },
  );

  describe("the user's own lines", () => {
    test('stay as they are, and only our key comes and goes', async () => {
      const own = ['# 我的钥匙 😀', 'ssh-rsa AAAAB3own me@home', 'from="10.0.0.1" ssh-ed25519 AAAAC3own', ''];
      const file = '/home/e330/.ssh/authorized_keys';
      await host.provision(...grant(330, 'lark.A', FIRST_KEY));
      await host.sendFile(file, [...own, `${FIRST_KEY} approval-loop`].join('\n'));
      const both = await host.provisionAll([grant(330, 'lark.B', SECOND_KEY)], {
        before: `chown e330: ${file}`,
        after: `cat ${file}`,
      });
      expect(both.after.split('\n')).toEqual([
        ...own,
        ...[`${FIRST_KEY} approval-loop`, `${SECOND_KEY} approval-loop`, ''],
      ]);
      const one = await host.provisionAll([revoke(330, 'lark.A')], { after: `cat ${file}` });
      expect(one.after.split('\n')).toEqual([...own, `${SECOND_KEY} approval-loop`, '']);
    });

    test('cannot keep a revoked key alive under another comment or with options', async () => {
      const copies = `printf '%s\\n' '${FIRST_KEY} mine' 'no-pty ${FIRST_KEY}' >>.ssh/authorized_keys`;
      const { after } = await host.provisionAll([revoke(331, 'lark.A')], {
        before: `
        ${provisionCommand(...grant(331, 'lark.A', FIRST_KEY))}; ${provisionCommand(...grant(331, 'lark.B', SECOND_KEY))}
        ${asUser(331, copies)}; grep -c mine /home/e331/.ssh/authorized_keys >/root/copies`,
        after: 'cat /root/copies /home/e331/.ssh/authorized_keys',
      });
      expect(after).toBe(`1\n${SECOND_KEY} approval-loop\n`);
    });
  });

  test('the whole script runs the same in bash as in dash', async () => {
    const key = encodeKey(`${FIRST_KEY} 中文`);
    const run = await host.shell(`
    ln -s /bin/bash /opt/sh
    run() { /opt/sh ${provisionCommand('--emp-id', 'E340', '--request', 'lark.A')} "$@"; }
    run --role devops --ssh-key ${key} >/tmp/1
    run --role devops --ssh-key ${key} | grep -o '"changed":[a-z]*'
    id -nG e340; cat /home/e340/.ssh/authorized_keys
    run --revoke | grep -o '"changed":[a-z]*'
    id -nG e340; passwd -S e340 | cut -d' ' -f2; ls -A /home/e340/.ssh
    run --role "$(printf '\\377')" || echo $?`);
    expect(run.output.replace(/PROVISION_RESULT.*/, '…')).toBe(
      [
        '"changed":false',
        'e340 developers devops',
        `${FIRST_KEY} approval-loop`,
        '"changed":true',
        'e340',
        'L',
        "failed (bad_usage): --role '?' does not match [a-z][a-z0-9-]{0,31}",
        '…',
        '2',
        '',
      ].join('\n'),
    );
  });
});
