#!/bin/bash
# The first process of the guest: starts the system, then the agent. Its root is the host's,
# read-only, below a layer in memory. The settings come from the kernel's command line.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
export DENO_NO_UPDATE_CHECK=1 NO_COLOR=1

setting() { sed -n "s|.*\brig\.$1=\([^ ]*\).*|\1|p" /proc/cmdline; }
modules=$(setting modules) deno=$(setting deno) agent=$(setting agent) cache=$(setting cache)

mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /dev/pts /dev/shm /lib/modules
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount --bind "$modules" /lib/modules
mount -t debugfs debugfs /sys/kernel/debug

# An unprivileged user must be able to read root's folders: program, cache, checkout.
for path in "$deno" "$cache" "$agent"; do
  while [ "$path" != / ]; do
    path=$(dirname "$path")
    [ -x "$path" ] && chmod a+rx "$path"
  done
done

# This host's own rules would hide the effect of those under test.
rm -f /etc/udev/rules.d/*.rules
/lib/systemd/systemd-udevd --daemon --resolve-names=early
modprobe -a virtio_net vhci-hcd ftdi_sio usb-storage sd_mod usbhid hid-generic
udevadm trigger
udevadm settle --timeout=60

busybox ip link set lo up
for try in $(seq 300); do
  nic=$(ls /sys/class/net | grep -v '^lo$' | head -n 1)
  [ -n "$nic" ] && break
  sleep 0.1
done
busybox ip addr add 10.0.2.15/24 dev "$nic"
busybox ip link set "$nic" up
busybox ip route add default via 10.0.2.2

echo "rig: system up after $(cut -d' ' -f1 /proc/uptime) s"
DENO_DIR=$cache "$deno" run -A --no-lock --no-config "$agent" 7001
echo "rig: the agent ended with $?"
poweroff -f
