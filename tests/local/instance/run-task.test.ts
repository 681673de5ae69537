import { describeAsRoot, discardInstance, type OpenInstance, openInstance } from './open-instance.ts';

describeAsRoot('a script on an instance', () => {
  let instance: OpenInstance;
  beforeAll(async () => {
    instance = await openInstance();
    await instance.sh('useradd --create-home deploy && usermod --append --groups staff deploy');
  });
  afterAll(() => discardInstance(instance));

  test('has its stdout and stderr merged in order, bytes as they are', async () => {
    const { result, output } = await instance.sh("echo 你好; echo '🚀' >&2; printf '\\377' | od -An -tx1");
    expect(result).toEqual({ end: 'exited', exitCode: 0 });
    expect(output).toBe('你好\n🚀\n ff\n');
  });

  test.each([
    ['success', 'true', 0],
    ['an exit code of its own', 'exit 137', 137],
    ['the code of sh for an interpreter killed by a signal', '#!/bin/bash\nkill -9 $$', 137],
    ['-1 when the main process is killed by a signal', '#!/bin/bash\nkill -9 $PPID; sleep 5', -1],
    ['127 for a missing interpreter', '#!/bin/none\n', 127],
    ['127 for a carriage return after #!', '#!/bin/bash\r\necho hi\r\n', 127],
  ])('ends with %s', async (_, script, exitCode) => {
    expect((await instance.sh(script)).result).toEqual({ end: 'exited', exitCode });
  });

  test('is run by the interpreter its first line names', async () => {
    const { output } = await instance.sh('#!/usr/bin/perl\nprint "perl 你好\\n";');
    expect(output).toBe('perl 你好\n');
  });

  test('gets the agent’s environment and nothing of the host’s', async () => {
    process.env.SECRET_OF_THE_HOST = 'secret';
    const { output } = await instance.sh('env | sort');
    delete process.env.SECRET_OF_THE_HOST;
    expect(output.trim().split('\n')).toEqual([
      'HOME=/root',
      'LANG=C.UTF-8',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'PWD=/root',
      'TERM=vt220',
    ]);
  });

  test('has an empty stdin, pipes for output and no other open file', async () => {
    const { output } = await instance.sh('cat; echo a >/dev/stdout; echo b >/dev/stderr; ls /proc/self/fd | wc -l');
    // ls has stdin, stdout, stderr and the folder it reads.
    expect(output).toBe('a\nb\n4\n');
  });

  test('runs as the user named, in that user’s home and groups', async () => {
    const { output } = await instance.sh('id -un; id -Gn; pwd; echo $HOME; cat /proc/self/status | grep CapEff', {
      username: 'deploy',
    });
    expect(output).toBe('deploy\ndeploy staff\n/home/deploy\n/home/deploy\nCapEff:\t0000000000000000\n');
  });

  test.each([
    ['a folder', '/usr/share', '/usr/share\n'],
    ['a folder with spaces and 中文', '/srv/数据 🚀', '/srv/数据 🚀\n'],
  ])('runs in %s named as working folder', async (_, workingDir, output) => {
    await instance.sh("mkdir -p '/srv/数据 🚀'");
    expect((await instance.sh('pwd', { workingDir })).output).toBe(output);
  });

  test.each([
    ['a user who is not there', { username: 'nobody-here' }, 'AccountNotExists'],
    ['a user name that is a command', { username: '$(touch /x)' }, 'AccountNotExists'],
    ['an empty user name', { username: '' }, 'AccountNotExists'],
    ['an id in place of a user name', { username: '0' }, 'AccountNotExists'],
    ['a folder that is not there', { workingDir: '/none' }, 'DirectoryNotExists'],
    ['a file as folder', { workingDir: '/etc/passwd' }, 'DirectoryNotExists'],
    ['a script name that is a path', { scriptName: '../x.sh' }, 'InvalidCommandText'],
    ['an empty script name', { scriptName: '' }, 'InvalidCommandText'],
    ['a script name over 255 bytes', { scriptName: '中'.repeat(86) }, 'InvalidCommandText'],
  ])('is not started for %s', async (_, task, errorCode) => {
    const { result, output } = await instance.sh('echo started', task);
    expect(result).toMatchObject({ end: 'invalid', errorCode });
    expect(output).toBe('');
  });

  test('is a file of mode 0755 while it runs, gone afterwards', async () => {
    const { output } = await instance.sh('echo "$0"; stat -c %a "$0"', { scriptName: '入职-t-1.sh' });
    expect(output).toBe('/run/cloud-assistant/入职-t-1.sh\n755\n');
    expect((await instance.sh('ls /run/cloud-assistant')).output).toBe('t-test.sh\n');
  });

  test.each(['Process', 'ProcessTree'] as const)('is killed at its time-out in mode %s', async (terminationMode) => {
    const { result, output } = await instance.sh('echo begun; trap "" TERM; sleep 60 & sleep 60', {
      timeoutMs: 1000,
      terminationMode,
    });
    expect(result).toEqual({ end: 'timeout' });
    expect(output).toBe('begun\n');
    expect((await instance.sh('ps -e -o args= | grep -c "[s]leep 60"')).output).toBe('0\n');
  });

  test('is killed when stopped', async () => {
    const stop = new AbortController();
    const { result } = await instance.sh('echo begun; sleep 60', {
      signal: stop.signal,
      onOutput: () => stop.abort(),
    });
    expect(result).toEqual({ end: 'stopped' });
  });

  test('stopped in the moment it starts leaves nothing behind', async () => {
    const stop = new AbortController();
    const running = instance.sh('sleep 60', { signal: stop.signal });
    stop.abort();
    expect((await running).result).toEqual({ end: 'stopped' });
  });

  test('is never started when stopped before', async () => {
    expect((await instance.sh('true', { signal: AbortSignal.abort() })).result).toEqual({ end: 'stopped' });
  });

  test('does not wait for what it leaves in the background, which ends with it', async () => {
    const { result, output } = await instance.sh('sleep 61 & echo done');
    expect(result).toEqual({ end: 'exited', exitCode: 0 });
    expect(output).toBe('done\n');
  });

  test('may leave behind more ended processes than may run at once', async () => {
    expect((await instance.sh('for i in $(seq 600); do (true &); done; echo 完')).output).toBe('完\n');
  });

  test('shares the disk with another that runs at the same time, but not its processes', async () => {
    const wait = 'for i in $(seq 100); do [ -e /srv/ready ] && break; sleep 0.1; done; cat /srv/ready; ps -e | wc -l';
    const [waiting, writing] = await Promise.all([
      instance.sh(wait),
      instance.sh('echo 共享 >/srv/ready; sleep 1; ps -e | wc -l'),
    ]);
    expect(waiting.output).toMatch(/^共享\n[56]\n$/);
    expect(writing.output).toMatch(/^[56]\n$/);
  });
});
