import { execFile } from 'node:child_process';

/** Whether scripts can be run apart from this machine, and how well. */
export type SandboxSupport =
  /** As root: an overlay over the whole machine, every limit. */
  | { mode: 'root' }
  /** As a normal user, in a user namespace: copies of /etc, /home, /opt, /root and /var, the rest read-only. */
  | { mode: 'user' }
  /** Not at all; the message says why and what to do. */
  | { mode: 'none'; message: string };

/** The whole environment of what is started, on the host and inside: nothing of this process's own leaks in. */
export const HOST_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
  TERM: 'vt220',
};

/** What is run on the host: util-linux, coreutils and bash, as any distribution with glibc has them. */
const PROGRAMS = [
  ...['unshare', 'nsenter', 'setpriv', 'setsid', 'prlimit', 'flock', 'mount', 'umount', 'pivot_root', 'mountpoint'],
  ...['sh', 'bash', 'chroot', 'mknod', 'readlink', 'sed', 'getent'],
];

const NAMESPACES = ['--mount', '--ipc', '--uts', '--net', '--pid', '--fork'];

/** Finds out by trying. `platform` and `uid` are those of this process. */
export async function detectSandboxSupport(machine: {
  platform: string;
  uid: number | undefined;
}): Promise<SandboxSupport> {
  if (machine.platform !== 'linux') {
    return none(
      `An embedded instance needs Linux namespaces; this is ${machine.platform}.`,
      'Run it in a Linux virtual machine, or in a container: docker run --privileged.',
    );
  }
  const missing = await missingPrograms();
  if (missing.length > 0) {
    return none(
      `An embedded instance needs programs that are not installed: ${missing.join(', ')}.`,
      'Install util-linux (2.33 or later), coreutils and bash.',
    );
  }
  return machine.uid === 0 ? tryAsRoot() : tryAsUser();
}

async function tryAsRoot(): Promise<SandboxSupport> {
  const failure = await attempt('unshare', [...NAMESPACES, 'mount', '--make-rprivate', '/']);
  if (failure === undefined) return { mode: 'root' };
  return none(
    `This root user may not make namespaces and mounts (${failure}): CAP_SYS_ADMIN is missing, as in most containers.`,
    'Start the container with --privileged, or run on the host itself.',
  );
}

async function tryAsUser(): Promise<SandboxSupport> {
  const failure = await attempt('unshare', ['--map-root-user', ...NAMESPACES, 'mount', '-t', 'proc', 'proc', '/proc']);
  if (failure === undefined) return { mode: 'user' };
  return none(
    `This user may not make user namespaces with their own /proc (${failure}).`,
    'Run as root, or allow them: sysctl kernel.unprivileged_userns_clone=1 (Debian) or ' +
      'kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu); in a container, docker run --privileged.',
  );
}

function none(why: string, whatToDo: string): SandboxSupport {
  return { mode: 'none', message: `${why} ${whatToDo}` };
}

async function missingPrograms(): Promise<string[]> {
  const search = 'for program do command -v "$program" >/dev/null || echo "$program"; done';
  const { stdout } = await execute('sh', ['-c', search, 'search', ...PROGRAMS]);
  return stdout.split('\n').filter((line) => line !== '');
}

/** The last line of complaint, or undefined when the command succeeds. */
async function attempt(command: string, args: string[]): Promise<string | undefined> {
  const { failed, stderr } = await execute(command, args);
  return failed ? (stderr.trim().split('\n').at(-1) ?? '') : undefined;
}

function execute(command: string, args: string[]): Promise<{ failed: boolean; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { env: HOST_ENVIRONMENT, cwd: '/', timeout: 10_000 };
    execFile(command, args, options, (error, stdout, stderr) => resolve({ failed: error !== null, stdout, stderr }));
  });
}
