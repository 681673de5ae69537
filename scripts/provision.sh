#!/bin/sh
#
# provision.sh: gives an employee a Linux account on this host, and takes it back.
#
# Cloud Assistant runs it as root; docs/provision.md is the reference. One file for any POSIX sh,
# small enough for one SendFile (24 KB).
#
# Each account it makes has a marker, a file that only root can reach. It lists the grants: which
# approval gave which groups and which key. A run (1) checks everything, (2) writes into the marker
# what shall be, (3) makes the account so (`reconcile`), (4) clears the marker of what is done.
# A provision adds a grant, a revoke turns a grant into a drop; step 3 is the same for both. So a
# run that was killed between any two commands is brought to its end by the next one.
#
# It does not touch an account without its marker, writes in a home only as that user, evaluates
# no data and handles no secret. Its last line is `PROVISION_RESULT {json}`, on failure too.

set -eu
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset TMPDIR

STATE_DIR=/var/lib/approval-loop
ACCOUNTS_DIR=$STATE_DIR/accounts
ROLES_DIR=/etc/approval-loop/roles
LOGIN_SHELL=/bin/bash
NO_LOGIN_SHELL=/usr/sbin/nologin
LOWEST_UID=1000
NL='
'

# What is asked for; empty until checked.
ACTION=provision NAME='' EMP_ID='' ROLE='' REQUEST='' APPROVAL='' KEY_TYPE=- KEY_BLOB=-

# The marker in memory. GRANTS and DROPS are its lines of that kind, with their line ends:
# grant=APPROVAL ROLE TIME GROUPS KEY_TYPE KEY, where - stands for none.
STATE='' MARKER_EMP_ID='' ACCOUNT_UID='' GRANTS='' DROPS='' SAVED=''

# The outcome. Lists hold one name a line.
CHANGED=false FAILURE='' REASON='' ROLE_GROUPS='' ROLE_PACKAGES=''

usage() {
  cat <<'EOF'
usage: provision.sh --emp-id ID --role ROLE [--request ID] [--ssh-key BASE64]
       provision.sh --revoke --emp-id ID [--request ID]

  --emp-id ID        employee: 1 to 31 of A-Z a-z 0-9 . _ -, a letter or digit first
  --role ROLE        devops, developer, analyst, or a file /etc/approval-loop/roles/ROLE.conf
  --request ID       what grants this: 1 to 140 of A-Z a-z 0-9 . _ - (default: manual)
  --ssh-key BASE64   one line of a public key file, Base64; empty means no key
  --revoke           take away what the request has granted; the last one closes the account
  --lock-wait SECS   how long to wait for another run, 1 to 999 (default: 30)
  --help             this text

exit codes: 0 ok, 2 bad_usage, 3 not_ours, 4 lock_timeout, 5 packages_failed,
            6 role_invalid, 7 host_unfit, 8 command_failed, 9 interrupted
EOF
}

# ---- Output and ending ----

say() { printf '%s\n' "$*" || :; }

# Says what was changed and remembers that something was.
did() {
  CHANGED=true
  say "$*"
}

# die CODE REASON: ends the run. Only for the main shell: inside $( ) it would end just that.
die() {
  FAILURE=$1 REASON=$2
  case $1 in
    bad_usage) exit 2 ;;
    not_ours) exit 3 ;;
    lock_timeout) exit 4 ;;
    packages_failed) exit 5 ;;
    role_invalid) exit 6 ;;
    host_unfit) exit 7 ;;
    interrupted) exit 9 ;;
    *) exit 8 ;;
  esac
}

# Keeps printable ASCII and line ends; any other byte becomes a question mark.
printable() { tr -c '\012\040-\176' '?'; }

# A value as it may stand in a message: short and on one line.
shown() { printf '%s' "$1" | tr '\012' ' ' | printable | head -c 60; }

