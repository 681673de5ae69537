import { encodeKey, FIRST_KEY, SECOND_KEY } from './public-keys.ts';
import { type ProvisionHost, provisionCommand, startProvisionHost } from './start-provision-host.ts';

let host: ProvisionHost;
beforeAll(async () => {
  host = await startProvisionHost();
  await host.shell(`
    mkdir /etc/victim; echo 'ssh-ed25519 AAAAvictim' >/etc/victim/authorized_keys; chmod 777 /etc/victim
    chmod 644 /etc/victim/authorized_keys`);
}, 60_000);
afterAll(() => host.close());

const outputOf = async (text: string) => (await host.shell(text)).output;
const grant = (id: number, request: string, key: string) =>
  host.provision('--emp-id', `E${id}`, '--role', 'analyst', '--request', request, '--ssh-key', encodeKey(key));
const revoke = (id: number, request: string) => host.provision('--revoke', '--emp-id', `E${id}`, '--request', request);
/** Runs text in the account's home with the account's rights. */
const asUser = (id: number, text: string) =>
  host.shell(`cd /home/e${id} && setpriv --reuid e${id} --regid e${id} --clear-groups sh -euc "${text}"`);
const victim = () =>
  outputOf("stat -c '%n %A %U %Y' /etc/victim /etc/victim/* /etc/hostname; cat /etc/victim/* /etc/hostname");

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
    await grant(id, 'lark.A', FIRST_KEY);
    expect(await asUser(id, text)).toMatchObject({ exitCode: 0 });
    const before = await victim();
    expect(await grant(id, 'lark.B', SECOND_KEY)).toMatchObject({ exitCode: 0, result: { changed: true } });
    const folder = `/home/e${id}/.ssh`;
    expect(
      await outputOf(
        `stat -c '%A %U:%G' ${folder} ${folder}/authorized_keys; sort ${folder}/authorized_keys; ls -A ${folder}`,
      ),
    ).toBe(
      `drwx------ e${id}:e${id}\n-rw------- e${id}:e${id}\n${SECOND_KEY} approval-loop\n${FIRST_KEY} approval-loop\nauthorized_keys\n`,
    );
    await asUser(id, text);
    expect(await revoke(id, 'lark.A')).toMatchObject({ exitCode: 0 });
    expect(await revoke(id, 'lark.B')).toMatchObject({ exitCode: 0 });
    expect(await victim()).toBe(before);
    expect(await outputOf(`[ ! -e ${folder} ] || ls ${folder}`)).toBe('');
  },
  30_000,
);

test.each([
  [320, 'a file in the place of ~/.ssh', 'rm -r .ssh; touch .ssh'],
  [321, 'a folder in the place of authorized_keys', 'rm .ssh/authorized_keys; mkdir -p .ssh/authorized_keys/x'],
])(
  'account %i: %s fails the grant with a reason; the revoke still closes the account',
  async (id, _name, text) => {
    await grant(id, 'lark.A', FIRST_KEY);
    await asUser(id, text);
    expect(await grant(id, 'lark.B', SECOND_KEY)).toMatchObject({
      exitCode: 8,
      result: { code: 'command_failed', reason: `the ssh keys in /home/e${id}/.ssh cannot be written (exit code 1)` },
    });
    await revoke(id, 'lark.B');
    await revoke(id, 'lark.A');
    expect(await outputOf(`getent shadow e${id} | cut -d: -f2,8`)).toBe('!*:1\n');
  },
  30_000,
);

describe("the user's own lines", () => {
  test('stay as they are, and only our key comes and goes', async () => {
    const own = ['# 我的钥匙 😀', 'ssh-rsa AAAAB3own me@home', 'from="10.0.0.1" ssh-ed25519 AAAAC3own', ''];
    const file = '/home/e330/.ssh/authorized_keys';
    await grant(330, 'lark.A', FIRST_KEY);
    await host.sendFile(file, [...own, `${FIRST_KEY} approval-loop`].join('\n'));
    await host.shell(`chown e330: ${file}`);
    await grant(330, 'lark.B', SECOND_KEY);
    expect(await outputOf(`cat ${file}`)).toBe(
      [...own, `${FIRST_KEY} approval-loop`, `${SECOND_KEY} approval-loop`, ''].join('\n'),
    );
    await revoke(330, 'lark.A');
    expect(await outputOf(`cat ${file}`)).toBe([...own, `${SECOND_KEY} approval-loop`, ''].join('\n'));
  });

  test('cannot keep a revoked key alive under another comment or with options', async () => {
    await grant(331, 'lark.A', FIRST_KEY);
    await grant(331, 'lark.B', SECOND_KEY);
    await asUser(331, `printf '%s\\n' '${FIRST_KEY} mine' 'no-pty ${FIRST_KEY}' >>.ssh/authorized_keys`);
    await revoke(331, 'lark.A');
    expect(await outputOf('cat /home/e331/.ssh/authorized_keys')).toBe(`${SECOND_KEY} approval-loop\n`);
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
