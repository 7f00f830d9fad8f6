#!/bin/sh
# Starts the unpacked program that this file belongs to. The launcher has checked the folder before
# the program put it on the PATH of a hook or a shell.
unset @VARIABLES@
program=${0%/*}/..
export DENO_DIR="$program/cache" DENO_NO_UPDATE_CHECK=1
exec "$program/jmp" run @FLAGS@ "$program/main.js" @ARGUMENTS@
