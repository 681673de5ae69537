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

/** Root's instance: an overlay over the host's file systems, whose upper layer is the instance's disk. */
const BUILD_OVERLAY_ROOT = `
# The host's folder $2 once more below $1: empty, with the same owner and mode. Fails where the path is hidden.
mirror() {
  [ "$2" != / ] || return 0
  mirror "$1" "$(dirname "$2")" || return 1
  [ ! -c "$1$2" ] || return 1
  [ -d "$1$2" ] || { mkdir "$1$2" && chown --reference="$2" "$1$2" && chmod --reference="$2" "$1$2"; } || exit 1
}

# A whiteout in a layer between host and disk: to the overlay the path does not exist, however it is reached.
hide() {
  [ ! -L "$1" ] || hide "$(readlink -f "$1")"
  if [ ! -e "$1" ] || ! mirror mask "$(dirname "$1")" || [ -c "mask$1" ]; then return 0; fi
  rm -rf "mask$1"
  mknod "mask$1" c 0 0 || exit 1
}

# First start: empty folders of the instance's own in place of what is hidden. Later the disk is the scripts' and is
# not touched from here, where a symbolic link of theirs would be followed on the host.
prepare_disk() {
  [ ! -d disk/root/upper ] || return 0
  rm -rf disk/new
  mkdir -p disk/new/upper disk/new/work
  mirror disk/new/upper /var
  for dir in home mnt media dev proc sys run; do mkdir "disk/new/upper/$dir"; done
  mkdir -m 0700 disk/new/upper/root
  mkdir -m 1777 disk/new/upper/tmp disk/new/upper/var/tmp
  mv disk/new disk/root
}

# Puts a layer of the disk, $1, over the host's file system at $2. Redirects off: a folder keeps its place.
lay_over() {
  mount -t overlay "$name" "instance$2" \\
    -o "nodev,redirect_dir=nofollow,lowerdir=mask$2:$2,upperdir=disk/$1/upper,workdir=disk/$1/work"
}

build_root() {
  mount --bind "$directory/disk" disk
  for dir in /home /root /mnt /media /dev /proc /sys /run /tmp /var/tmp "$@"; do hide "$dir"; done
  prepare_disk
  if ! lay_over root / 2>/dev/null; then
    disk=memory
    umount disk
    mount -t tmpfs -o mode=0700,size=1g disk disk
    prepare_disk
    lay_over root /
  fi
  for dir in usr var opt srv; do
    mountpoint -q "/$dir" || continue
    mirror mask "/$dir" || continue
    if [ ! -d "disk/$dir" ]; then
      rm -rf disk/new
      mkdir -p disk/new/upper disk/new/work
      chmod --reference="/$dir" disk/new/upper
      [ "$dir" != var ] || mkdir -m 1777 disk/new/upper/tmp
      mv disk/new "disk/$dir"
    fi
    lay_over "$dir" "/$dir"
  done
  umount disk
}
`;

/** A normal user's instance: private copies of what is written to, the host's programs read-only. */
const BUILD_COPIED_ROOT = `
prepare_disk() {
  [ ! -d "$directory/disk/copies" ] || return 0
  new=$directory/disk/new
  rm -rf "$new"
  mkdir "$new" "$new/etc" "$new/home" "$new/opt" "$new/srv" "$new/var" "$new/sbin"
  mkdir -m 0700 "$new/root"
  cp -R --preserve=mode,timestamps /etc/. "$new/etc" 2>/dev/null || :
  for dir in cache lib log mail opt spool; do mkdir "$new/var/$dir"; done
  mkdir -m 1777 "$new/var/tmp"
  ln -s ../run "$new/var/run"
  # A normal user cannot read the host's password files: every account is locked.
  rm -f "$new/etc/shadow" "$new/etc/gshadow"
  (umask 077 && sed 's/:.*/:*:19000:0:99999:7:::/' /etc/passwd >"$new/etc/shadow")
  (umask 077 && sed 's/:.*/:*::/' /etc/group >"$new/etc/gshadow")
  mv "$new" "$directory/disk/copies"
}

# Where root is the only user there is, nothing can be given to another: it is asked for root instead, which keeps
# scripts going and still fails for what is not there.
accept_any_owner() {
  read -r _ _ users </proc/self/uid_map
  if [ "$users" != 1 ] || [ ! -d instance/usr/local/sbin ]; then return 0; fi
  cat >"$directory/disk/copies/sbin/chown" <<'END'
#!/bin/sh
owner=
for word do
  shift
  case $word in
    -*) ;;
    *) if [ -z "$owner" ]; then owner=$word word=0; fi ;;
  esac
  set -- "$@" "$word"
done
exec "/usr/bin/\${0##*/}" "$@"
END
  chmod 755 "$directory/disk/copies/sbin/chown"
  ln -sf chown "$directory/disk/copies/sbin/chgrp"
}

build_root() {
  prepare_disk
  mount -t tmpfs -o mode=0755,size=16m "$name" instance
  bind_programs instance
  for dir in etc home opt root srv var; do
    mkdir "instance/$dir"
    mount --bind "$directory/disk/copies/$dir" "instance/$dir"
  done
  accept_any_owner
  [ ! -d instance/usr/local/sbin ] || mount --bind "$directory/disk/copies/sbin" instance/usr/local/sbin
  for dir in dev proc sys run tmp mnt media; do mkdir "instance/$dir"; done
  for path in "$@"; do
    if [ -d "instance$path" ]; then
      mount -t tmpfs -o ro,size=4k hidden "instance$path"
    elif [ -e "instance$path" ]; then
      mount --bind /dev/null "instance$path"
    fi
  done
  mount -o remount,bind,ro instance
}
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
