#!/bin/sh
# Installs jmp, the Jumpstarter exporter, on Linux:
#
#   install.sh [--from FOLDER-OR-URL] [--dir DIR]
#
# FOLDER-OR-URL holds jmp-linux-ARCH and checksums.txt (default: the folder of this script). DIR is
# where the program is installed (default: /usr/local/bin). For Debian and Ubuntu there are packages.
# The client in the same program gets the name j, unless the host has another program of that name.
set -eu

say() { printf '%s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$*" >&2
  exit 1
}

from=$(dirname "$0")
dir=/usr/local/bin
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || fail "expected a value after $1"
  case $1 in
    --from) from=${2%/} ;;
    --dir) dir=${2%/} ;;
    *) fail "unknown option $1; expected --from FOLDER-OR-URL or --dir DIR" ;;
  esac
  shift 2
done

[ "$(uname -s)" = Linux ] || fail "expected Linux, found $(uname -s); this exporter runs on Linux only"
case $(uname -m) in
  x86_64 | amd64) arch=amd64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) fail "expected x86_64 or aarch64, found $(uname -m); there is no Deno for other machines" ;;
esac
# Older Raspberry Pi OS has a 64-bit kernel under a 32-bit system.
[ "$(getconf LONG_BIT 2>/dev/null || echo 64)" = 64 ] ||
  fail "expected a 64-bit system, found a 32-bit one on a 64-bit kernel; install the 64-bit Raspberry Pi OS"
libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) ||
  fail "expected glibc, found another C library (musl, as on Alpine?); use a container of Debian there"
case ${libc#glibc } in
  2.[0-9] | 2.1[0-9] | 2.2[0-7]) fail "expected glibc 2.28 or later, found $libc; update the system" ;;
esac

# Prints the parts of the path of folder $1 that others could change: those that neither root nor
# this user owns, and those that everybody may write, unless they are sticky.
foreign() {
  way=$1
  physical=$(cd -P "$1" 2>/dev/null && pwd -P) || physical=
  set -- /
  for way in "$way" "$physical"; do
    while [ -n "$way" ]; do
      set -- "$@" "$way"
      way=${way%/*}
    done
  done
  find "$@" -prune \( ! -user 0 ! -user "$(id -u)" -o ! -type l -perm -002 ! -perm -1000 \) \
    -print 2>/dev/null
}

expect_ours() {
  found=$(foreign "$dir" | head -n 1)
  [ -z "$found" ] ||
    fail "expected a folder that nobody but root and you can change, found $(ls -ld "$found"); name another --dir"
}

case $dir in /*) ;; *) dir=$(pwd)/$dir ;; esac
expect_ours

work=$(mktemp -d)
new=
trap 'rm -rf "$work" ${new:+"$new"}' EXIT
trap 'exit 1' HUP INT TERM

fetch() {
  case $from in
    *://*)
      if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --output "$work/$1" "$from/$1"
      else
        wget --quiet --output-document="$work/$1" "$from/$1"
      fi
      ;;
    *) cp "$from/$1" "$work/$1" ;;
  esac || fail "cannot get $from/$1"
}

name=jmp-linux-$arch
fetch checksums.txt
fetch "$name"
expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $name\$/\1/p" "$work/checksums.txt")
[ -n "$expected" ] || fail "expected $name in $from/checksums.txt, found no line for it"
found=$(sha256sum <"$work/$name")
found=${found%% *}
[ "$found" = "$expected" ] ||
  fail "expected $name with sha256 $expected, found $found; get it again"

# Tries the program in a folder that nobody else can reach, before it is installed.
mkdir -p "$dir" || fail "cannot make $dir; run this as root, or name a --dir"
expect_ours
new=$(mktemp -d "$dir/.jmp-XXXXXX") ||
  fail "cannot write to $dir; run this as root, or name a --dir"
cp "$work/$name" "$new/jmp" || fail "cannot write to $dir; make room there"
chmod 755 "$new/jmp"
version=$("$new/jmp" version) || fail "$name does not start; see above"

# Renames it into place, so that a running exporter keeps its file; a link there is replaced.
mv -fT "$new/jmp" "$dir/jmp" || fail "cannot put $dir/jmp into place; see above"
say "$dir/jmp: $version"

# Tells which other program is called j, if there is one.
other_j() {
  if [ "$(readlink "$dir/j")" = jmp ]; then return; fi
  if [ -e "$dir/j" ] || [ -L "$dir/j" ]; then echo "$dir/j"; else command -v j; fi
}

other=$(other_j) || ln -sT jmp "$dir/j" || fail "cannot make the link $dir/j; see above"
[ -z "$other" ] || say "$other is another program, and stays; the client of this one is: $dir/jmp j"
