#!/bin/sh
#
# allocate.sh: gives an employee a workspace, a folder of a given size on this host, and takes it back.
#
# Cloud Assistant runs it as root; docs/allocate.md is the reference. One file for any POSIX sh.
#
# Each workspace has a record, a file that only root can reach. A run checks everything, writes into
# the record what shall be, and makes the folder so; one that was killed is finished by the next.
# It does not touch what has no record, opens no path inside a workspace and evaluates no data.
# Its last line is `PROVISION_RESULT {json}`, on failure too.

set -eu
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
unset TMPDIR

STATE_DIR=/var/lib/approval-loop
ACCOUNTS_DIR=$STATE_DIR/accounts
RECORDS_DIR=$STATE_DIR/workspaces
WORKSPACES_DIR=/srv/workspaces
LOWEST_UID=1000
NL='
'

# What is asked for (empty until checked), the record in memory, and the outcome. PROJECT is the number
# under which the file system counts the folder; ENFORCED stays null until a quota was tried.
ACTION=allocate NAME='' OWNER='' SIZE='' EXPIRES='' EXPIRES_JSON=null REQUEST=''
STATE='' RECORD_OWNER='' RECORD_SIZE='' RECORD_EXPIRES='' PROJECT='' SAVED=''
CHANGED=false ENFORCED=null FAILURE='' REASON=''

usage() {
  cat <<'EOF'
usage: allocate.sh --owner ID --size SIZE --expires BASE64 --request ID
       allocate.sh --revoke --owner ID --request ID

  --owner ID         employee: 1 to 31 of A-Z a-z 0-9 . _ -, a letter or digit first
  --size SIZE        1G to 9999G
  --expires BASE64   until when, in words: Base64 of one line of UTF-8
  --request ID       what grants this: 1 to 140 of A-Z a-z 0-9 . _ -
  --revoke           take the access away; the data stays
  --lock-wait SECS   how long to wait for another run, 1 to 999 (default: 30)
  --help             this text

exit codes: 0 ok, 2 bad_usage, 3 not_ours, 4 lock_timeout, 7 host_unfit, 8 command_failed,
            9 interrupted, 10 no_space
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
  FAILURE=$1 REASON=$2 exit_code=8
  for known in 2:bad_usage 3:not_ours 4:lock_timeout 7:host_unfit 9:interrupted 10:no_space; do
    [ "${known#*:}" != "$1" ] || exit_code=${known%:*}
  done
  exit "$exit_code"
}

# Keeps printable ASCII and line ends; any other byte becomes a question mark.
printable() { tr -c '\012\040-\176' '?'; }

# A value as it may stand in a message: short and on one line.
shown() { printf '%s' "$1" | tr '\012' ' ' | printable | head -c 60; }

print_result() {
  awk '
    function text(s) { gsub(/\n/, " ", s); gsub(/[^ -~]/, "?", s); gsub(/["\\]/, "\\\\&", s); return "\"" s "\"" }
    function put(name, value) { printf ",\"%s\":%s", name, value == "\"\"" ? "null" : value }
    BEGIN {
      printf "PROVISION_RESULT {\"version\":1"
      put("action", text(ARGV[1])); put("status", ARGV[2] ? "\"error\"" : "\"ok\"")
      if (ARGV[2]) { put("code", text(ARGV[2])); put("reason", text(substr(ARGV[3], 1, 400))) }
      put("workspace", text(ARGV[4])); put("path", text(ARGV[5])); put("owner", text(ARGV[6]))
      put("size", text(ARGV[7])); put("expires", ARGV[8]); put("enforced", ARGV[9]); put("changed", ARGV[10])
      put("host", text(ARGV[11])); put("request", text(ARGV[12])); print "}"
    }' "$ACTION" "$FAILURE" "$REASON" "$NAME" "${NAME:+$WORKSPACES_DIR/$NAME}" "$OWNER" "$SIZE" \
    "$EXPIRES_JSON" "$ENFORCED" "$CHANGED" "$(uname -n)" "$REQUEST" || :
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

# ---- Arguments ----

parse_arguments() {
  owner='' size='' expires='' request='' lock_wait=30 given=' '
  while [ $# -gt 0 ]; do
    option=${1%%=*} value=${1#*=}
    case $1 in
      --help)
        usage
        trap - EXIT
        exit 0
        ;;
      --revoke | --owner=* | --size=* | --expires=* | --request=* | --lock-wait=*) ;;
      --owner | --size | --expires | --request | --lock-wait)
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
      --owner) owner=$value ;;
      --size) size=$value ;;
      --expires) expires=$value ;;
      --request) request=$value ;;
      --lock-wait) lock_wait=$value ;;
    esac
  done
}

