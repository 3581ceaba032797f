#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Nothing is lost: 8 channels at 20 k scans/s for 10 s; in check-full at 200 k for 60 s. Raw counts,
# sequence, time and status go to ext4 on virtio-blk; afterwards every sequence number that the card
# says it made is in the record once.
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then
	disk=$(mktemp -d -p build rate-XXXXXX)
	trap 'rm -rf "$disk"' EXIT
	steal() { awk '$1 == "cpu" { print $9 }' /proc/stat; }
	before=$(steal)
	in_lab --memory 2048 --disk "$disk/disk.img,3G"
	rc=$?
	echo "= host steal during the run: $(($(steal) - before)) ticks of $(getconf CLK_TCK) per second"
	exit $rc
fi
rate=$(full 20000 200000) seconds=$(full 10 60) record=/disk/rate.sense
sense record -o $record -r "$rate" -t "${seconds}s" --strict || fail "sense record exits $?"
sql() { sqlite3 -readonly "$record" "$1"; }
made=$(sense-lab account | jq '[.. | objects | select(has("ticks"))] | last | .ticks')
stored=$(sql 'SELECT sum(present_count) FROM frame')
first=$(sql 'SELECT min(first_sequence) FROM frame')
# Each frame begins where the one before it ended.
breaks=$(sql 'SELECT count(*) FROM (SELECT first_sequence - lag(first_sequence + count)
	OVER (ORDER BY first_sequence) AS d FROM frame) WHERE d <> 0')
gaps=$(sql 'SELECT count(*) FROM gap')
blobs=$(sql 'SELECT count(*) FROM frame WHERE length(raw) <> count * 8 * 4 OR length(time_ns) <> count * 8')
echo "= $rate scans/s of 8 channels for $seconds s: made $made, stored $stored, gaps $gaps"
[ "$(sql 'PRAGMA integrity_check')" = ok ] || fail "integrity_check"
[ "$first" = 0 ] && [ "$breaks" = 0 ] && [ "$gaps" = 0 ] && [ "$blobs" = 0 ] ||
	fail "first $first, breaks $breaks, gaps $gaps, wrong blobs $blobs"
[ "$made" = "$stored" ] || fail "the card made $made scans, the record holds $stored"
[ "$stored" -ge $((rate * (seconds - 1))) ] || fail "only $stored scans: the rate was not reached"
