#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Card model, virtual machine and driver together, read bare: every scan of the test pattern
# arrives, in order, and where scans are missing they are the ones that the card's own account says.
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then
	in_lab --channels 8
	rc=$?
	[ $rc -ne 0 ] || in_lab --channels full --smp 2 --clock-ppm 25 || rc=$?
	exit $rc
fi

dev=$(basename "$(device)")
check() { build/tests/vm/scan-check "$dev" "$@"; }
card() { sense-lab account | jq "$@"; }
steal=$(awk '/^cpu / { print $9 }' /proc/stat)
for rate in 1000 20000 100000; do
	check $rate 2 test >/tmp/seen || fail "at $rate/s: $(cat /tmp/seen)"
	made=$(card '.sessions[-1].ticks')
	[ "$(jq .next /tmp/seen)" = "$made" ] && [ "$(jq .missing /tmp/seen)" = 0 ] ||
		fail "at $rate/s the card made $made: $(cat /tmp/seen)"
	echo "= $rate/s: $made scans, none lost"
done
echo "= steal $(($(awk '/^cpu / { print $9 }' /proc/stat) - steal)) ticks"

# Faults while it runs. Each gap the reader sees is one the card owns up to, and the other way round.
(sleep 0.5; sense-lab fault overrun,123; sleep 0.3; sense-lab fault dma-error,7; sleep 0.3
	sense-lab fault drop-interrupt,50; sleep 0.3; sense-lab fault stall,0.5) &
check 10000 3 test >/tmp/seen || fail "with faults: $(cat /tmp/seen)"
wait
card -c '[.sessions[-1].drops[] | .[0:2]]' >/tmp/card
[ "$(jq -c .gaps /tmp/seen)" = "$(cat /tmp/card)" ] ||
	fail "gaps seen $(jq -c .gaps /tmp/seen), the card's own $(cat /tmp/card)"
[ "$(jq .missing /tmp/seen)" = 130 ] || fail "missing $(jq .missing /tmp/seen), not 130"
card -e '.sessions[-1].interrupts_suppressed == 50' >/dev/null || fail "interrupts were not dropped"
echo "= faults: gaps $(cat /tmp/card) as the card says"

# Physics: the reading is a resistance near that of the bath, and a door shows.
check 100 0.2 >/tmp/seen || fail "measuring: $(cat /tmp/seen)"
r() { cat "$(device)"/in_resistance0_raw; }
before=$(r)
sense-lab fault ambient,-15,1 && sense-lab fault door,20
sleep 8
[ $(($(r) - before)) -lt -500 ] || fail "the door does not show: $before, then $(r)"
