#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Streams through plain read(2), every sequence number and every value of the test pattern checked;
# a second buffer that comes and goes does not disturb the first.
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab; exit; fi

seconds=$(full 5 60)
echo 1 >$debug/test_data || fail "test data"
for hz in 1 100 20000 $(full "" 200000); do
	t=$seconds
	[ "$hz" -gt 100 ] || t=2
	reader s -r "$hz" -t "$t" -l $((hz * 2 + 4096)) -w $((hz / 50 + 1)) -p
	[ "$s_lost" = 0 ] || [ "$hz" -gt 20000 ] || fail "$s_lost lost at $hz/s"
	expect "ticks at $hz/s" "$(account ticks)" "$s_received"
	echo "= $hz scans/s for $t s: $s_received received, $s_lost lost, each value checked"
done

# Any mask: the core's demultiplexer and ours agree.
reader m -r 5000 -t 1 -l 20000 -w 100 -p -m
[ "$m_channels" -lt 8 ] || fail "the mask has all channels"
[ "$m_received" -gt 4000 ] || fail "$m_received scans in a second of 5000"

# Buffer 1 starts and stops five times while buffer 0 runs; both masks differ.
"$root/build/tests/vm/scan-reader" -r 20000 -t 6 -l 60000 -w 400 -p >/tmp/record &
record=$!
sleep 1
for i in 1 2 3 4 5; do
	reader l -b 1 -t 0.3 -l 8000 -w 1 -p -m
	[ "$l_first" -gt 0 ] || fail "the second buffer restarted the card"
	[ "$l_received" -gt 1000 ] || fail "round $i: $l_received scans in the loop"
done
wait $record || { cat /tmp/record; fail "the record next to the loop"; }
. /tmp/record 2>/dev/null
[ "$received" -gt 100000 ] || fail "$received scans in 6 s of 20000"
expect "lost in the record" 0 "$lost"
echo "= record 20000 scans/s for 6 s while a loop came and went 5 times: $received received, $lost lost"

# One scan, one wake-up: watermark 1 at 1 kHz is served scan by scan.
reader w -b 1 -r 1000 -t 1 -l 64 -w 1
expect "lost in the loop" 0 "$w_lost"
expect "driver's own errors" 0 "$(awk '/^driver/ { n += $2 } END { print n }' $debug/errors)"
exit 0
