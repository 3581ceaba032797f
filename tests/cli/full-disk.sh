#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Writing out to a full disk: exit status 4 and a sentence. (Recording onto one is a VM test.)
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != inside ]; then
	[ "$(id -u)" -eq 0 ] || skip "a small file system needs root"
	unshare -m true 2>/dev/null || skip "no mount namespace here"
	rm -rf "$tmp"
	cd "$root" && exec unshare -m tests/cli/full-disk.sh inside
fi
mkdir small && mount -t tmpfs -o size=64k none small || skip "no tmpfs here"
trap 'umount small; rm -rf "$tmp"' EXIT
"$helpers/make-record" run.sense 10000 100 || exit 4
try 4 dump run.sense -o small/run.csv; says 'small/run.csv.*No space left'; remedy 'room'
try 4 plot run.sense --width 4000 -o small/run.svg; says 'small/run.svg'; remedy 'room'
# A record that finds no room says so itself.
command=(make-record small/run.sense)
"$helpers/make-record" small/run.sense 100000 100 >.out 2>.err
rc=$?
expect "$rc" 4 "recording onto a full disk"
grep -qiE 'space|room|full' .err || complain "does not say that the disk is full"
finish
