#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A fresh Debian 12 (debootstrap minbase, git, make): make run and make check from a clean clone.
#
# FRESH_BASE=DIR takes a debootstrap made earlier; FRESH_DIR=DIR says where to work (build/fresh).
set -eu
[ "$(id -u)" -eq 0 ] || { echo "SKIP: a chroot needs root"; exit 77; }
root=$(pwd)
dir=${FRESH_DIR:-$root/build/fresh}
export LC_ALL=C.UTF-8

# Whatever happens, no mount is left behind: a later rm would reach through it.
unmount() {
	for m in dev/shm dev/pts dev sys proc; do
		mountpoint -q "$dir/$m" && umount -l "$dir/$m"
	done
	return 0
}
trap unmount EXIT
unmount
rm -rf "$dir"
if [ -n "${FRESH_BASE:-}" ]; then
	cp -a "$FRESH_BASE" "$dir"
else
	mirror=$(apt-get indextargets --format '$(RELEASE) $(SITE)' |
		awk '$1 == "bookworm" || $1 == "stable" { print $2; exit }')
	debootstrap --variant=minbase --include=git,make,ca-certificates bookworm "$dir" "$mirror" \
		>"$dir.log" 2>&1 || { tail "$dir.log"; exit 4; }
fi
cp -L /etc/resolv.conf "$dir/etc/resolv.conf"
mount -t proc proc "$dir/proc"
mount -t sysfs sys "$dir/sys"
mount --bind /dev "$dir/dev"
mkdir -p "$dir/dev/shm"
mountpoint -q "$dir/dev/shm" || mount -t tmpfs shm "$dir/dev/shm"

git clone -q "$root" "$dir/root/sense"
in_chroot() {
	chroot "$dir" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		TERM="${TERM:-dumb}" CI=true sh -c "cd /root/sense && $*"
}
echo "= packages before: $(chroot "$dir" dpkg-query -W | wc -l)"
for target in "run DURATION=${DURATION:-60}" check; do
	start=$SECONDS
	in_chroot "make $target" </dev/null
	echo "= make $target: $((SECONDS - start)) s in a fresh chroot, installing included"
done