# The name comes from the approval, so that `X.retry-1` and `X.revoke` mean the workspace of X.
check_arguments() {
  check_value --owner "$owner" '[A-Za-z0-9][A-Za-z0-9._-]{0,30}'
  OWNER=$owner
  check_value --request "$request" '[A-Za-z0-9_.-]{1,140}'
  REQUEST=$request
  approval=$(printf '%s\n' "$REQUEST" | sed -E 's/(.)(\.retry-[0-9]+|\.revoke)+$/\1/')
  case $ACTION${REQUEST#"$approval"} in
    allocate*.revoke*) die bad_usage "--request '$REQUEST' names a reversal, but --revoke is not given" ;;
  esac
  # The name of the account that provision.sh makes for this employee.
  ACCOUNT=$(printf '%s' "$OWNER" | tr '[:upper:]' '[:lower:]' | tr -d '._-')
  case $ACCOUNT in [0-9]*) ACCOUNT=u$ACCOUNT ;; esac
  NAME=$ACCOUNT-$(printf '%s' "$approval" | sha256sum | head -c 8)
  FOLDER=$WORKSPACES_DIR/$NAME RECORD=$RECORDS_DIR/$NAME
  [ "$ACTION$size" = revoke ] || check_value --size "$size" '[1-9][0-9]{0,3}G'
  SIZE=$size
  [ "$ACTION$expires" = revoke ] || decode_expires
  check_value --lock-wait "$lock_wait" '[1-9][0-9]{0,2}'
}

# check_value OPTION VALUE PATTERN: the whole value must match, so a line end never passes.
check_value() {
  case $2 in *"$NL"*) ;; *) ! printf '%s\n' "$2" | grep -Eqx -e "$3" || return 0 ;; esac
  die bad_usage "$1 '$(shown "$2")' does not match $3"
}

