#!/bin/sh
# jmp @VERSION@ for Linux on @ARCH@. This is a script, and after its last line the program
# as a gzipped tar: it is unpacked into a private folder once, and started from there.
set -u

id=unpacked-@VERSION@-@ID@ # other contents never meet these in one folder
sum=@SUM@
first=@FIRST@              # byte of this file with which the payload starts, counted from 1
need=@NEED@                # kilobytes that it takes, unpacked
arch=@ARCH@
self=$0

say() { printf 'jmp: %s\n' "$*" >&2; }

# What Deno takes from the environment has no say in how the program runs: code to load
# first, a debugger to serve, other flags, folders to write to.
unset @VARIABLES@
# The system's own tools come first here; the program gets PATH as it was.
path=${PATH-}
PATH=/usr/bin:/bin:/usr/sbin:/sbin${path:+:$path}

# The user whose rights count, without a process to ask for it.
user=
while read -r key _ value _; do
  if [ "$key" = Uid: ]; then user=$value; break; fi
done 2>/dev/null </proc/self/status
[ -n "$user" ] || user=$(id -u)

# Calls $1 with each folder that may hold the program, best first, until one will do. The
# first is for all users, and root's to fill.
each_place() {
  if [ -n "${JMP_CACHE_DIR:-}" ]; then "$1" "$JMP_CACHE_DIR"; return; fi
  "$1" /var/cache/jmp && return
  if [ -n "${CACHE_DIRECTORY:-}" ]; then "$1" "${CACHE_DIRECTORY%%:*}/jmp" && return; fi
  if [ -n "${XDG_CACHE_HOME:-}" ]; then "$1" "$XDG_CACHE_HOME/jmp" && return; fi
  if [ -n "${HOME:-}" ]; then "$1" "$HOME/.cache/jmp" && return; fi
  for tmp in "${TMPDIR:-/var/tmp}" /var/tmp /tmp /dev/shm; do
    "$1" "$tmp/jmp-$user" && return
    # Others may take that name, but not one that they cannot foresee.
    for own in "$tmp/jmp-$user".*; do
      if [ -O "$own" ] && [ ! -L "$own" ]; then "$1" "$own" && return; fi
    done
  done
  return 1
}

# Sets $base to folder $1 from the root on, without slashes at its end.
locate() {
  base=$1
  case $base in /*) ;; *) base=$(pwd)/$base ;; esac
  while [ "$base" != "${base%/}" ]; do base=${base%/}; done
  [ -n "$base" ] || base=/.
}

# Prints those of these paths that somebody else could change: that are neither ours nor
# root's, or that others may write; unless they are sticky, so that what is in them stays its
# owners'. The mode of a link says nothing. Fails where one is missing, or has another size
# than $sizes say.
sizes='! -type f' # of no file
# shellcheck disable=SC2086 # $sizes are words
changeable() {
  find "$@" -prune \( \
    ! -user 0 ! -user "$user" ! -user "${host:-0}" -print -o \
    ! -type l ! -perm -1000 \( -perm -020 -o -perm -002 \) -print -o \
    -type f \( $sizes \) -exec false {} + \) 2>/dev/null
}

# Whether nobody but this user and root can change folder $1, nor lead its path elsewhere;
# and the same of the other paths, which are in it. Tells in $reason what is in the way.
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
  # Where root is nobody, in a namespace of users: the owner of / stands for it above of us.
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

# Whether folder $1 is safe, nobody else may add to it, and it is no link.
private() {
  reason="it is a link"
  [ ! -L "$1" ] || return 1
  safe "$@" || return
  if [ ! -k "$1" ] && { [ -z "$host" ] || [ -O "$1" ]; }; then return; fi
  explain "$1"
  return 1
}

owner_of() {
  # shellcheck disable=SC2046 # its words are wanted
  set -- $(ls -ldn "$1" 2>/dev/null)
  printf '%s' "${3:-?}"
}

# Tells in $reason what is wrong with path $1.
explain() {
  whom=root
  [ "$user" -eq 0 ] || whom="root and uid $user"
  # shellcheck disable=SC2012 # the mode is wanted, and it comes before the name
  reason="expected that nobody but $whom can change $1, found that it belongs to uid \
$(owner_of "$1") and has the mode $(ls -ld "$1" 2>/dev/null | cut -c 1-10)"
}

# Whether the program is in folder $1, whole and ours; it comes there by a single rename.
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

# The same, and says where a program is that we do not trust.
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
  new=
  return 1
}

free() {
  # shellcheck disable=SC2046 # its words are wanted
  set -- $(df -Pk "$1" 2>/dev/null | tail -n 1)
  printf '%s' "${4:-?}"
}

# Makes folder $1 and what leads to it, each in a place that is safe.
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

# Unpacks into folder $1, or tells in $why what is in the way.
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
  # A rename may reach the disk before the data do; a power cut would leave holes.
  find "$new" -type f -exec sync {} + 2>/dev/null
  if ! error=$("$new/jmp" --version 2>&1); then
    refuse "programs do not start there ($error)"
    return
  fi
  is_there "$base" || rm -rf "${base:?}/$id"
  # Another start may have been first; then its result stays, which is the same.
  mv -T "$new" "$base/$id" 2>/dev/null || rm -rf "$new"
  new=
  is_there "$base" || { refuse "what was unpacked is gone again"; return; }
  # What a first run compiles makes all others start sooner.
  (start "$home" version) >/dev/null 2>&1
  tidy "$base"
}

# The same in a folder of its own, where others hold the name in $1 that it should have.
unpack_aside() {
  case $1 in */jmp-"$user") ;; *) return 1 ;; esac
  if [ -O "$1" ] && [ ! -L "$1" ]; then return 1; fi
  { [ -e "$1" ] || [ -L "$1" ]; } && own=$(mktemp -d "$1.XXXXXX" 2>/dev/null) || return 1
  unpack "$own" || { rmdir "$own"; return 1; }
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
start "$home" "$@"
