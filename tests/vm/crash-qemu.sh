#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kill -9 of the whole machine at random moments, 2 (20 in check-full): after the next boot every
# scan that was acknowledged to the host is in the record on the guest's ext4 disk.
. "$(dirname "$0")/lib.sh"
record=/disk/crash.sense
if [ "${1:-}" = guest ]; then
	# What the host saw acknowledged so far, against what the disk has kept.
	if [ -s "$root/build/crash-qemu/acknowledged" ]; then
		[ "$(sqlite3 $record 'PRAGMA integrity_check')" = ok ] || fail "integrity_check"
		while read -r _ stream next; do
			have=$(sqlite3 $record "SELECT coalesce(max(first_sequence + count), 0) FROM frame
				WHERE stream = $stream")
			sum=$(sqlite3 $record "SELECT (SELECT coalesce(sum(present_count), 0) FROM frame WHERE
				stream = $stream) + (SELECT coalesce(sum(count), 0) FROM gap WHERE stream = $stream)")
			[ "$have" -ge "$next" ] && [ "$sum" -ge "$next" ] ||
				fail "stream $stream: $next acknowledged, kept to $have, $sum accounted for"
		done <"$root/build/crash-qemu/acknowledged"
		echo "verified"
	fi
	[ "${2:-}" = last ] && exit 0
	exec sense record -o $record -r 20000 --ack
fi
RANDOM=$((SENSE_TEST_SEED % 32768))
count=$(full 2 20)
dir=$root/build/crash-qemu
rm -rf "$dir"
mkdir -p "$dir"
trap 'rm -rf "$dir"' EXIT
boot() { # [last]
	sense-lab run --kernel "$kernel" --name crash --disk "$dir/disk.img,2G" -- \
		"$root/tests/vm/${0##*/}" guest "$@"
}
acknowledged=0
for i in $(seq "$count"); do
	: >"$dir/out" # now, not whenever the background gets to it
	boot >"$dir/out" 2>"$dir/err" &
	pid=$!
	# Until it records, then a random moment later.
	for _ in $(seq 600); do
		grep -q '^durable' "$dir/out" && break
		kill -0 $pid 2>/dev/null || { cat "$dir/out" "$dir/err"; fail "boot $i ended by itself"; }
		sleep 0.1
	done
	sleep "$((RANDOM % 3)).$((RANDOM % 10))$((RANDOM % 10))"
	sense-lab fault --name crash kill || fail "the lab did not take the kill"
	wait $pid
	[ "$i" -eq 1 ] || grep -q verified "$dir/out" || { cat "$dir/out"; fail "kill $((i - 1))"; }
	grep -E '^durable [0-9]+ [0-9]+$' "$dir/out" | sort -k2,2n -k3,3nr | sort -u -k2,2n >>"$dir/acknowledged"
	acknowledged=$((acknowledged + $(grep -c '^durable' "$dir/out")))
done
boot last >"$dir/out" 2>&1 || { cat "$dir/out"; fail "the last boot"; }
grep -q verified "$dir/out" || { cat "$dir/out"; fail "the last kill"; }
echo "= $count power cuts, $acknowledged acknowledgements seen by the host, none lost"
