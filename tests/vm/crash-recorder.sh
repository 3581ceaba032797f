#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kill -9 of the recorder at random moments, 5 (50 in check-full): every acknowledged scan is readable
# and the file is whole.
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then
	disk=$(mktemp -d -p build crash-XXXXXX)
	trap 'rm -rf "$disk"' EXIT
	in_lab --memory 2048 --disk "$disk/disk.img,2G"
	exit
fi
RANDOM=$((SENSE_TEST_SEED % 32768))
count=$(full 5 50) record=/disk/crash.sense acknowledged=0
for i in $(seq "$count"); do
	sense record -o $record -r 20000 --ack >/tmp/ack 2>/tmp/err &
	pid=$!
	# Most kills once something was acknowledged, a fifth before.
	for _ in $(seq $((i % 5 ? 100 : 0))); do
		grep -q '^durable' /tmp/ack && break
		sleep 0.1
	done
	sleep "$((RANDOM % 2)).$((RANDOM % 10))$((RANDOM % 10))"
	kill -9 $pid 2>/dev/null || fail "the recorder had ended by itself: $(cat /tmp/err)"
	wait $pid 2>/dev/null
	[ "$(sqlite3 -readonly $record 'PRAGMA integrity_check')" = ok ] || fail "kill $i: integrity_check"
	# Only whole lines count: the kill may have cut the last one.
	while read -r _ stream next; do
		have=$(sqlite3 -readonly $record "SELECT
			(SELECT coalesce(sum(count), 0) FROM frame WHERE stream = $stream
				AND first_sequence + count <= $next) +
			(SELECT coalesce(sum(count), 0) FROM gap WHERE stream = $stream AND first_sequence < $next
				AND NOT EXISTS (SELECT 1 FROM frame f WHERE f.stream = gap.stream
				AND f.first_sequence <= gap.first_sequence
				AND f.first_sequence + f.count > gap.first_sequence))")
		[ "$have" -ge "$next" ] || fail "kill $i: $next scans acknowledged, $have in the record"
		acknowledged=$((acknowledged + 1))
	done < <(grep -E '^durable [0-9]+ [0-9]+$' /tmp/ack)
done
lines=$(sense dump $record --format csv --stream 1 | wc -l) || fail "sense dump"
echo "= $count kills, $acknowledged acknowledgements, none lost; stream 1 dumps $lines lines"
[ "$acknowledged" -gt 0 ] || fail "nothing was acknowledged: the test shows nothing"