# Encoding again proves that the value is the Base64 of this very text: no stray bits, and no
# NUL byte, which a shell variable would have lost.
decode_expires() {
  [ ${#expires} -le 1368 ] || die bad_usage '--expires has more than 1368 characters'
  EXPIRES=$(printf '%s' "$expires" | base64 -d 2>/dev/null | tr '\000' '\001'; printf x)
  EXPIRES=${EXPIRES%x}
  if [ -z "$EXPIRES" ] || [ "$(printf '%s' "$EXPIRES" | base64 -w 0)" != "$expires" ]; then
    die bad_usage '--expires is not the Base64 of a text'
  fi
  printf '%s' "$EXPIRES" | iconv -f UTF-8 -t UTF-16BE >/dev/null 2>&1 || die bad_usage '--expires is not UTF-8'
  # Also those that break or reverse a line.
  ! utf16 "$EXPIRES" | grep -Eqx '00[0189].|007f|202[89a-e]|206[6-9]' ||
    die bad_usage '--expires holds a control character'
  EXPIRES_JSON=$(json_text "$EXPIRES")
}

# The code units of a text, four hexadecimal digits on each line.
utf16() { printf '%s' "$1" | iconv -f UTF-8 -t UTF-16BE | od -An -v -tx1 | tr -d ' \n' | fold -w 4; }

json_text() {
  utf16 "$1" | awk '
    BEGIN { for (i = 32; i < 127; i++) if (i != 34 && i != 92) plain[sprintf("%04x", i)] = sprintf("%c", i) }
    { text = text (($0 in plain) ? plain[$0] : "\\u" $0) }
    END { printf "\"%s\"", text }'
}

# ---- Host, state folder ----

check_host() {
  [ "$(id -u)" -eq 0 ] || die host_unfit 'this must run as root'
  for tool in flock getent sha256sum base64 iconv; do
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
  for folder in "$STATE_DIR" "$RECORDS_DIR"; do
    exists "$folder" || mkdir -m 0700 "$folder" 2>/dev/null || :
    is_root_owned "$folder" -type d -perm 0700 || die host_unfit "$folder must be a folder of root with mode 0700"
  done
}

# ---- Record ----

record_text() { printf 'version=1\nstate=%s\nowner=%s\nsize=%s\nexpires=%s\nrequest=%s\nproject=%s' "$@"; }

field() { sed -n "s/^$1=//p" "$RECORD"; }

# A file that save_record cannot have written is not believed.
load_record() {
  exists "$RECORD" || return 0
  is_root_owned "$RECORD" -type f -perm 0600 || die host_unfit "$RECORD must be a file of root with mode 0600"
  SAVED=$(cat "$RECORD")
  STATE=$(field state) RECORD_OWNER=$(field owner) RECORD_SIZE=$(field size) RECORD_EXPIRES=$(field expires)
  PROJECT=$(field project)
  whole=$(record_text "$STATE" "$RECORD_OWNER" "$RECORD_SIZE" "$RECORD_EXPIRES" "$approval" "$PROJECT")
  if [ "$whole" != "$SAVED" ] || ! printf '%s\n' "$STATE $RECORD_SIZE $PROJECT" |
    grep -Eqx '(open|revoked) [1-9][0-9]{0,3}G [1-9][0-9]{9}'; then
    die host_unfit "the record $RECORD is damaged"
  fi
}

# save_record STATE: old or new, never half: a file beside it, flushed, then renamed.
save_record() {
  text=$(record_text "$1" "$OWNER" "$SIZE" "$EXPIRES" "$approval" "$PROJECT")
  [ "$text" != "$SAVED" ] || return 0
  run rm -f "$RECORDS_DIR/.new"
  printf '%s\n' "$text" >"$RECORDS_DIR/.new" || die command_failed "$RECORDS_DIR cannot be written"
  flush "$RECORDS_DIR/.new"
  run mv -fT "$RECORDS_DIR/.new" "$RECORD"
  flush "$RECORDS_DIR"
  did "recorded the workspace $NAME: $SIZE for $OWNER, $1"
}

# sync takes no file before coreutils 8.24; then everything is flushed.
flush() { sync "$1" 2>/dev/null || sync; }

# Nobody but root can put anything in the place of a workspace, so what is checked stays true.
refuse_foreign() {
  for folder in "${WORKSPACES_DIR%/*}" "$WORKSPACES_DIR"; do
    ! exists "$folder" || is_root_owned "$folder" -type d ! -perm /022 ||
      die not_ours "$folder must be a folder of root that nobody else can write to"
  done
  if exists "$FOLDER" && { [ -z "$STATE" ] || [ -L "$FOLDER" ] || [ ! -d "$FOLDER" ]; }; then
    die not_ours "$FOLDER exists and was not made by this script"
  fi
  [ -z "$STATE" ] || [ "$RECORD_OWNER" = "$OWNER" ] || die not_ours "the workspace $NAME is employee $RECORD_OWNER's"
}

# ---- Folder ----

# Sets HOLDER to the owner's account, if it is the one that provision.sh made, else to root.
find_holder() {
  HOLDER=0:0 marker=$ACCOUNTS_DIR/$ACCOUNT
  exists "$marker" || return 0
  if ! is_root_owned "$ACCOUNTS_DIR" -type d -perm 0700 || ! is_root_owned "$marker" -type f -perm 0600; then
    die host_unfit "$marker must be a file of root with mode 0600"
  fi
  uid=$(sed -n 's/^uid=//p' "$marker")
  if ! grep -qxF "emp_id=$OWNER" "$marker" || ! grep -qxE 'state=(open|closed)' "$marker"; then return 0; fi
  entry=$(getent passwd "$ACCOUNT" | cut -d: -f3,4 || :)
  [ "${entry%:*}" != "$uid" ] || [ "${uid:-0}" -lt $LOWEST_UID ] || HOLDER=$entry
}

# What is promised must be there when it is promised. What was promised before is not asked for again.
check_space() {
  recorded=${RECORD_SIZE%G}
  [ "${SIZE%G}" -gt "${recorded:-0}" ] || return 0
  free=$({ df -P -B 1 $WORKSPACES_DIR || df -P -B 1 "${WORKSPACES_DIR%/*}" || df -P -B 1 /; } 2>/dev/null |
    awk 'END { print $4 }')
  [ "${SIZE%G}" -le $((free / 1073741824)) ] || die no_space "$SIZE is asked for, but only $free bytes are free"
}

# Numbers are never used again: records stay.
set_project() {
  [ -n "$PROJECT" ] || PROJECT=$(cat "$RECORDS_DIR"/* 2>/dev/null |
    awk -F= 'BEGIN { last = 1000000000 } $1 == "project" && $2 > last { last = $2 } END { print last + 1 }')
}

make_folder() {
  for folder in "${WORKSPACES_DIR%/*}:0755" "$WORKSPACES_DIR:0711" "$FOLDER:0700"; do
    exists "${folder%:*}" || { run mkdir -m "${folder#*:}" "${folder%:*}" && did "made ${folder%:*}"; }
  done
}

# Only where the mount options say that project quotas are in force. The number goes to the folder
# itself, new files inherit it; so no path inside is opened.
set_quota() {
  ENFORCED=false kib=$((${SIZE%G} * 1048576))
  found=$(findmnt -n -r -o FSTYPE,OPTIONS,TARGET -T "$FOLDER" 2>/dev/null || :)
  mount=${found##* }
  case $found in
    xfs\ *[\ ,]prjquota[\ ,]*)
      ! xfs_quota -x -c "project -s -d 0 -p $FOLDER $PROJECT" -c "limit -p bhard=${kib}k $PROJECT" "$mount" ||
        ENFORCED=true
      ;;
    ext4\ *[\ ,]prjquota[\ ,]*)
      ! { chattr -p "$PROJECT" +P "$FOLDER" && setquota -P "$PROJECT" 0 $kib 0 0 "$mount"; } || ENFORCED=true
      ;;
  esac >/dev/null 2>&1
  [ $ENFORCED = true ] || say "the size of $NAME is not enforced: $WORKSPACES_DIR has no project quotas"
}

# give_folder UID:GID MODE. The two zeros let chmod clear the setgid bit too.
give_folder() {
  [ "$(stat -c '%u:%g %a' "$FOLDER")" != "$1 $2" ] || return 0
  run chown -h "$1" "$FOLDER"
  run chmod "00$2" "$FOLDER"
  did "gave $FOLDER to $(stat -c '%U:%G' "$FOLDER") with mode $2"
}

# ---- Actions ----

allocate() {
  load_record
  refuse_foreign
  find_holder
  check_space
  set_project
  save_record open
  make_folder
  set_quota
  give_folder "$HOLDER" 2770
  [ $CHANGED = true ] || say "nothing to do: $OWNER has the workspace $NAME"
}

revoke() {
  load_record
  refuse_foreign
  [ -n "$STATE" ] || { say "nothing to do: there is no workspace $NAME" && return 0; }
  SIZE=$RECORD_SIZE EXPIRES=$RECORD_EXPIRES EXPIRES_JSON=$(json_text "$RECORD_EXPIRES")
  save_record revoked
  ! exists "$FOLDER" || give_folder 0:0 700
  [ $CHANGED = true ] || say "nothing to do: the workspace $NAME is revoked"
}

# Descriptor 9 holds the lock, the one of provision.sh. `9>&-` closes it for what runs inside; the
# shell keeps it aside (close-on-exec), so that no process can hold the lock for ever.
main() {
  trap 'finish $?' EXIT
  trap 'die interrupted "stopped by a signal; run it again"' HUP INT TERM
  parse_arguments "$@"
  check_host
  check_arguments
  cd /
  open_state
  exec 9>>"$STATE_DIR/lock"
  flock -w "$lock_wait" 9 || die lock_timeout "another run has held the lock for $lock_wait s"
  "$ACTION" 9>&- </dev/null
}

main "$@"
