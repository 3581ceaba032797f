#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hardware that cannot be trusted: spoilt tables are refused with a message, a mute, failed or
# vanished card ends in an error and not in a hang, and no scan is made up.
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab; exit; fi

address=$(pci)
driver=/sys/bus/pci/drivers/sense_pcie
bind() { echo "$address" >$driver/bind; }
unbind() { echo "$address" >$driver/unbind; }
again() { sense-lab fault vanish && sense-lab fault return; }

kinds=$(sense-lab --help | sed -n '/identity or a table is spoilt/,/^  unplug/p' |
	sed '1d;$d' | tr -s ' \n' ' ')
[ "$(wc -w <<<"$kinds")" -gt 30 ] || fail "the lab does not say which tables it can spoil"
unbind
n=0
for kind in $kinds; do
	again || fail "sense-lab fault"
	sense-lab fault "table,$kind" || fail "sense-lab fault table,$kind"
	dmesg -C
	case $kind in
	magic)
		bind 2>/dev/null && fail "$kind: bound"
		dmesg | grep -i sense_pcie && fail "$kind: not quiet about another device"
		;;
	minor | kind-unknown | stride-long | modifier-unknown)
		# A later minor version is read as far as this driver knows it.
		bind || fail "$kind: refused: $(dmesg | tail -n 1)"
		unbind
		;;
	*)
		bind 2>/dev/null && fail "$kind: bound"
		dmesg | grep -q "sense_pcie $address: " || fail "$kind: refused without a word"
		;;
	esac
	n=$((n + 1))
done
echo "= $n spoilt identities and tables: refused with a message, or read as a later minor version"

again
bind || fail "bind"
# A card that answers nothing: an error within the time-out.
sense-lab fault mute
echo 1 >$iio/buffer0/in_count0_en
t=$EPOCHREALTIME
echo 1 2>/dev/null >$iio/buffer0/enable && fail "a mute card starts"
took=$(awk -v a="$t" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
awk -v t="$took" 'BEGIN { exit t < 10 ? 0 : 1 }' || fail "$took s for an error"
cat $iio/in_resistance0_raw 2>/dev/null && fail "a mute card has a reading"
sense-lab fault mute,off
reader m -r 1000 -t 0.5
echo "= a mute card is an error after $took s, and works again when it speaks"

# Scans and indices that cannot be: left out or flagged, counted, and accounted for to the scan.
for garble in sequence-back,7 sequence-leap,9 counter-back,5 counter-leap,3 producer-back,1 \
	producer-leap,1 producer-back,40 producer-leap,40; do
	"$root/build/tests/vm/scan-reader" -r 20000 -t 1.5 -l 80000 -w 100 >/tmp/g &
	reader=$!
	for _ in $(seq 100); do [ "$(cat $iio/buffer0/hwfifo_enabled)" = 1 ] && break; sleep 0.02; done
	sleep 0.3
	sense-lab fault "garble,$garble" || fail "sense-lab fault garble,$garble"
	wait $reader || { cat /tmp/g; fail "garble,$garble"; }
	. /tmp/g
	expect "scans made with garble,$garble" "$(account ticks)" $((received + lost))
	case $garble in
	sequence*) expect "$garble: corrupt" "${garble#*,}" "$lost_corrupt" ;;
	counter* | *,1) expect "$garble: lost" 0 "$lost" ;;
	esac
	echo "= garble,$garble: $received received, $lost_corrupt left out"
done
for e in sequence counter producer; do
	[ "$(awk -v e=driver_$e '$1 == e { print $2 }' $debug/errors)" -gt 0 ] || fail "$e errors are not counted"
done

# A card that fails in mid-stream: the stream ends, what came is accounted for.
"$root/build/tests/vm/scan-reader" -r 20000 -t 3 -l 80000 -w 100 >/tmp/f &
sleep 1
sense-lab fault fail
wait $! || { cat /tmp/f; fail "failed card"; }
again
unbind
bind || fail "bind after a failure"

# A card that leaves the bus in mid-stream.
"$root/build/tests/vm/scan-reader" -r 20000 -t 3 -l 80000 -w 100 >/tmp/v 2>&1 &
sleep 1
sense-lab fault vanish
wait $!
t=$EPOCHREALTIME
cat $iio/in_resistance0_raw 2>/dev/null && fail "a vanished card has a reading"
unbind
took=$(awk -v a="$t" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')
awk -v t="$took" 'BEGIN { exit t < 2 ? 0 : 1 }' || fail "$took s to unbind a vanished card"
sense-lab fault return
bind || fail "bind after the return"
reader r -r 1000 -t 0.5
echo "= vanished in mid-stream: unbound in $took s, streams again after its return"
exit 0
