#!/bin/sh
# jmp @VERSION@ for Linux on @ARCH@. This script is followed by the program as a
# gzipped tar. It unpacks the program into a private folder once, and starts it from there.
set -u

id=unpacked-@VERSION@-@ID@ # other contents get another folder
sum=@SUM@
first=@FIRST@              # first byte of the payload in this file, counted from 1
need=@NEED@                # size of the unpacked program in kB
arch=@ARCH@
self=$0
case $self in /*) ;; *) self=$(pwd)/$self ;; esac

say() { printf 'jmp: %s\n' "$*" >&2; }

# Removes variables by which Deno would load other code, serve a debugger, change its flags, or
# write to other folders.
unset @VARIABLES@
# This script prefers the system's tools; the program gets the original PATH.
path=${PATH-}
PATH=/usr/bin:/bin:/usr/sbin:/sbin${path:+:$path}

# The effective user, read without starting a process.
user=
while read -r key _ value _; do
  if [ "$key" = Uid: ]; then user=$value; break; fi
done 2>/dev/null </proc/self/status
[ -n "$user" ] || user=$(id -u)

# Calls $1 with each folder that may hold the program, best first, until a call succeeds. The first
# is for all users; only root can fill it.
each_place() {
  if [ -n "${JMP_CACHE_DIR:-}" ]; then "$1" "$JMP_CACHE_DIR"; return; fi
  "$1" /var/cache/jmp && return
  if [ -n "${CACHE_DIRECTORY:-}" ]; then "$1" "${CACHE_DIRECTORY%%:*}/jmp" && return; fi
  if [ -n "${XDG_CACHE_HOME:-}" ]; then "$1" "$XDG_CACHE_HOME/jmp" && return; fi
  if [ -n "${HOME:-}" ]; then "$1" "$HOME/.cache/jmp" && return; fi
  for tmp in "${TMPDIR:-/var/tmp}" /var/tmp /tmp /dev/shm; do
    "$1" "$tmp/jmp-$user" && return
    # Others may take that name, but cannot guess a random one.
    for own in "$tmp/jmp-$user".*; do
      if [ -O "$own" ] && [ ! -L "$own" ]; then "$1" "$own" && return; fi
    done
  done
  return 1
}

# Sets $base to the absolute path of folder $1, without slashes at its end.
locate() {
  base=$1
  case $base in /*) ;; *) base=$(pwd)/$base ;; esac
  while [ "$base" != "${base%/}" ]; do base=${base%/}; done
  [ -n "$base" ] || base=/.
}

# Prints the paths that somebody else could change: those that neither this user nor root owns, and
# those that others may write, except sticky folders, whose entries only their owners can replace.
# The mode of a link is ignored. Fails if a path is missing or differs from $sizes.
sizes='! -type f' # matches no file
# shellcheck disable=SC2086 # $sizes must be split into words
changeable() {
  # find fails in a folder that it cannot enter again, as after `sudo -u` in root's home.
  cd / || return
  find "$@" -prune \( \
    ! -user 0 ! -user "$user" ! -user "${host:-0}" -print -o \
    ! -type l ! -perm -1000 \( -perm -020 -o -perm -002 \) -print -o \
    -type f \( $sizes \) -exec false {} + \) 2>/dev/null
}

# Whether only this user and root can change folder $1, the folders on its path, and the other
# paths, which are in it. Sets $reason if not.
safe() {
  folder=$1
  shift
  linked=
  way=$folder
  while [ -n "$way" ]; do
    set -- "$way" "$@"
    [ ! -L "$way" ] || linked=yes
    way=${way%/*}
  done
  if [ -n "$linked" ]; then
    reason="it cannot be entered"
    way=$(cd -P "$folder" 2>/dev/null && pwd -P) || return 1
    while [ -n "$way" ]; do
      set -- "$way" "$@"
      way=${way%/*}
    done
  fi
  reason="it is not whole"
  host=
  found=$(changeable / "$@") || return 1
  # In a user namespace root may appear as nobody: then the owner of / counts as root.
  case $found in
    / | "/
"*)
      host=$(owner_of /)
      found=$(changeable / "$@") || return 1
      ;;
  esac
  [ -z "$found" ] || { explain "${found%%
*}"; return 1; }
}

# Whether folder $1 is safe, is no link, and nobody else may add to it.
private() {
  reason="it is a link"
  [ ! -L "$1" ] || return 1
  safe "$@" || return
  if [ ! -k "$1" ] && { [ -z "$host" ] || [ -O "$1" ]; }; then return; fi
  explain "$1"
  return 1
}

owner_of() {
  # shellcheck disable=SC2046 # must be split into words
  set -- $(ls -ldn "$1" 2>/dev/null)
  printf '%s' "${3:-?}"
}

# Sets $reason to the problem of path $1.
explain() {
  whom=root
  [ "$user" -eq 0 ] || whom="root and uid $user"
  # shellcheck disable=SC2012 # needs the mode, which comes before the name
  reason="expected that nobody but $whom can change $1, found that it belongs to uid \
$(owner_of "$1") and has the mode $(ls -ld "$1" 2>/dev/null | cut -c 1-10)"
}

# Whether folder $1 holds the whole program, and it is ours. A single rename puts it there.
is_there() {
  locate "$1"
  reason=
  [ -d "$base/$id" ] || return
  set -f # @SIZES@ has patterns for find
  sizes="@SIZES@"
  private "$base" @PATHS@
  result=$?
  sizes='! -type f'
  set +f
  home=$base/$id
  return "$result"
}

# The same, and prints a warning about a program that is not trusted.
look() {
  is_there "$1" && return
  case $reason in expected*) say "Cannot use $base/$id: $reason" ;; esac
  return 1
}

# Starts the program in folder $1 with the other arguments.
start() {
  program=$1
  shift
  if [ -n "$path" ]; then PATH=$path; else unset PATH; fi
  export DENO_DIR="$program/cache" DENO_NO_UPDATE_CHECK=1 JMP_LAUNCHER="$self"
  exec "$program/jmp" run @FLAGS@ "$program/main.js" "$@"
}

# Whether this file is intact and for this machine.
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
  new=
  return 1
}

free() {
  # shellcheck disable=SC2046 # must be split into words
  set -- $(df -Pk "$1" 2>/dev/null | tail -n 1)
  printf '%s' "${4:-?}"
}

# Makes folder $1 and its parents, each in a safe folder.
make() {
  if [ -z "$1" ] || [ -d "$1" ] || [ -L "$1" ]; then return; fi
  make "${1%/*}" && safe "${1%/*}/" || return
  error=$(mkdir "$1" 2>&1) && return
  reason=${error##*: }
  [ -d "$1" ] # another start may have been first
}

extract() {
  tail -c "+$first" "$self" | gzip -dc | tar -xf - -C "$1" --no-same-owner
}

# Unpacks into folder $1, or adds the problem to $why.
unpack() {
  locate "$1"
  new=
  umask 077
  [ "$base" != /var/cache/jmp ] || umask 022
  if ! { make "$base" && private "$base"; }; then
    case $reason in expected* | *link) unsafe="$unsafe
  $base: $reason" ;; esac
    refuse "$reason"
    return
  fi
  error=$(mktemp -d "$base/.new-XXXXXX" 2>&1) || { refuse "${error##*: }"; return; }
  new=$error
  available=$(free "$base")
  if ! error=$(extract "$new" 2>&1); then
    refuse "it takes $need kB, $available kB are free ($(printf '%s' "$error" | head -n 1))"
    return
  fi
  mkdir "$new/cache"
  chmod 755 "$new"
  # Otherwise the rename may reach the disk before the data, and a power cut would leave holes.
  find "$new" -type f -exec sync {} + 2>/dev/null
  if ! error=$("$new/jmp" --version 2>&1); then
    refuse "programs do not start there ($error)"
    return
  fi
  is_there "$base" || rm -rf "${base:?}/$id"
  # Another start may have been first; then its result, which is the same, stays.
  mv -T "$new" "$base/$id" 2>/dev/null || rm -rf "$new"
  new=
  is_there "$base" || { refuse "what was unpacked is gone again"; return; }
  # The first runs compile; all later ones start sooner.
  (start "$home" version) >/dev/null 2>&1
  (start "$home" j --help) >/dev/null 2>&1
  tidy "$base"
}

# The same in a folder with a random name, if others own the folder $1.
unpack_aside() {
  case $1 in */jmp-"$user") ;; *) return 1 ;; esac
  if [ -O "$1" ] && [ ! -L "$1" ]; then return 1; fi
  { [ -e "$1" ] || [ -L "$1" ]; } && own=$(mktemp -d "$1.XXXXXX" 2>/dev/null) || return 1
  unpack "$own" || { rmdir "$own"; return 1; }
}

# Removes the remains of crashes from folder $1, and versions that no longer run.
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
  unsafe=
  new=
  mask=$(umask)
  trap '[ -z "$new" ] || rm -rf "$new"' EXIT
  trap 'exit 143' HUP INT TERM
  each_place unpack || each_place unpack_aside
  result=$?
  trap - EXIT HUP INT TERM
  umask "$mask"
  if [ "$result" -eq 0 ]; then
    [ -z "$unsafe" ] || say "Unpacked into $home, as these folders cannot be used:$unsafe"
    return 0
  fi
  say "Cannot unpack $self: expected a folder with $need kB free from which programs start" \
    "(with glibc 2.27 or later, and libgcc_s), found$why
  make room in one of them, take others' rights to it away, or name another one in JMP_CACHE_DIR"
  return 1
}

each_place look || unpack_somewhere || exit 1
# Under the name of a link to this file the program is a client.
case ${self##*/} in j) set -- j "$@" ;; esac
start "$home" "$@"
