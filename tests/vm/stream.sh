#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# libsense's streams in a real kernel: every scan delivered or located, both readers, both buffers,
# faults and forced losses, a reader that was killed, a card that is pulled out.
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab --channels 8; exit; fi
set -u
check=build/tests/vm/stream-check
dev=$(device)
out=/tmp/out

# run WHAT PATTERN...: stream-check's last line must have every name=value of the patterns.
expect() {
	local what=$1 p
	shift
	for p in "$@"; do
		grep -qE "(^| )$p( |\$)" "$out" || { cat "$out"; fail "$what: no $p"; }
	done
}
run() { "$check" run "$@" >"$out" 2>&1 || { cat "$out"; fail "stream-check $*"; }; }
value() { sed -n "s/.* $1=\([0-9]*\).*/\1/p" "$out"; }

for reader in io_uring:1 poll:2; do
	run -r 1000 -t 1 -R "${reader%:*}"
	expect "$reader" "reader=${reader#*:}" missing=0 partial=[01] first=0
	run -r 1000 -t 1 -R "${reader%:*}" -T 37 -b 250
	expect "$reader, timeouts" missing=0
	[ "$(value partial)" -gt 10 ] || { cat "$out"; fail "timeouts gave no partial frames"; }
	run -r 1000 -t 1 -R "${reader%:*}" -f
	expect "$reader, by descriptor" missing=0
	[ "$(value partial)" -le 1 ] || { cat "$out"; fail "timeout 0 cut frames"; }
	run -r 20000 -t "$(full 2 20)" -R "${reader%:*}" -c co2 -c bath-rtd
	expect "$reader, two channels" missing=0
done

# A card that loses scans: the gaps are the card's own count, number by number.
(sleep 0.5; sense-lab fault overrun,30; sleep 0.5; sense-lab fault overrun,1) &
run -r 5000 -t 2
wait
expect overrun gaps=2 card=31 missing=31 kernel=0 unknown=0
sense-lab account | jq -r '.sessions[-1].drops[] | "\(.[1]) \(.[0])"' | sort >/tmp/account
sed -n 's/^event gap .*: \([0-9]*\) scans* .* number \([0-9]*\) on: the card.*/\1 \2/p' "$out" | sort >/tmp/told
cmp /tmp/account /tmp/told || { cat "$out"; fail "the gaps are not where the card says"; }

# A reader that is too slow, at three rates: what the kernel refused is what is told.
for rate in 5000 20000 50000; do
	run -r $rate -t 2 -l 1024 -b 500 -s 300
	[ "$(value kernel)" -gt 0 ] || { cat "$out"; fail "nothing was lost"; }
	[ "$(value kernel)" -eq "$(cat "$dev/buffer0/lost_kernel")" ] ||
		{ cat "$out"; fail "lost_kernel says $(cat "$dev/buffer0/lost_kernel")"; }
	[ "$(value missing)" -eq "$(cat "$dev/buffer0/lost")" ] || fail "missing is not lost"
	[ "$(value end)" -eq $(($(cat "$dev/buffer0/last_sequence") + 1)) ] || fail "the end is missing"
	echo "= forced loss at $rate/s: $(value missing) of $(value end) scans, each located"
done

# A broken sensor.
(sleep 0.5; sense-lab fault sensor,bath-rtd,1) &
run -r 1000 -t 3
wait
grep -q "^event fault bath-rtd:" "$out" && grep -q "^event fault-cleared bath-rtd:" "$out" ||
	{ cat "$out"; fail "the fault was not told"; }
[ "$(value faults)" -ge 500 ] || { cat "$out"; fail "few scans carry the fault"; }

# Killed while streaming: the buffer stays enabled, and the next one takes it over and says so.
"$check" die -r 1000 2>/dev/null
[ "$(cat "$dev/buffer0/enable")" = 1 ] || fail "nothing was left enabled"
run -r 1000 -t 1
grep -q "^event buffer-reclaimed" "$out" || fail "taking the buffer over was not said"

# Record and loop at once; a second reader of one buffer is refused.
"$check" run -r 1000 -t 4 >/tmp/record 2>&1 &
record=$!
sleep 1
run -t 1 -B 1 -l 512
first=$(value first)
[ "$first" -gt 0 ] || { cat "$out"; fail "the loop began at scan $first, so the card was restarted"; }
"$check" run -t 1 -B 0 >"$out" 2>&1 && fail "two readers of one buffer"
grep -q "in use by another program" "$out" || { cat "$out"; fail "a busy buffer is not called so"; }
wait $record || { cat /tmp/record; fail "the record broke"; }
cp /tmp/record "$out"
expect "record beside a loop" missing=0 first=0

# Bad input: one sentence each.
"$check" run -c nonsense >"$out" 2>&1 && fail "a channel called nonsense"
grep -q "its channels are: .*bath-rtd" "$out" || { cat "$out"; fail "the channels are not listed"; }
"$check" run -r 1234 >"$out" 2>&1 && fail "a rate of 1234 Hz"
grep -q "it offers, in Hz: .*1000" "$out" || { cat "$out"; fail "the rates are not listed"; }
"$check" run -d nobody >"$out" 2>&1 && fail "a device called nobody"
grep -q "these are there: sense-pcie-" "$out" || { cat "$out"; fail "the devices are not listed"; }

# Pulled out while streaming, and back: news within a second, and the same id afterwards.
pci=$(basename "$(readlink -f "$dev/..")")
id=$(build/examples/list-devices | cut -d' ' -f1)
build/examples/hotplug 30 >/tmp/hotplug 2>&1 &
hotplug=$!
for how in "-R io_uring" "-R poll -f" "-R io_uring -f" "-R poll -T 70"; do
	# shellcheck disable=SC2086
	"$check" unplug -d "$id" -r 1000 $how >"$out" 2>&1 || { cat "$out"; fail "unplug $how"; }
	echo "= unplugged ($how): $(sed -n 's/^ended with/ended with/p' "$out" | cut -d: -f1)"
	echo 1 >/sys/bus/pci/rescan
	echo sense_pcie >"/sys/bus/pci/devices/$pci/driver_override"
	echo "$pci" >/sys/bus/pci/drivers_probe
	for _ in $(seq 50); do build/examples/list-devices | grep -q "^$id " && break; sleep 0.1; done
	run -d "$id" -r 1000 -t 0.5
	expect "after replug" missing=0
done
kill $hotplug
[ "$(grep -c "^removed $id" /tmp/hotplug)" -eq 4 ] && [ "$(grep -c "^added $id" /tmp/hotplug)" -eq 4 ] ||
	{ cat /tmp/hotplug; fail "the monitor missed a change"; }
