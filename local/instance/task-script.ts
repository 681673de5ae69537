/** For bash, as `sh` may not know file descriptors over 9: a caller's open files must not reach the instance. */
export const CLOSE_INHERITED = `
close_inherited() {
  local fd
  for fd in /proc/self/fd/*; do
    fd=\${fd##*/}
    if [ "$fd" -gt "$1" ]; then exec {fd}>&-; fi
  done
}
`;

/**
 * Enters an instance from the host, by bash. Arguments: control group or empty, then the command. Output goes through a
 * pipe, since node's are sockets and a script could not open `/dev/stdout`.
 */
export const JOIN_SCRIPT = `${CLOSE_INHERITED}
set -eu
close_inherited 3
exec > >(exec cat 3>&-)
[ -z "$1" ] || echo 0 >"$1/cgroup.procs"
shift
exec "$@"
`;

/** What a package installer and the account tools need, and nothing that reaches past the instance. */
const CAPABILITIES = [
  'chown',
  'dac_override',
  'fowner',
  'fsetid',
  'kill',
  'setgid',
  'setuid',
  'setfcap',
  'net_bind_service',
  'sys_chroot',
  'audit_write',
];

/**
 * Takes a process with privileges, in the instance's namespaces and the tool root, to one without them in the
 * instance's root. Arguments: script name or empty, limits for `prlimit`, the shell text to run there and its arguments.
 *
 * Everything it starts is in a process namespace of its own, whose init is killed when this process ends; it ends
 * when its parent outside does. That init ignores SIGCHLD, so that the kernel clears away orphans; only bash can set this
 * up. The launch itself becomes `nsenter`, which hands the main process's end on, signals too.
 * The root is moved over the tool root before `chroot`, so that `..` has nowhere to lead to.
 */
export const LAUNCH_SCRIPT = `
set -eu
script=$1 limits=$2
shift 2
setpriv --pdeathsig KILL bash -c 'trap "" CHLD; echo launched >&3; exec sleep infinity 3>&-' </dev/null >/dev/null 2>&1 &
mount -n -t proc -o ro,nosuid,nodev,noexec proc /instance/proc
if [ -n "$script" ]; then
  mount -n -t tmpfs -o mode=0755,nosuid,nodev,size=1m script /script
  cat >"/script/$script"
  chmod 0755 "/script/$script"
  mount -n --move /script /instance/run/cloud-assistant
fi
cd /instance
mount -n --move /instance /
# shellcheck disable=SC2086 # several options
exec nsenter --pid=/proc/self/ns/pid_for_children -- setsid prlimit --core=0 $limits -- \\
  setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,${CAPABILITIES.map((name) => `+${name}`).join(',')} -- \\
  chroot . /bin/sh -c "$@"
`;

/**
 * Inside, as root: becomes the user and starts the script as the agent does. Arguments: user, working folder or empty,
 * script path. File descriptor 3 takes what the instance says, one word a line; the script does not get it.
 */
export const RUN_TEXT = `
entry=$(getent passwd -- "$1")
dir=$2 script=$3
set -f
IFS=:
# shellcheck disable=SC2086 # split at the colons
set -- "$1" $entry
unset IFS
set +f
if [ -z "$entry" ] || [ "$1" != "$2" ]; then
  echo AccountNotExists >&3
  exit
fi
export HOME="$7"
cd -- "\${dir:-$7}" 2>/dev/null || { echo DirectoryNotExists >&3; exit; }
groups=--init-groups
read -r setgroups </proc/self/setgroups
[ "$setgroups" = allow ] || groups=--keep-groups
umask 022
unset OLDPWD SHLVL _
echo started >&3
exec setpriv --reuid="$4" --regid="$5" "$groups" --inh-caps=-all -- sh -c "$script" </dev/null 2>&1 3>&-
`;

/**
 * Inside, as root: puts stdin into a file. Arguments: path, mode, owner, group, `yes` to overwrite. Answers on file
 * descriptor 3 with `sent` or the error code; what the tools say about it goes to stderr.
 */
export const SEND_FILE_TEXT = `
path=$1 mode=$2 owner=$3 group=$4 overwrite=$5
answer() {
  echo "$1" >&3
  exit
}
if [ "$overwrite" != yes ] && { [ -e "$path" ] || [ -L "$path" ]; }; then answer FileAlreadyExists; fi
if ! getent passwd -- "$owner" >/dev/null || ! getent group -- "$group" >/dev/null; then answer FileAuthorityInvalid; fi
mkdir -p -- "$(dirname -- "$path")" || answer FileCreateFail
new=$(mktemp -- "$path.XXXXXX") || answer FileCreateFail
trap 'rm -f -- "$new"' EXIT
cat >"$new" || answer FileCreateFail
chown -- "$owner:$group" "$new" || answer FileAuthorityInvalid
chmod -- "$mode" "$new" || answer FileAuthorityInvalid
mv -fT -- "$new" "$path" || answer FileCreateFail
answer sent
`;

/** Inside, as root: writes a file to stdout, after `found` on file descriptor 3, or answers `absent`. Argument: path. */
export const READ_FILE_TEXT = `
[ -f "$1" ] || { echo absent >&3; exit; }
echo found >&3
exec cat -- "$1"
`;
