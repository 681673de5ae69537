import { BUILD_COPIED_ROOT, BUILD_OVERLAY_ROOT } from './root-scripts.ts';
import { CLOSE_INHERITED } from './task-script.ts';

/** At most this many processes and threads at once in an instance, and this much memory where a control group can tell. */
const MAX_PROCESSES = 512;
const MAX_MEMORY_BYTES = 2 * 1024 ** 3;

/**
 * Keeps an instance alive: locks its disk, makes its control group, runs the holder in new namespaces with stdin handed
 * through, and removes the control group when all is over. Arguments: mode (`root` or `user`), folder, instance id,
 * name of the control group, up to two folders it may be made in (or empty), holder script, hidden paths.
 */
export const KEEPER_SCRIPT = `${CLOSE_INHERITED}
set -u
mode=$1 directory=$2 name=$3 group=$4 first=$5 second=$6 holder=$7
shift 7
close_inherited 2
exec 9>"$directory/lock"
flock -w 5 9 || { echo "the disk in $directory is in use by another process" >&2; exit 1; }

cgroup=
for parent in "$first" "$second"; do
  if [ -z "$parent" ] || ! mkdir -p "$parent/$group"; then continue; fi
  if echo ${MAX_PROCESSES} >"$parent/$group/pids.max"; then
    cgroup=$parent/$group
    [ ! -e "$cgroup/memory.max" ] || echo ${MAX_MEMORY_BYTES} >"$cgroup/memory.max"
    break
  fi
  rmdir "$parent/$group"
done 2>/dev/null

map=
if [ "$mode" = user ]; then
  map=--map-root-user
  ! unshare --map-root-user --map-auto true 2>/dev/null || map='--map-root-user --map-auto'
fi
# shellcheck disable=SC2086 # none, one or two options
unshare $map --mount --ipc --uts --net --pid -- sh -c "$holder" holder "$directory" "$name" "$cgroup" "$@"
status=$?

tries=0
while [ -n "$cgroup" ] && ! rmdir "$cgroup" 2>/dev/null && [ "$tries" -lt 100 ]; do
  tries=$((tries + 1))
  sleep 0.05
done
exit "$status"
`;

/** The tool root: a tmpfs with the host's programs, from which everything that has privileges is run. */
const BUILD_TOOL_ROOT = `
mount --make-rprivate /
mount -t tmpfs -o mode=0755,size=16m tools "$directory/stage"
cd "$directory/stage"
mkdir dev disk mask old proc script instance
mount -t tmpfs -o mode=0755,nosuid,noexec,size=1m dev dev
mkdir dev/shm dev/pts

# The host's program folders and symbolic links, below $1.
bind_programs() {
  for dir in bin sbin lib lib32 lib64 libx32 usr nix gnu; do
    if [ -L "/$dir" ]; then
      ln -s "$(readlink "/$dir")" "$1/$dir"
    elif [ -d "/$dir" ]; then
      mkdir "$1/$dir"
      mount --rbind "/$dir" "$1/$dir"
      mount -o remount,bind,ro "$1/$dir"
    fi
  done
}
bind_programs .

# Read-only binds: a device can be written to, but its mode and owner, which are the host's, cannot be changed.
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
  mount -o remount,bind,ro "dev/$device"
done
mount -t tmpfs -o mode=1777,nosuid,nodev,size=64m shm dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t proc -o nosuid,nodev,noexec proc proc
`;

/**
 * Builds the instance's root and holds it until stdin ends. The root the scripts see, and may change at will, is mounted
 * at `/instance` of the tool root: nothing of the instance's disk is ever executed with privileges.
 *
 * The holder stays in the outer process namespace, its children are in the instance's. Their init is killed when the
 * holder ends, by whatever cause, and takes every process of the instance along.
 */
const holderScript = (buildRoot: string) => `
set -eu
directory=$1 name=$2 cgroup=$3 disk=kept
shift 3
umask 022
cd /
setpriv --pdeathsig KILL bash -c 'trap "" CHLD; exec sleep infinity' </dev/null >/dev/null 2>&1 &
init=$!
{ hostname "$name" || echo "$name" >/proc/sys/kernel/hostname || :; } 2>/dev/null
ip link set lo up 2>/dev/null || :
${BUILD_TOOL_ROOT}${buildRoot}
build_root "$@"
pivot_root . old
cd /
umount -l old

# As every boot does (tmpfiles.d/passwd.conf): the process that such a file names is another one by now.
[ -L instance/etc ] || (cd instance/etc && rm -f passwd.lock shadow.lock group.lock gshadow.lock subuid.lock subgid.lock) 2>/dev/null || :

mount -n --rbind dev instance/dev
mount -n -t tmpfs -o ro,size=4k sys instance/sys
mount -n -t tmpfs -o ro,size=4k proc instance/proc
mount -n -t tmpfs -o mode=1777,nosuid,nodev,size=512m tmp instance/tmp
mount -n -t tmpfs -o mode=0755,nosuid,nodev,size=64m run instance/run
mkdir instance/run/lock instance/run/cloud-assistant
mount -n -t tmpfs -o ro,size=4k script instance/run/cloud-assistant

echo "ready $$ $disk $cgroup"
read -r _ || :
kill -9 "$init"
wait "$init" || :
`;

export const HOLDER_SCRIPTS = { root: holderScript(BUILD_OVERLAY_ROOT), user: holderScript(BUILD_COPIED_ROOT) };
