import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { describeAsRoot, openInstance } from './open-instance.ts';

/** Command lines of this machine that contain the text. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8')];
      } catch {
        return [];
      }
    })
    .filter((commandLine) => commandLine.includes(text));
}

async function until(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 100 && !condition(); tries += 1) await setTimeout(50);
  return condition();
}

/** The script's control group is printed by it; with cgroup v1 it is in the hierarchy `pids`. */
function controlGroupFolders(output: string): string[] {
  const path = /^(?:\d+:pids:|0::)(\/\S*approval-loop-\w+)$/m.exec(output)?.[1];
  return path === undefined ? [] : [`/sys/fs/cgroup/pids${path}`, `/sys/fs/cgroup${path}`];
}

describeAsRoot('the life of an instance', () => {
  const folder = mkdtempSync(join(tmpdir(), 'instance-life-'));
  const program = join(folder, 'instance-process.cjs');
  beforeAll(() => {
    const entryPoints = [join(__dirname, 'instance-process.ts')];
    buildSync({ entryPoints, outfile: program, bundle: true, platform: 'node', logLevel: 'silent' });
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('ends with close: no process, mount or control group is left, a running script is told', async () => {
    const instance = await openInstance();
    let begun = '';
    const first = new Promise<void>((resolve) => {
      void instance
        .sh('cat /proc/self/cgroup; setsid sleep 54321 & sleep 54321', {
          onOutput: (chunk) => {
            begun += chunk;
            if (begun.includes('\n')) resolve();
          },
        })
        .then(({ result }) => ends.push(result.end));
    });
    const ends: string[] = [];
    await first;
    const groups = controlGroupFolders(begun);
    expect(groups.some((path) => existsSync(path))).toBe(groups.length > 0);
    await instance.close();
    expect(await until(() => ends.length === 1)).toBe(true);
    expect(ends).toEqual(['error']);
    expect(processesWith('54321')).toEqual([]);
    expect(processesWith(instance.directory)).toEqual([]);
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(instance.directory);
    expect(groups.filter((path) => existsSync(path))).toEqual([]);
    await rm(instance.directory, { recursive: true });
  });

  test('is over after close: runs fail, files cannot be read', async () => {
    const instance = await openInstance();
    await instance.close();
    await instance.close();
    expect((await instance.sh('true')).result).toMatchObject({ end: 'error', errorCode: 'ExecutionException' });
    await expect(instance.readFile('/etc/passwd')).rejects.toThrow('closed');
    await rm(instance.directory, { recursive: true });
  });

  test('ends with its node process, killed without warning, and the disk can be opened at once', async () => {
    const directory = join(folder, 'instance');
    const child = spawn(process.execPath, [
      program,
      directory,
      'useradd killed; cat /proc/self/cgroup; setsid sleep 65432 & echo begun; sleep 65432',
    ]);
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    expect(await until(() => output.includes('begun'))).toBe(true);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    const reopened = await openInstance({ directory });
    expect((await reopened.sh('id -un killed')).output).toBe('killed\n');
    await reopened.close();
    expect(await until(() => processesWith('sleep\x0065432').length === 0)).toBe(true);
    expect(processesWith(directory)).toEqual([]);
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(directory);
    expect(controlGroupFolders(output).filter((path) => existsSync(path))).toEqual([]);
  }, 40_000);

  test('keeps the disk in memory, and says so, where an overlay cannot write to the folder', () => {
    const { stdout, stderr } = runWithMounts(
      'mkdir upper work merged && mount -t overlay o -o lowerdir=/etc,upperdir=upper,workdir=work merged',
      'useradd x; id -un x',
      'merged/instance',
    );
    expect(stdout).toBe('x\n{"end":"exited","exitCode":0}\n');
    expect(stderr).toContain('The disk is in memory');
  });

  test('has the file systems of /usr and /var where these are separate, its own layer on each', () => {
    const { stdout, stderr } = runWithMounts(
      'mount --bind /usr /usr && mount --bind /var /var',
      'touch /usr/bin/from-inside /var/lib/from-inside && id -un && stat -c %a /var/tmp && ls /var/lib/from-inside',
      'separate',
    );
    expect(stdout).toBe('root\n1777\n/var/lib/from-inside\n{"end":"exited","exitCode":0}\n');
    expect(stderr).toBe('');
    expect(existsSync('/usr/bin/from-inside') || existsSync('/var/lib/from-inside')).toBe(false);
  });

  /** Runs a script on an instance of a process that sees the machine with other mounts, made in `folder`. */
  function runWithMounts(mounts: string, script: string, directory: string) {
    const command = ['sh', '-c', `cd ${folder} && ${mounts} && exec "$@"`, 'mounts'];
    const instance = [process.execPath, program, join(folder, directory), script];
    return spawnSync('unshare', ['--mount', ...command, ...instance], { encoding: 'utf8' });
  }
});
