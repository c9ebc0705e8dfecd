#!/bin/sh
# Becomes systemd as process 1 of a machine made of namespaces: the root folder of this one under a layer that is thrown
# away, without what is enabled here. Runs as process 1 of new pid, mount, uts, ipc and net namespaces.
#   boot.sh STAGE CGROUP   STAGE: a folder, which the machine has as /srv/check; CGROUP: an empty group of cgroup2
set -eu
stage=$1 cgroup=$2
[ "$$" = 1 ] || { echo "boot.sh runs as process 1 only"; exit 1; }
mount --make-rprivate /

if [ "${3-}" != within ]; then
    echo 0 >"$cgroup/cgroup.procs"
    # From here on, the group is the root of all groups that the machine sees.
    exec unshare --cgroup "$0" "$stage" "$cgroup" within
fi

mount -t tmpfs -o mode=755 layer /mnt
mkdir /mnt/new /mnt/work /mnt/root
root=/mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/new,workdir=/mnt/work overlay "$root"
# What this machine starts by itself, and what it may have of Magma, is none of that one's.
for folder in etc/systemd/system etc/init.d etc/rc0.d etc/rc1.d etc/rc2.d etc/rc3.d etc/rc4.d etc/rc5.d etc/rc6.d etc/rcS.d; do
    if [ -d "$root/$folder" ]; then
        rm -r "${root:?}/$folder"
        mkdir "$root/$folder"
    fi
done
rm -rf "$root/etc/magma" "$root/etc/snowflake" "$root/var/opt/magma"
echo gateway >"$root/etc/hostname"
: >"$root/etc/fstab"
mkdir -p "$root/srv/check"
mount --bind "$stage" "$root/srv/check"

mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 dev "$root/dev"
for device in null zero full random urandom tty; do
    : >"$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
cd "$root"
mkdir -p run/before
pivot_root . run/before
# The layer itself stays in sight, to see what was written.
mkdir run/layer
mount --bind run/before/mnt/new run/layer
umount -l run/before
exec env -i container=namespaces PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=multi-user.target
