#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Outputs: leased, fed by writes alone, safe on release, expiry, removal and unload.
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab; exit; fi

o=$iio/out_current0
lease() { cat ${o}_lease; }
# the card's own word on its output: state applied expired
card() { sense-lab account | sed "s/.*\"output\":{[^}]*\"$1\":\\(-\\?[0-9]*\\).*/\\1/"; }
# settles WANT COMMAND...: within half a second
settles() {
	local want=$1 i
	shift
	for i in $(seq 50); do
		[ "$("$@")" = "$want" ] && return
		sleep 0.01
	done
	fail "$*: $("$@") where $want was due"
}

expect lease released "$(lease)"
refused "not permitted" ${o}_raw 100
expect safe 0 "$(cat ${o}_safe_raw)"
read -r low _ high <<<"$(tr -d '[]' <${o}_raw_available)"
read -r pmin _ pmax <<<"$(tr -d '[]' <${o}_watchdog_period_available)"
for bad in 0.001 3601 -1 never 0.0205; do
	refused "Invalid argument" ${o}_watchdog_period $bad
done
echo "$pmin" >${o}_watchdog_period || fail "shortest period"
settles expired lease
echo "$pmax" >${o}_watchdog_period || fail "longest period"
echo 0 >${o}_watchdog_period

# Armed: writes move it, and only inside the range; the owner is this shell.
echo 20 >${o}_watchdog_period || fail "arm"
expect lease "armed $$" "$(lease)"
expect period 20.000 "$(cat ${o}_watchdog_period)"
echo -200 >${o}_raw || fail "write"
expect raw -200 "$(cat ${o}_raw)"
settles -200 card applied
settles -200 cat ${o}_readback_raw
refused "busy" ${o}_raw 50
refused "busy" ${o}_watchdog_period 1
refused "busy" ${o}_watchdog_period 0
echo $((high + 1)) >${o}_raw 2>/dev/null && fail "beyond the range"
echo $((low - 1)) >${o}_raw 2>/dev/null && fail "below the range"
expect raw -200 "$(cat ${o}_raw)"

# Writable while a buffer runs.
echo 1 >$iio/buffer0/in_count0_en
echo 1 >$iio/buffer0/enable
echo -300 >${o}_raw || fail "write while a buffer runs"
settles -300 card applied
echo 0 >$iio/buffer0/enable

# Reading does not feed.
echo 0.3 >${o}_watchdog_period
echo -100 >${o}_raw
end=$((SECONDS + 2))
while [ $SECONDS -lt $end ] && [ "$(lease)" != expired ]; do
	cat ${o}_raw ${o}_readback_raw >/dev/null
done
expect lease expired "$(lease)"
settles 0 card applied
settles 0 cat ${o}_raw
expect expiries 2 "$(card expired)"
echo 10 >${o}_raw 2>/dev/null && fail "a write after the expiry"
expect applied 0 "$(card applied)"
# A feed in time keeps it.
echo 0.4 >${o}_watchdog_period || fail "arm again"
for i in $(seq 12); do
	echo -$((100 + i)) >${o}_raw || fail "feed $i"
	sleep 0.1
done
echo 0 >${o}_watchdog_period || fail "release"
expect "lease that was fed in time" released "$(lease)"
expect expiries 2 "$(card expired)"
settles 0 card applied

# A dead owner: its lease ends with the watchdog, or when somebody takes over.
bash -c "echo 20 >${o}_watchdog_period; echo -400 >${o}_raw" || fail "the other owner"
settles -400 card applied
echo 20 >${o}_watchdog_period || fail "take over from a dead owner"
expect lease "armed $$" "$(lease)"
settles 0 card applied
expect "raw starts at the safe value" 0 "$(cat ${o}_raw)"
# A live owner keeps it.
echo 0 >${o}_watchdog_period
bash -c "echo 20 >${o}_watchdog_period; sleep 30" &
owner=$!
settles "armed $owner" lease
echo 20 2>/dev/null >${o}_watchdog_period && fail "a second owner"
kill -9 $owner
wait $owner 2>/dev/null
echo 20 >${o}_watchdog_period || fail "after the kill"

# The card expires by its own decision: the driver hears of it.
sense-lab fault watchdog
settles expired lease
settles 0 card applied

# Removal and unload give the safe value.
address=$(pci)
echo 30 >${o}_watchdog_period
echo -500 >${o}_raw
settles -500 card applied
echo "$address" >/sys/bus/pci/drivers/sense_pcie/unbind
settles 0 card applied
expect state 0 "$(card state)"
echo "$address" >/sys/bus/pci/drivers/sense_pcie/bind || fail "bind"
o=$(device)/out_current0
echo 30 >"${o}_watchdog_period"
echo -500 >"${o}_raw"
settles -500 card applied
rmmod sense_pcie || fail "rmmod"
settles 0 card applied
expect state 0 "$(card state)"
echo "= leases: arming, feeding, expiry, second owner, dead owner, removal and unload as written"
exit 0
