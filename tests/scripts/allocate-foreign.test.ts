import { describeAsRoot } from '../local/instance/open-instance.ts';
import { allocateCommand, type ProvisionHost, provisionCommand, startProvisionHost } from './start-provision-host.ts';

const FOLDER = '/srv/workspaces/e1-215d661b';
const RECORD = '/var/lib/approval-loop/workspaces/e1-215d661b';

const ask = (owner: string) =>
  allocateCommand('--owner', owner, '--size=1G', '--expires=dG9kYXk=', '--request=dingtalk.A1');
const revoke = (owner: string) => allocateCommand('--revoke', '--owner', owner, '--request=dingtalk.A1');

/** All that a run could change outside of the script's own state. */
const STATE = `{ find /srv /outside -printf '%p %y %m %u:%g %T@ %l\\n' | sort; cat /outside/* ${RECORD}; }`;

const notMade = `${FOLDER} exists and was not made by this script`;
const unsafe = '/srv/workspaces must be a folder of root that nobody else can write to';
const badRecord = `${RECORD} must be a file of root with mode 0600`;
const damaged = `the record ${RECORD} is damaged`;

type Row = [name: string, setUp: string, reason: string];

/** Without a record nothing is ours. */
const FOREIGN: Row[] = [
  ['a folder without a record', `mkdir -p ${FOLDER}`, notMade],
  ['a file without a record', `mkdir /srv/workspaces; echo x >${FOLDER}`, notMade],
  ['a link to a folder', `mkdir /srv/workspaces; ln -s /outside ${FOLDER}`, notMade],
  ['a link to a file', `mkdir /srv/workspaces; ln -s /outside/file ${FOLDER}`, notMade],
  ['a link that leads nowhere', `mkdir /srv/workspaces; ln -s /nowhere ${FOLDER}`, notMade],
  ['a fifo', `mkdir /srv/workspaces; mkfifo ${FOLDER}`, notMade],
  ['a link in the place of its folder', `${ask('E1')}; rmdir ${FOLDER}; ln -s /outside ${FOLDER}`, notMade],
  ['a file in the place of its folder', `${ask('E1')}; rmdir ${FOLDER}; echo x >${FOLDER}`, notMade],
  ['the workspace of another employee', ask('e-1'), "the workspace e1-215d661b is employee e-1's"],
  ['a link in the place of /srv/workspaces', 'ln -s /outside /srv/workspaces', unsafe],
  ['a file in the place of /srv/workspaces', 'echo x >/srv/workspaces', unsafe],
  ['a /srv/workspaces of somebody else', 'mkdir /srv/workspaces; chown 4000 /srv/workspaces', unsafe],
  ['a /srv/workspaces that others write to', 'mkdir -m 1777 /srv/workspaces', unsafe],
  ['a /srv/workspaces that a group writes to', 'mkdir -m 0775 /srv/workspaces', unsafe],
  ['a /srv that others write to', 'chmod 777 /srv', unsafe.replace('/workspaces', '')],
];

const UNFIT: Row[] = [
  ['a record that is a link', `mv ${RECORD} /root/record; ln -s /root/record ${RECORD}`, badRecord],
  ['a record that others may read', `chmod 644 ${RECORD}`, badRecord],
  ['a record of somebody else', `chown 4000 ${RECORD}`, badRecord],
  ['an empty record', `: >${RECORD}`, damaged],
  ['a record with another line', `echo x=y >>${RECORD}`, damaged],
  ['a record with a line twice', `echo state=open >>${RECORD}`, damaged],
  ['a record of another request', `sed -i s/A1/A2/ ${RECORD}`, damaged],
  ['a record with an unknown state', `sed -i s/=open/=shut/ ${RECORD}`, damaged],
  ['a record with arithmetic for a size', `sed -i 's/=1G/=1+x[$(touch outside)]G/' ${RECORD}`, damaged],
  ['a record with a command for a number', `sed -i 's/project=.*/project=1000000001 $(id)/' ${RECORD}`, damaged],
];

