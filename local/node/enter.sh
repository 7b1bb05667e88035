#!/bin/sh
# The node's first process: builds the node's view of the machine out of a
# read-only root, its own /etc/kubernetes and /var, and a network of its own,
# then becomes the supervisor (runit). Nothing here is seen outside: it all
# happens in namespaces that end with this process.
#
# enter.sh ROOT STATE ARTIFACTS NODE_NAME NODE_ADDRESS
set -eu
root=$1 state=$2 artifacts=$3 name=$4 address=$5

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$state/var" "$root/var"
mount --bind "$state/etc" "$root/etc/kubernetes"
mount --bind "$artifacts" "$root/opt"
mount -o remount,bind,ro "$root/opt"

# The kubelet sets these kernel parameters, which are the host's, unless they
# already read as it wants: show it files that do.
set_tunable() {
    mkdir -p "$root/run/tunables"
    echo "$2" >"$root/run/tunables/${1##*/}"
    mount --bind "$root/run/tunables/${1##*/}" "$root/proc/sys/$1"
}
set_tunable vm/overcommit_memory 1
set_tunable vm/panic_on_oom 0
set_tunable kernel/panic 10
set_tunable kernel/panic_on_oops 1
set_tunable kernel/keys/root_maxkeys 1000000
set_tunable kernel/keys/root_maxbytes 25000000

cd "$root"
mount -o remount,bind,ro "$root"
pivot_root . mnt
cd /
umount -l /mnt
# Shared from here on: volumes that containers mount must reach the kubelet.
mount --make-rshared /

echo "$name" >/proc/sys/kernel/hostname
ip link set lo up
# A cable to nowhere carries the node's address (a dummy interface would, but not every kernel has one).
ip link add node0 type veth peer name nowhere0
ip address add "$address/24" dev node0
ip link set node0 up
ip link set nowhere0 up
# Service addresses are nowhere; packets to them need some way out before they are rewritten.
ip route add default dev node0
echo 1 >/proc/sys/net/ipv4/ip_forward
# Answers between two pods on the bridge must pass the rules that rewrote the question.
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables

export PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec runsvdir -P /var/service