print_result() {
  awk '
    function text(s) { gsub(/\n/, " ", s); gsub(/[^ -~]/, "?", s); gsub(/["\\]/, "\\\\&", s); return "\"" s "\"" }
    function list(s) { s = text(s); gsub(/ /, "\",\"", s); return s == "\"\"" ? "[]" : "[" s "]" }
    function put(name, value) { printf ",\"%s\":%s", name, value == "\"\"" ? "null" : value }
    BEGIN {
      printf "PROVISION_RESULT {\"version\":1"
      put("action", text(ARGV[1])); put("status", ARGV[2] ? "\"error\"" : "\"ok\"")
      if (ARGV[2]) { put("code", text(ARGV[2])); put("reason", text(substr(ARGV[3], 1, 400))) }
      put("user", text(ARGV[4])); put("uid", ARGV[5]); put("emp_id", text(ARGV[6])); put("role", text(ARGV[7]))
      put("groups", list(ARGV[8])); put("packages", list(ARGV[9])); put("changed", ARGV[10])
      put("host", text(ARGV[11])); put("request", text(ARGV[12])); print "}"
    }' "$ACTION" "$FAILURE" "$REASON" "$NAME" "${ACCOUNT_UID:-null}" "$EMP_ID" "$ROLE" \
    "$(groups_of "$GRANTS")" "$ROLE_PACKAGES" "$CHANGED" "$(uname -n)" "$REQUEST" || :
}

finish() {
  exit_code=$1
  trap - EXIT HUP INT TERM
  if [ "$exit_code" -ne 0 ] && [ -z "$FAILURE" ]; then
    FAILURE=command_failed REASON="ended unexpectedly with exit code $exit_code"
    exit_code=8
  fi
  [ -z "$FAILURE" ] || say "failed ($FAILURE): $(printf '%s' "$REASON" | printable)"
  print_result
  exit "$exit_code"
}

# run COMMAND...: its output matters only when it fails.
run() { output=$("$@" 2>&1 </dev/null) || die command_failed "$* failed: $output"; }

exists() { [ -e "$1" ] || [ -L "$1" ]; }

# has_word WORDS WORD
has_word() { case " $1 " in *[[:space:]]"$2"[[:space:]]*) ;; *) return 1 ;; esac }

# ---- Arguments ----

parse_arguments() {
  emp_id='' role='' ssh_key='' request=manual lock_wait=30 given=' '
  while [ $# -gt 0 ]; do
    option=${1%%=*} value=${1#*=}
    case $1 in
      --help)
        usage
        trap - EXIT
        exit 0
        ;;
      --revoke | --emp-id=* | --role=* | --ssh-key=* | --request=* | --lock-wait=*) ;;
      --emp-id | --role | --ssh-key | --request | --lock-wait)
        [ $# -ge 2 ] || die bad_usage "$1 needs a value"
        value=$2
        shift
        ;;
      *) die bad_usage "unknown option '$(shown "$1")'; see --help" ;;
    esac
    shift
    case $given in *" $option "*) die bad_usage "$option is given twice" ;; esac
    given="$given$option "
    case $option in
      --revoke) ACTION=revoke ;;
      --emp-id) emp_id=$value ;;
      --role) role=$value ;;
      --ssh-key) ssh_key=$value ;;
      --request) request=$value ;;
      --lock-wait) lock_wait=$value ;;
    esac
  done
}

check_arguments() {
  check_value --emp-id "$emp_id" '[A-Za-z0-9][A-Za-z0-9._-]{0,30}'
  EMP_ID=$emp_id
  set_name
  [ "$ACTION$role" = revoke ] || check_value --role "$role" '[a-z][a-z0-9-]{0,31}'
  ROLE=$role
  check_value --request "$request" '[A-Za-z0-9_.-]{1,140}'
  REQUEST=$request
  set_approval
  check_value --lock-wait "$lock_wait" '[1-9][0-9]{0,2}'
  [ -z "$ssh_key" ] || set_key
}

# check_value OPTION VALUE PATTERN: the whole value must match, so a line end never passes.
check_value() {
  case $2 in *"$NL"*) ;; *) ! printf '%s\n' "$2" | grep -Eqx -e "$3" || return 0 ;; esac
  die bad_usage "$1 '$(shown "$2")' does not match $3"
}

# The account's name is the id in lower case without . _ -, after a `u` if a digit would come first.
# Two ids can lead to one name; the marker keeps the exact id, so the second is refused.
set_name() {
  NAME=$(printf '%s' "$EMP_ID" | tr '[:upper:]' '[:lower:]' | tr -d '._-')
  case $NAME in [0-9]*) NAME=u$NAME ;; esac
}

# A retry and a reversal speak of the same approval: `X.retry-1` and `X.revoke` mean the grant of X.
set_approval() {
  APPROVAL=$(printf '%s\n' "$REQUEST" | sed -E 's/(.)(\.retry-[0-9]+|\.revoke)+$/\1/')
  case $ACTION${REQUEST#"$APPROVAL"} in
    provision*.revoke*) die bad_usage "--request '$REQUEST' names a reversal, but --revoke is not given" ;;
  esac
}

