#!/bin/sh
# jmp @VERSION@ for Linux on @ARCH@. This is a script, and after its last line the program
# as a gzipped tar: it is unpacked into a private folder once, and started from there.
set -u

id=unpacked-@VERSION@-@ID@ # other contents never meet these in one folder
sum=@SUM@
first=@FIRST@              # byte of this file with which the payload starts, counted from 1
need=@NEED@                # kilobytes that it takes, unpacked
arch=@ARCH@
sizes='@SIZES@'
self=$0

say() { printf 'jmp: %s\n' "$*" >&2; }

# Calls $1 with each folder that may hold the program, best first, until one will do. The
# first is for all users, and root's to fill.
each_place() {
  if [ -n "${JMP_CACHE_DIR:-}" ]; then "$1" "$JMP_CACHE_DIR"; return; fi
  "$1" /var/cache/jmp && return
  if [ -n "${CACHE_DIRECTORY:-}" ]; then "$1" "${CACHE_DIRECTORY%%:*}/jmp" && return; fi
  if [ -n "${XDG_CACHE_HOME:-}" ]; then "$1" "$XDG_CACHE_HOME/jmp" && return; fi
  if [ -n "${HOME:-}" ]; then "$1" "$HOME/.cache/jmp" && return; fi
  uid=$(id -u)
  for tmp in "${TMPDIR:-/var/tmp}" /var/tmp /tmp /dev/shm; do
    "$1" "$tmp/jmp-$uid" && return
  done
  return 1
}

# Whether folder $1 is nobody else's: where all may write, another user could be first.
trusted() {
  case $1 in "${JMP_CACHE_DIR:-/var/cache/jmp}" | /var/cache/jmp) return 0 ;; esac
  [ -O "$1" ] && [ ! -L "$1" ]
}

# Whether the program is in folder $1, whole; it comes there by a single rename.
whole() {
  [ -d "$1" ] && [ ! -L "$1" ] && found=$(stat -c %s @FILES@ 2>/dev/null) &&
    [ "$found" = "$sizes" ]
}

is_there() {
  trusted "$1" && whole "$1/$id" && home=$1/$id
}

# Starts the program in folder $1 with the other arguments.
start() {
  program=$1
  shift
  export DENO_DIR="$program/cache" DENO_NO_UPDATE_CHECK=1
  exec "$program/jmp" run @FLAGS@ "$program/main.js" "$@"
}

# Whether this file can be unpacked here at all.
fit() {
  machine=$(uname -m)
  if [ "$machine" != "$arch" ]; then
    say "Cannot start $self: expected a machine with $arch, found $machine; take the file for it"
    return 1
  fi
  found=$(tail -c "+$first" "$self" | sha256sum)
  found=${found%% *}
  [ "$found" = "$sum" ] && return 0
  say "Cannot unpack $self: expected contents with sha256 $sum, found $found; copy it again"
  return 1
}

refuse() {
  why="$why
  $base: $1"
  [ -z "$new" ] || rm -rf "$new"
  return 1
}

free() {
  # shellcheck disable=SC2046 # its words are wanted
  set -- $(df -Pk "$1" 2>/dev/null | tail -n 1)
  printf '%s' "${4:-?}"
}

extract() {
  tail -c "+$first" "$self" | gzip -dc | tar -xf - -C "$1" --no-same-owner
}

# Unpacks into folder $1, or tells in $why what is in the way.
unpack() {
  base=$1
  new=
  umask 077
  [ "$base" != /var/cache/jmp ] || umask 022
  error=$(mkdir -p "$base" 2>&1) || { refuse "${error##*: }"; return; }
  trusted "$base" || { refuse "it is a link or belongs to somebody else"; return; }
  error=$(mktemp -d "$base/.new-XXXXXX" 2>&1) || { refuse "${error##*: }"; return; }
  new=$error
  chmod 755 "$new"
  available=$(free "$base")
  if ! error=$(extract "$new" 2>&1); then
    refuse "it takes $need kB, $available kB are free ($(printf '%s' "$error" | head -n 1))"
    return
  fi
  # A rename may reach the disk before the data do; a power cut would leave holes.
  find "$new" -type f -exec sync {} + 2>/dev/null
  if ! error=$("$new/jmp" --version 2>&1); then
    refuse "programs do not start there ($error)"
    return
  fi
  whole "$base/$id" || rm -rf "${base:?}/$id"
  # Another start may have been first; then its result stays, which is the same.
  mv -T "$new" "$base/$id" 2>/dev/null || rm -rf "$new"
  new=
  whole "$base/$id" || { refuse "what was unpacked is gone again"; return; }
  home=$base/$id
  # What a first run compiles makes all others start sooner.
  (start "$home" version) >/dev/null 2>&1
  tidy "$base"
}

# Removes from folder $1 what a crash left, and versions that do not run any more.
tidy() {
  find "$1" -maxdepth 1 -name '.new-*' -mmin +60 -exec rm -rf {} + 2>/dev/null
  for old in "$1"/unpacked-*; do
    if [ "$old" = "$home" ] || [ ! -f "$old/main.js" ]; then continue; fi
    find /proc/[0-9]*/exe -maxdepth 0 -lname "$old/*" 2>/dev/null | grep -q . || rm -rf "$old"
  done
  return 0
}

unpack_somewhere() {
  fit || return
  why=
  new=
  mask=$(umask)
  trap '[ -z "$new" ] || rm -rf "$new"' EXIT
  trap 'exit 143' HUP INT TERM
  each_place unpack
  result=$?
  trap - EXIT HUP INT TERM
  umask "$mask"
  [ "$result" -eq 0 ] && return 0
  say "Cannot unpack $self: expected a folder with $need kB free from which programs start" \
    "(with glibc 2.27 or later, and libgcc_s), found$why
  make room in one of them, or name another one in JMP_CACHE_DIR"
  return 1
}

each_place is_there || unpack_somewhere || exit 1
start "$home" "$@"