describeAsRoot('allocate.sh and what is not its own', () => {
  let host: ProvisionHost;
  beforeAll(async () => {
    host = await startProvisionHost();
    await host.shell(`
      printf '#!/bin/sh\\necho overlay 0 0 107374182400 0%% /\\n' >/usr/local/sbin/df; chmod 755 /usr/local/sbin/df
      mkdir -p /srv /outside; echo data >/outside/file`);
  }, 60_000);
  afterAll(() => host.close());

  const FRESH =
    'rm -rf /srv/workspaces /var/lib/approval-loop/workspaces; chmod 755 /srv; chmod 700 /var/lib/approval-loop';

  async function expectRefusals(setUp: string, exitCode: number, code: string, reason: string) {
    const { runs, after } = await host.runAll([ask('E1'), revoke('E1')], {
      before: `${FRESH}; ${setUp}; ${STATE} >/tmp/before`,
      after: `${STATE} 2>/dev/null | diff /tmp/before -`,
    });
    const refused = { exitCode, result: { status: 'error', code, reason, enforced: null, changed: false } };
    expect(runs).toMatchObject([refused, refused]);
    expect(after).toBe('');
  }

  test.each(FOREIGN)('touches neither for a request nor for a revoke %s', async (_name, setUp, reason) => {
    await expectRefusals(setUp, 3, 'not_ours', reason);
  });

  test.each(UNFIT)('does not believe %s', async (_name, setUp, reason) => {
    await expectRefusals(`${ask('E1')}; ${setUp}`, 7, 'host_unfit', reason);
  });

  test('does not use a folder of records that others may read', async () => {
    const folder = '/var/lib/approval-loop/workspaces';
    await expectRefusals(
      `mkdir -m 755 ${folder}`,
      7,
      'host_unfit',
      `${folder} must be a folder of root with mode 0700`,
    );
  });

  test('does not believe a marker of provision.sh that others may write', async () => {
    const marker = '/var/lib/approval-loop/accounts/e1';
    const { runs, after } = await host.runAll([ask('E1')], {
      before: `${FRESH}; ${provisionCommand('--emp-id=E1', '--role=analyst')}; chmod 622 ${marker}`,
      after: `chmod 600 ${marker}; ls -A /srv`,
    });
    const reason = `${marker} must be a file of root with mode 0600`;
    expect(runs).toMatchObject([{ exitCode: 7, result: { code: 'host_unfit', reason, changed: false } }]);
    expect(after).toBe('');
  });

  test('its owner can put nothing in its place, and what the owner puts inside is left alone', async () => {
    const asOwner = (text: string) => `setpriv --reuid e1 --regid e1 --clear-groups sh -c "${text}"`;
    const { runs, after } = await host.runAll(
      [
        asOwner(`mv ${FOLDER} ${FOLDER}.old || rmdir ${FOLDER} || ln -s /etc /srv/workspaces/other`),
        revoke('E1'),
        asOwner(`ls ${FOLDER}`),
        ask('E1'),
      ],
      {
        before: `${FRESH}; ${provisionCommand('--emp-id=E1', '--role=analyst')}; ${ask('E1')}
          ${asOwner(`ln -s /outside ${FOLDER}/link; echo mine >${FOLDER}/file`)}
          find ${FOLDER} -mindepth 1 -printf '%p %m %u %T@ %l\\n' | sort >/tmp/before; ${STATE} >/dev/null
          stat -c '%a %U %Z' /outside /outside/file >/tmp/outside`,
        after: `
          find ${FOLDER} -mindepth 1 -printf '%p %m %u %T@ %l\\n' | sort | diff /tmp/before -
          stat -c '%a %U %Z' /outside /outside/file | diff /tmp/outside -
          stat -c '%a %U:%G' ${FOLDER}`,
      },
    );
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([1, 0, 2, 0]);
    expect(runs[0]?.output.match(/Permission denied/g)).toHaveLength(3);
    expect(after).toBe('2770 e1:e1\n');
  });

  test('does not run for anybody but root', async () => {
    const { runs } = await host.runAll([`setpriv --reuid 4000 --regid 4000 --clear-groups ${ask('E1')}`]);
    expect(runs).toMatchObject([{ exitCode: 7, result: { code: 'host_unfit', reason: 'this must run as root' } }]);
  });

  test('is the same however hostile the environment is', async () => {
    const { output } = await host.shell(`${FRESH}; (
      umask 000
      export LC_ALL=tr_TR.UTF-8 IFS=e PATH=/nowhere CDPATH=/ TMPDIR=/nowhere ENV=/nowhere STATE=open PROJECT=1 EXPIRES=x
      ${ask('EI1')} >/tmp/run; echo $?)
      stat -c '%n %A' /srv/workspaces /srv/workspaces/* ; cat /var/lib/approval-loop/workspaces/*`);
    expect(output.split('\n')).toEqual([
      ...['0', '/srv/workspaces drwx--x--x', '/srv/workspaces/ei1-215d661b drwxrws---'],
      ...['version=1', 'state=open', 'owner=EI1', 'size=1G', 'expires=today', 'request=dingtalk.A1'],
      ...['project=1000000001', ''],
    ]);
  });
});
