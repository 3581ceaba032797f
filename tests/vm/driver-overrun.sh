#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A card that is faster than the reader: what each buffer reports as lost, by count and position, is
# what it did not deliver, and what the card dropped is what the card says it dropped.
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab; exit; fi

# drops: the runs the card dropped in its last session, "first count" per line
drops() { sense-lab account | sed 's/.*"drops":\[//; s/\]}.*//; s/\],\[/\n/g; s/[][]//g' |
	awk -F, 'NF >= 2 { print $1, $2 }'; }
# covered FILE: each run on stdin lies in a run of FILE
covered() {
	awk -v file="$1" 'BEGIN { while ((getline l <file) > 0) { split(l, p, " "); a[n] = p[1]; e[n++] = p[1] + p[2] } i = 0 }
		{ while (i < n && e[i] <= $1) i++; if (i >= n || a[i] > $1 || e[i] < $1 + $2) { print "not reported:", $0; bad = 1 } }
		END { exit bad }'
}

# The kernel buffer is full: the reader sleeps. Both buffers at once, of different length.
for hz in 5000 20000 100000; do
	"$root/build/tests/vm/scan-reader" -b 0 -r $hz -t 3 -l $((hz / 8)) -w 100 -s 250000 -o /tmp/m0 >/tmp/b0 &
	zero=$!
	sleep 0.3
	reader o -b 1 -t 2 -l 64 -w 1 -s 20000 -o /tmp/m1
	wait $zero || { cat /tmp/b0; fail "buffer 0 at $hz/s"; }
	. /tmp/b0
	[ "$lost" -gt 0 ] && [ "$o_lost" -gt 0 ] || fail "$hz/s: nothing was lost ($lost, $o_lost)"
	expect "scans made at $hz/s" "$(account ticks)" $((last + 1))
	expect "dropped by the card at $hz/s" "$(account dropped)" "$lost_card"
	drops | covered /tmp/m0 || fail "$hz/s: drops of the card that buffer 0 does not report"
	expect "sum at $hz/s" $((last + 1)) $((received + lost))
	expect "loop's sum at $hz/s" $((o_last + 1 - o_first)) $((o_received + o_lost))
	echo "= $hz scans/s: buffer 0 $received received, $lost refused or dropped in $gaps runs; buffer 1 $o_received and $o_lost in $o_gaps"
done

# The card's ring is full: the card drops. Positions to the scan.
for hz in 1000 20000 50000; do
	"$root/build/tests/vm/scan-reader" -b 0 -r $hz -t 3 -l 200000 -w 100 -o /tmp/m0 >/tmp/b0 &
	zero=$!
	sleep 0.7
	for n in 1 17 500; do
		sense-lab fault overrun,$n || fail "sense-lab fault"
		sleep 0.3
	done
	wait $zero || { cat /tmp/b0; fail "buffer 0 at $hz/s"; }
	. /tmp/b0
	expect "dropped by the card at $hz/s" "$(account dropped)" "$lost"
	expect "cause" "$lost" "$lost_card"
	expect "positions at $hz/s" "$(drops)" "$(cat /tmp/m0)"
	expect "scans that say so" "$gaps" "$overrun_flags"
	echo "= $hz scans/s: $lost dropped by the card in $gaps runs, each where the card says"
done

# A burst larger than the ring, lost interrupts, failed DMA: accounted for all the same.
"$root/build/tests/vm/scan-reader" -b 0 -r 100000 -t 4 -l 400000 -w 1000 -o /tmp/m0 >/tmp/b0 &
zero=$!
sleep 0.7
sense-lab fault drop-interrupt,200
sleep 0.7
sense-lab fault dma-error,300
sleep 0.5
sense-lab fault burst,0.6
wait $zero || { cat /tmp/b0; fail "burst"; }
. /tmp/b0
expect "scans made" "$(account ticks)" $((last + 1))
expect "dropped" "$(account dropped)" "$lost_card"
expect "positions" "$(drops)" "$(cat /tmp/m0)"
echo "= burst, lost interrupts, failed DMA at 100000/s: $received received, $lost lost, all known"

# The last scans before the stop are lost: nothing follows that would show the gap.
"$root/build/tests/vm/scan-reader" -b 0 -r 20000 -t 2 -l 80000 -w 100 -o /tmp/m0 >/tmp/b0 &
zero=$!
sleep 1
sense-lab fault overrun,1000000
wait $zero || { cat /tmp/b0; fail "loss at the end"; }
. /tmp/b0
expect "scans made" "$(account ticks)" $((last + 1))
expect "dropped at the end" "$(account dropped)" "$lost_card"
[ "$lost_card" -gt 5000 ] || fail "only $lost_card dropped"
expect "positions" "$(drops)" "$(cat /tmp/m0)"
echo "= loss up to the stop: $lost_card scans, known"
exit 0