# Encoding again proves that the value is the Base64 of this very text: no stray bits, and no
# NUL byte, which a shell variable would have lost.
set_key() {
  [ ${#ssh_key} -le 16384 ] || die bad_usage '--ssh-key has more than 16384 characters'
  key=$(printf '%s' "$ssh_key" | base64 -d 2>/dev/null | tr '\000' '\001'; printf x)
  key=${key%x}
  [ "$(printf '%s' "$key" | base64 -w 0)" = "$ssh_key" ] || die bad_usage '--ssh-key is not the Base64 of a text'
  key=${key%"$NL"}
  case $key in *[[:cntrl:]]*) die bad_usage '--ssh-key holds more than one line, or a control character' ;; esac
  KEY_TYPE=${key%% *}
  KEY_BLOB=${key#* }
  KEY_BLOB=${KEY_BLOB%% *}
  check_key
}

# The type must be known and be the one that the key itself names. The shortest whole key is one of
# ed25519; an RSA key of 2048 bits has 277 bytes.
check_key() {
  case $KEY_TYPE in
    ssh-rsa) least_bytes=277 ;;
    ssh-ed25519 | ecdsa-sha2-nistp256 | ecdsa-sha2-nistp384 | ecdsa-sha2-nistp521 | \
      sk-ssh-ed25519@openssh.com | sk-ecdsa-sha2-nistp256@openssh.com) least_bytes=51 ;;
    *) die bad_usage "--ssh-key does not begin with a known key type: '$(shown "$KEY_TYPE")'" ;;
  esac
  named=$(decoded_blob | tail -c +5 | head -c ${#KEY_TYPE} | tr '\000' '?')
  if [ "$named" != "$KEY_TYPE" ] || [ "$(decoded_blob | wc -c)" -lt $least_bytes ] ||
    [ "$(decoded_blob | base64 -w 0)" != "$KEY_BLOB" ]; then
    die bad_usage "--ssh-key is not a whole and strong enough $KEY_TYPE key"
  fi
}

decoded_blob() { printf '%s' "$KEY_BLOB" | base64 -d 2>/dev/null || :; }

# ---- Host, state folder, lock ----

check_host() {
  [ "$(id -u)" -eq 0 ] || die host_unfit 'this must run as root'
  for tool in flock getent useradd gpasswd setpriv timeout; do
    command -v "$tool" >/dev/null || die host_unfit "the program $tool is missing on this host"
  done
}

# is_root_owned PATH TEST...: PATH itself (a link is not followed) is root's and passes find's tests.
is_root_owned() {
  path=$1
  shift
  [ -n "$(find "$path" -maxdepth 0 -uid 0 "$@" 2>/dev/null)" ]
}

open_state() {
  for folder in "$STATE_DIR" "$ACCOUNTS_DIR"; do
    exists "$folder" || mkdir -m 0700 "$folder" 2>/dev/null || :
    is_root_owned "$folder" -type d -perm 0700 || die host_unfit "$folder must be a folder of root with mode 0700"
  done
}

# ---- Role ----

# Sets ROLE_GROUPS and ROLE_PACKAGES from the role's file, or from the built-in roles.
read_role() {
  file=$ROLES_DIR/$ROLE.conf
  if exists "$file"; then
    read_role_file
    return
  fi
  case $ROLE in
    devops) ROLE_GROUPS="developers${NL}devops" ;;
    developer) ROLE_GROUPS=developers ;;
    analyst) ROLE_GROUPS=analysts ;;
    *) die role_invalid "the role $ROLE is unknown: there is no file $file" ;;
  esac
}

# Lines of `groups=…` and `packages=…` with blanks between the names; empty and `#` lines are skipped.
read_role_file() {
  if ! is_root_owned "$ROLES_DIR" -type d ! -perm /022 || ! is_root_owned "$file" -type f ! -perm /022; then
    die role_invalid "$file and its folder must be root's and writable by nobody else"
  fi
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      '' | '#'*) ;;
      groups=*) ROLE_GROUPS=$ROLE_GROUPS${line#*=}' ' ;;
      packages=*) ROLE_PACKAGES=$ROLE_PACKAGES${line#*=}' ' ;;
      *) die role_invalid "$file has a line that is not understood: '$(shown "$line")'" ;;
    esac
  done <"$file"
  ROLE_GROUPS=$(words "$ROLE_GROUPS")
  check_names "$ROLE_GROUPS" '[a-z_][a-z0-9_-]{0,31}'
  # apt-get takes a hyphen at the end for "remove this".
  ROLE_PACKAGES=$(words "$ROLE_PACKAGES")
  check_names "$ROLE_PACKAGES" '[A-Za-z0-9]([A-Za-z0-9+._-]{0,98}[A-Za-z0-9+])?'
}

