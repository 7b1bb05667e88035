#!/bin/sh
# Runs a command with the files of ROOT, PROGRAM at /app and STATE at /state, as a host named localhost. For
# `unshare --mount --uts`: what is mounted here goes with the process.
#
# enter.sh ROOT PROGRAM STATE COMMAND…
set -eu
root=$1 program=$2 state=$3
shift 3

mount --make-rprivate /
mount --bind "$program" "$root/app"
mount --bind "$state" "$root/state"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
hostname localhost
exec chroot "$root" "$@"
