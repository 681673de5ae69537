/** Root's instance: an overlay over the host's file systems, whose upper layer is the instance's disk. */
export const BUILD_OVERLAY_ROOT = `
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
export const BUILD_COPIED_ROOT = `
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