words() { printf '%s' "$1" | tr '[:blank:]' '\n' | sort -u | sed '/^$/d'; }

# check_names LINES PATTERN
check_names() {
  bad=$(printf '%s\n' "$1" | grep -Evx -e "$2" -e '' | head -n 1 || :)
  [ -z "$bad" ] || die role_invalid "$file has a name that is not allowed: '$(shown "$bad")'"
}

# ---- Marker ----

# A file that save_marker cannot have written is not believed.
load_marker() {
  MARKER=$ACCOUNTS_DIR/$NAME
  exists "$MARKER" || return 0
  is_root_owned "$MARKER" -type f -perm 0600 || die host_unfit "$MARKER must be a file of root with mode 0600"
  while IFS= read -r line || [ -n "$line" ]; do
    value=${line#*=}
    case $line in
      *[!A-Za-z0-9@:,./+=_\ -]*) STATE='' && break ;;
      version=1) ;;
      emp_id=?*) MARKER_EMP_ID=$value ;;
      state=pending | state=open | state=closed) STATE=$value ;;
      uid=*[!0-9]*) STATE='' && break ;;
      uid=*) ACCOUNT_UID=$value ;;
      grant=*' '*' '*' '*' '*' '*) GRANTS=$GRANTS$line$NL ;;
      drop=*' '*' '*' '*' '*' '*) DROPS=$DROPS$line$NL ;;
      *) STATE='' && break ;;
    esac
  done <"$MARKER"
  if [ -z "$STATE" ] || [ -z "$MARKER_EMP_ID" ]; then
    GRANTS=''
    die host_unfit "the marker $MARKER is damaged"
  fi
  SAVED=$(marker_text)
}

marker_text() {
  printf 'version=1\nemp_id=%s\nstate=%s\nuid=%s\n%s%s' "$EMP_ID" "$STATE" "$ACCOUNT_UID" "$GRANTS" "$DROPS"
}

# Old or new, never half: a file beside it, flushed, then renamed. No account's name has a dot.
save_marker() {
  text=$(marker_text)
  [ "$text" != "$SAVED" ] || return 0
  printf '%s\n' "$text" >"$ACCOUNTS_DIR/.new" || die command_failed "$ACCOUNTS_DIR cannot be written"
  flush "$ACCOUNTS_DIR/.new"
  run mv -fT "$ACCOUNTS_DIR/.new" "$MARKER"
  flush "$ACCOUNTS_DIR"
  SAVED=$text
}

# sync takes no file before coreutils 8.24; then everything is flushed.
flush() { sync "$1" 2>/dev/null || sync; }

# grant_of LINES: the lines of this approval.
grant_of() { printf '%s' "$1" | awk -v approval="$APPROVAL" '{ id = $1; sub(/^[a-z]+=/, "", id) } id == approval'; }

groups_of() { printf '%s' "$1" | awk '$4 != "-" { gsub(",", "\n", $4); print $4 }' | sort -u; }

# An equal grant stays, with its time; a different one (another role, another key) is dropped first.
record_grant() {
  before=$(grant_of "$GRANTS")
  groups=$(printf '%s' "$ROLE_GROUPS" | tr '\n' ',')
  granted="${groups:--} $KEY_TYPE $KEY_BLOB"
  case $before in
    '') ;;
    "grant=$APPROVAL $ROLE "????-??-??T??:??:??"Z $granted") return 0 ;;
    *) drop_grant ;;
  esac
  GRANTS="${GRANTS}grant=$APPROVAL $ROLE $(date -u +%Y-%m-%dT%H:%M:%SZ) $granted$NL"
  did "recorded the grant of $APPROVAL: role $ROLE for $EMP_ID"
}

