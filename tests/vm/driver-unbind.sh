#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The driver comes and goes: unbound while streaming, unloaded with files open, again and again.
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab; exit; fi

address=$(pci)
driver=/sys/bus/pci/drivers/sense_pcie
module=$root/build/modules/$kernel/driver/sense_pcie.ko
scan_reader=$root/build/tests/vm/scan-reader
# streaming: wait until the reader in the background has got that far
streaming() {
	for _ in $(seq 100); do
		[ "$(cat "$(device)/buffer0/hwfifo_enabled")" = 1 ] && { sleep 0.2; return; }
		sleep 0.05
	done
	fail "the reader does not start"
}

for i in $(seq "$(full 5 50)"); do
	rm -f /tmp/out
	$scan_reader -d "$(device)" -r 50000 -t 30 -l 100000 -w 500 >/tmp/out 2>&1 &
	pid=$!
	streaming
	t=$EPOCHREALTIME
	echo "$address" >$driver/unbind
	wait $pid
	took=$(awk -v a="$t" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f", b - a }')
	grep -q "No such device" /tmp/out || { cat /tmp/out; fail "round $i: the reader did not hear of it"; }
	awk -v t="$took" 'BEGIN { exit t < 1 ? 0 : 1 }' || fail "round $i: $took s"
	echo "$address" >$driver/bind || fail "bind $i"
done
echo "= unbound while streaming 50000 scans/s, $(full 5 50) times; the reader ends with ENODEV, the last time after $took s"

for i in $(seq "$(full 10 100)"); do
	rmmod sense_pcie || fail "rmmod $i"
	insmod "$module" || fail "insmod $i"
	[ "$(cat /sys/bus/pci/devices/$address/driver_override)" = sense_pcie ] || fail "override"
	[ -e "$(device)/serialnumber" ] || fail "no device after insmod $i"
done
echo "= unloaded and loaded $(full 10 100) times"

# A device file that is open keeps the module; its device may go all the same, and closing the file
# afterwards touches nothing that is gone.
iio=$(device)
exec 5<"/dev/${iio##*/}"
for e in 0 1; do
	echo 1 >"$iio/buffer0/in_count${e}_en"
done
echo 1 >"$iio/buffer0/enable"
sleep 0.2
rmmod sense_pcie 2>/dev/null && fail "unloaded with an open device file"
echo "$address" >$driver/unbind
dd bs=16 count=1 <&5 2>&1 | grep -q "No such device" || fail "a read after the unbind"
exec 5<&-
rmmod sense_pcie || fail "rmmod after the file is closed"
insmod "$module"

# A buffer's file does not keep it: unloaded in mid-stream.
for i in $(seq "$(full 3 20)"); do
	$scan_reader -d "$(device)" -r 50000 -t 30 -l 100000 -w 500 >/tmp/out 2>&1 &
	pid=$!
	streaming
	rmmod sense_pcie || fail "rmmod while streaming"
	wait $pid
	grep -q "No such device" /tmp/out || { cat /tmp/out; fail "the reader did not hear of the unload"; }
	insmod "$module"
done
reader a -d "$(device)" -r 20000 -t 0.5 -l 20000 -w 100

# A reader that dies leaves its buffer enabled: the next one gets on.
$scan_reader -d "$(device)" -r 20000 -t 0.5 -x
expect "buffer of a dead reader" 1 "$(cat "$(device)/buffer0/enable")"
reader b -d "$(device)" -r 20000 -t 0.5 -l 20000 -w 100

# Removed from the bus while streaming, and found again.
$scan_reader -d "$(device)" -r 50000 -t 30 -l 100000 -w 500 >/tmp/out 2>&1 &
pid=$!
streaming
serial=$(cat "$(device)/serialnumber")
echo 1 >"/sys/bus/pci/devices/$address/remove"
wait $pid
grep -q "No such device" /tmp/out || fail "the reader did not hear of the removal"
sense-lab fault replug || fail "replug"
for i in $(seq 50); do
	[ -e "$(device)/serialnumber" ] && break
	sleep 0.1
done
expect "serial after the replug" "$serial" "$(cat "$(device)/serialnumber")"
reader c -d "$(device)" -r 20000 -t 0.5 -l 20000 -w 100
exit 0