drop_grant() {
  line=$(grant_of "$GRANTS")
  DROPS="${DROPS}drop=${line#grant=}$NL"
  GRANTS=${GRANTS%%"$line"*}${GRANTS#*"$line$NL"}
}

# ---- Whose account is it ----

read_entry() {
  ENTRY=$(getent passwd "$NAME" || :)
  IFS=: read -r _ _ ENTRY_UID ENTRY_GID ENTRY_GECOS ENTRY_HOME _ <<EOF
$ENTRY
EOF
}

gecos() { printf 'approval-loop %s' "$EMP_ID"; }

foreign() { die not_ours "$1 exists and was not made by this script"; }

# Names that a system or a package takes for itself, now or at its next update.
refuse_reserved_name() {
  case $NAME in
    root | daemon | nobody | nogroup | admin | administrator | operator | user | users | guest | test | \
      sudo | wheel | ssh | sshd | dbus | messagebus | polkitd | chrony | ntp | ftp | git | \
      systemd* | postfix | named | bind | mysql | mariadb | postgres | redis | www | nginx | \
      apache | httpd | tomcat | docker | qemu | aliyun | ecsuser | ecsassistuser | \
      ubuntu | debian | centos)
      die not_ours "the name $NAME is reserved"
      ;;
  esac
}

# Ends the run if there is an account that is not the one of the marker.
refuse_foreign_account() {
  refuse_reserved_name
  case $STATE:$ENTRY in
    :) return 0 ;;
    :?*) foreign "the account $NAME" ;;
    pending:?*) [ "$ENTRY_GECOS" = "$(gecos)" ] || foreign "the account $NAME" ;;
    *:?*) [ "$ENTRY_UID" = "$ACCOUNT_UID" ] || foreign "the account $NAME with uid $ENTRY_UID" ;;
  esac
  [ "$MARKER_EMP_ID" = "$EMP_ID" ] || die not_ours "the account $NAME is employee $MARKER_EMP_ID's"
  [ -z "$ENTRY" ] || [ "$ENTRY_UID" -ge $LOWEST_UID ] || foreign "the system account $NAME"
}

# An account that is to be used needs its home, and a new one its group, free or its own.
refuse_foreign_home() {
  [ -n "$STATE" ] || ! getent group "$NAME" >/dev/null || foreign "a group $NAME"
  home=${ENTRY_HOME:-/home/$NAME}
  ! exists "$home" || [ "$(stat -c %F:%u "$home")" = "directory:$ACCOUNT_UID" ] || foreign "$home"
}

# ---- Packages ----

# Done before the account is touched: a failure leaves nobody with half a role.
install_packages() {
  [ -n "$ROLE_PACKAGES" ] || return 0
  for MANAGER in apt-get dnf yum none; do
    ! command -v "$MANAGER" >/dev/null || break
  done
  [ "$MANAGER" != none ] || die packages_failed 'this host has none of apt-get, dnf, yum'
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  say "$MANAGER installs: $(printf '%s' "$missing" | tr '\n' ' ')"
  log=$STATE_DIR/packages.log
  install_missing >"$log" 2>&1 </dev/null || :
  missing=$(missing_packages)
  if [ -n "$missing" ]; then
    tail -n 8 "$log" | printable | sed 's/^/  | /'
    die packages_failed "$MANAGER did not install $missing; see $log"
  fi
  did 'installed the packages'
}

missing_packages() {
  while IFS= read -r package; do
    is_installed "$package" || printf '%s\n' "$package"
  done <<EOF
$ROLE_PACKAGES
EOF
}

is_installed() {
  case $MANAGER in
    apt-get) dpkg-query -W -f "\${Status}" "$1" 2>/dev/null | grep -q ' ok installed$' ;;
    *) rpm -q --quiet "$1" ;;
  esac
}

# With the usual umask, or the files of the packages would be root's alone. `dpkg --configure -a`
# ends what a killed run has begun. Whatever fails: what counts is what is installed in the end.
install_missing() (
  umask 022
  set --
  if [ "$MANAGER" = apt-get ]; then
    export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
    dpkg --force-confdef --force-confold --configure -a || :
    apt-get -q update || :
    set -- -q --no-install-recommends -o DPkg::Lock::Timeout=120 \
      -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold
  fi
  printf '%s\n' "$missing" | xargs "$MANAGER" -y "$@" install
)

# ---- Account ----

# Makes the account as the grants say, whatever a killed run has left. One deleted by hand stays
# so until the next provision.
reconcile() {
  if [ -z "$GRANTS" ]; then
    close_account
    STATE=closed
  elif [ -n "$ENTRY" ] || [ "$STATE" = pending ]; then
    create_account
    open_account
    make_home
    give_groups
    take_groups
    sync_keys
    STATE=open
  fi
  DROPS=''
  save_marker
}

# While the marker says pending nobody has used the account: a half-made one is made anew.
# The password field `*` matches no password and, unlike `!`, lets sshd take a key without PAM.
create_account() {
  [ "$STATE" = pending ] || return 0
  discard_half_made
  run useradd -M -U -d "/home/$NAME" -s "$LOGIN_SHELL" -c "$(gecos)" -p '*' -K "UID_MIN=$LOWEST_UID" \
    ${ACCOUNT_UID:+-u "$ACCOUNT_UID"} "$NAME"
  read_entry
  ACCOUNT_UID=$ENTRY_UID STATE=open
  save_marker
  did "created the account $NAME (uid $ACCOUNT_UID)"
}

discard_half_made() {
  [ -z "$ENTRY" ] || run userdel "$NAME"
  case $(getent group "$NAME" || :) in
    '') ;;
    *:) run groupdel "$NAME" ;;
    *) foreign "a group $NAME with members" ;;
  esac
}

open_account() {
  [ "$STATE" = closed ] || return 0
  run usermod -p '*' -e '' -s "$LOGIN_SHELL" "$NAME"
  did "opened the account $NAME again"
}

# Built beside its place and renamed, so that a home is whole or absent. Nobody but root can
# plant a link in the folder above it.
make_home() {
  ! exists "$ENTRY_HOME" || return 0
  draft=${ENTRY_HOME%/*}/.$NAME.approval-loop
  run rm -rf "$draft"
  run mkdir -m 0700 "$draft"
  [ ! -d /etc/skel ] || run cp -a /etc/skel/. "$draft"
  run chown -hR "$ENTRY_UID:$ENTRY_GID" "$draft"
  run chmod 0700 "$draft"
  run mv -T "$draft" "$ENTRY_HOME"
  ! command -v restorecon >/dev/null || run restorecon -R "$ENTRY_HOME"
  did "made the home $ENTRY_HOME"
}

give_groups() {
  current=$(id -nG "$NAME")
  while IFS= read -r group; do
    if [ -z "$group" ] || has_word "$current" "$group"; then continue; fi
    getent group "$group" >/dev/null || run groupadd -r "$group"
    run usermod -a -G "$group" "$NAME"
    did "added $NAME to the group $group"
  done <<EOF
$(groups_of "$GRANTS")
EOF
}

# Takes away the groups of the drops that no grant gives.
take_groups() {
  [ -n "$DROPS" ] || return 0
  current=$(id -nG "$NAME")
  wanted=$(groups_of "$GRANTS")
  while IFS= read -r group; do
    if ! has_word "$current" "$group" || has_word "$wanted" "$group"; then continue; fi
    run gpasswd -d "$NAME" "$group"
    did "removed $NAME from the group $group"
  done <<EOF
$(groups_of "$DROPS")
EOF
}

# Shut first, then end what runs, then tidy up: nothing new can start in between.
close_account() {
  [ "$STATE" != pending ] || discard_half_made
  read_entry
  [ -n "$ENTRY" ] || return 0
  run usermod -L -e 1970-01-02 -s "$NO_LOGIN_SHELL" "$NAME"
  did "closed the account $NAME"
  end_processes
  take_groups
  remove_keys
}

# ---- What is done as the user ----

# as_user SCRIPT [ARGUMENT...]: with the rights of the account, for a bounded time. Root opens no
# path inside a home: whatever the user has put there, only the user's own rights are at stake.
as_user() {
  [ "$ENTRY_UID" -ge $LOWEST_UID ] || foreign "the system account $NAME"
  timeout -k 5 20 setpriv --reuid "$ENTRY_UID" --regid "$ENTRY_GID" --clear-groups \
    env -i PATH="$PATH" LC_ALL=C sh -c "$@" >/dev/null 2>&1
}

# $1 is the home. Standard input: `+ TYPE KEY` is a key to have, `- TYPE KEY` one to remove; other
# lines of the file are the user's own and stay. A link is replaced, its target left alone.
# Exit code 10: changed.
SYNC_KEYS=$(
  cat <<'EOF'
set -eu
umask 077
cd "$1"
[ ! -L .ssh ] || rm -f .ssh
[ -d .ssh ] || mkdir .ssh
chmod 700 .ssh
cd .ssh
old=/dev/null
if [ -f authorized_keys ] && [ ! -L authorized_keys ]; then
  chmod 600 authorized_keys
  old=authorized_keys
fi
new=$(awk '
  NR == FNR && $1 == "+" { line = $2 " " $3 " approval-loop"; wanted[line]; order[++n] = line }
  NR == FNR { managed[$3]; next }
  $0 in wanted { if (!done[$0]++) print; next }
  { for (i = 1; i <= NF; i++) if ($i in managed) next; print }
  END { for (i = 1; i <= n; i++) if (!done[order[i]]) print order[i] }
' - "$old")
[ "$new" != "$(cat "$old")" ] || exit 0
rm -f .authorized_keys.new
printf '%s\n' "$new" >.authorized_keys.new
mv -fT .authorized_keys.new authorized_keys
! command -v restorecon || restorecon -R . || :
exit 10
EOF
)

sync_keys() {
  changes=$(printf '%s' "$GRANTS$DROPS" | awk '$5 != "-" { print /^grant=/ ? "+" : "-", $5, $6 }' | sort -u)
  [ -n "$changes" ] || return 0
  code=0
  as_user "$SYNC_KEYS" sh "$ENTRY_HOME" <<EOF || code=$?
$changes
EOF
  case $code in
    0) ;;
    10) did "updated the ssh keys of $NAME" ;;
    *) die command_failed "the ssh keys in $ENTRY_HOME/.ssh cannot be written (exit code $code)" ;;
  esac
}

remove_keys() {
  # shellcheck disable=SC2016 # $1 is for the inner shell
  ! exists "$ENTRY_HOME" || as_user 'set -e; cd "$1"; [ ! -L .ssh ] || rm .ssh; [ ! -d .ssh ] || chmod 700 .ssh
    rm -f .ssh/authorized_keys .ssh/authorized_keys2' sh "$ENTRY_HOME" ||
    die command_failed "the ssh keys in $ENTRY_HOME/.ssh cannot be removed"
}

# TERM, five seconds, KILL, five seconds. Sent as the user to "all that I may signal" (-1): one
# system call that reaches every process at once, so no fork slips through.
end_processes() {
  for signal in TERM KILL; do
    has_processes || return 0
    as_user "kill -s $signal -- -1" || :
    say "sent $signal to the processes of $NAME"
    tries=50
    while has_processes && [ $tries -gt 0 ]; do
      sleep 0.1
      tries=$((tries - 1))
    done
  done
  ! has_processes || die command_failed "processes of $NAME do not end"
}

# Any process, zombies aside, with the account's real, effective or saved uid.
has_processes() {
  cat /proc/[0-9]*/status 2>/dev/null | awk -v uid="$ENTRY_UID" '
    $1 == "State:" { alive = $2 != "Z" && $2 != "X" }
    $1 == "Uid:" && alive && ($2 == uid || $3 == uid || $4 == uid) { found = 1 }
    END { exit !found }'
}

# ---- Actions ----

provision() {
  load_marker
  read_entry
  refuse_foreign_account
  refuse_foreign_home
  read_role
  install_packages
  record_grant
  [ -n "$ENTRY" ] || STATE=pending
  save_marker
  reconcile
  [ "$CHANGED" = true ] || say "nothing to do: $NAME has what $APPROVAL grants"
}

revoke() {
  load_marker
  read_entry
  refuse_foreign_account
  ROLE=$(grant_of "$GRANTS$DROPS" | awk '{ role = $2 } END { print role }')
  if [ -n "$(grant_of "$GRANTS")" ]; then
    drop_grant
    save_marker
    did "recorded the end of the grant of $APPROVAL for $EMP_ID"
  elif [ -z "$ROLE" ]; then
    say "nothing to do: $APPROVAL grants nothing to $NAME"
    return 0
  fi
  reconcile
}

# Descriptor 9 holds the lock. `9>&-` closes it for what runs inside; the shell keeps it aside
# (close-on-exec), so that no daemon started by a package can hold the lock for ever.
main() {
  trap 'finish $?' EXIT
  trap 'die interrupted "stopped by a signal; run it again"' HUP INT TERM
  parse_arguments "$@"
  check_arguments
  cd /
  check_host
  open_state
  exec 9>>"$STATE_DIR/lock"
  flock -w "$lock_wait" 9 || die lock_timeout "another run has held the lock for $lock_wait s"
  "$ACTION" 9>&- </dev/null
}

main "$@"
