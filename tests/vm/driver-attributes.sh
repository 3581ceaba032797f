#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The driver's attributes: there, sane, and refusing what they must.
# shellcheck source=tests/vm/lib.sh
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab --channels full; exit; fi

expect name sense-pcie "$(cat $iio/name)"
expect simulated 1 "$(cat $iio/simulated)"
grep -q simulated $iio/label || fail "the label does not say that the card is simulated"
expect interface 1.0 "$(cat $iio/interface_version)"
grep -qE '^[A-Za-z0-9_.-]+$' $iio/serialnumber || fail "serialnumber: $(cat $iio/serialnumber)"
grep -qE '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' $iio/uuid || fail "uuid: $(cat $iio/uuid)"

# No modalias is published for ivshmem: the driver must not load for every such device.
modinfo -F alias "$root/build/modules/$kernel/driver/sense_pcie.ko" | grep -q . &&
	fail "the module publishes an alias"

# Every channel: all its files, value in its range, a unit that goes with its kind.
n=0
for scale in $iio/in_*_scale; do
	c=${scale%_scale}
	n=$((n + 1))
	for a in raw offset label kind group raw_available; do
		cat "${c}_$a" >/dev/null || fail "${c##*/}_$a"
	done
	raw=$(cat "${c}_raw")
	read -r low _ high <<<"$(tr -d '[]' <"${c}_raw_available")"
	[ "$raw" -ge "$low" ] && [ "$raw" -le "$high" ] || fail "$c: $raw outside $low to $high"
	case $(cat "${c}_kind"):${c##*/in_} in
	rtd:resistance* | thermistor:resistance* | thermocouple:voltage* | bridge:voltage* | \
	heater-voltage:voltage* | heater-current:current* | current-loop:current* | \
	*temperature:temp* | cold-junction:temp* | humidity:humidityrelative* | \
	pressure:pressure* | co2:concentration*_co2 | voc:concentration*_voc | \
	pm*:massconcentration*_pm*) ;;
	*) fail "$c is a $(cat "${c}_kind")" ;;
	esac
	[ -e "$iio/buffer0/${c##*/}_en" ] || fail "${c##*/} is no scan element"
done
expect channels 20 "$n"
# (raw + offset) * scale in IIO's units is what the model has: 23 degC of bath, 1013 hPa of air.
within() {
	awk -v r="$(cat "$iio/$1_raw")" -v o="$(cat "$iio/$1_offset")" -v s="$(cat "$iio/$1_scale")" \
		-v l="$2" -v h="$3" 'BEGIN { v = (r + o) * s; exit !(v >= l && v <= h) }' ||
		fail "$1 is not between $2 and $3"
}
within in_resistance0 107 111			# ohm, Pt100
within in_temp0 23000 25000			# milli-degC
within in_pressure0 90 110			# kPa
within in_humidityrelative0 20000 70000		# milli-percent
within in_concentration0_co2 0.03 0.2		# percent
within in_massconcentration0_pm2p5 0 100	# ug/m3
within in_current0 4 20				# mA
for e in 0:sequence 1:counter 2:fault 3:saturation 4:scan_flags; do
	expect "count${e%:*}" "${e#*:}" "$(cat "$iio/in_count${e%:*}_label")"
	expect "count${e%:*} type" "le:u64/64>>0" "$(cat "$iio/buffer1/in_count${e%:*}_type")"
done

# A reading of a channel whose sensor is broken is an error, not a number.
sense-lab fault sensor,wall-tc,2 || fail "sense-lab fault"
echo 1000 >$iio/sampling_frequency
sleep 0.2
wall=$(dirname "$(grep -l wall-tc $iio/in_*_label | head -n 1)")/$(basename "$(grep -l wall-tc $iio/in_*_label)" _label)
cat "${wall}_raw" 2>/dev/null && fail "a broken sensor has a reading"

# Rates: those offered, to the letter, and no other.
for hz in $(cat $iio/sampling_frequency_available); do
	echo "$hz" >$iio/sampling_frequency || fail "rate $hz"
	expect rate "$hz" "$(cat $iio/sampling_frequency)"
done
refused "Invalid argument" $iio/sampling_frequency 1234
refused "Invalid argument" $iio/sampling_frequency -1000
refused "Invalid argument" $iio/sampling_frequency 1000.5
echo 1000 >$iio/sampling_frequency

# Exact scales: more than the core's nine decimals.
grep -qE '^0\.0000005$' $iio/in_voltage1_scale || fail "bridge scale $(cat $iio/in_voltage1_scale)"

# Time-out of the hardware FIFO, in seconds.
echo 0.02 >$iio/buffer0/hwfifo_timeout
expect timeout 0.020000 "$(cat $iio/buffer1/hwfifo_timeout)"
refused "Invalid argument" $iio/buffer0/hwfifo_timeout -1
refused "Invalid argument" $iio/buffer0/hwfifo_timeout 0.0000001
refused "Invalid argument" $iio/buffer0/hwfifo_timeout soon

# While a buffer runs: rate and time-out are fixed, readings come from the stream.
echo 1 >$iio/buffer0/in_count0_en
echo 1 >$iio/buffer0/enable
expect running 1 "$(cat $iio/buffer0/hwfifo_enabled)"
refused "busy" $iio/sampling_frequency 5000
refused "busy" $iio/buffer0/hwfifo_timeout 0
before=$(account ticks)
cat $iio/in_resistance0_raw >/dev/null || fail "no reading while a buffer runs"
[ "$(account ticks)" -ge "$before" ] || fail "a reading started a session of its own"
[ "$(cat $iio/timestamp_uncertainty)" -gt 0 ] || fail "timestamp_uncertainty"
echo 0 >$iio/buffer0/enable
expect running 0 "$(cat $iio/buffer0/hwfifo_enabled)"

# Scans are stamped on whichever IIO clock is chosen, to the millisecond.
for clock in realtime monotonic monotonic_raw realtime_coarse monotonic_coarse boottime tai; do
	echo $clock >$iio/current_timestamp_clock || fail "clock $clock"
	reader c -r 1000 -t 0.2 -c $clock
	echo "= $clock: last scan $c_age_us us before it was read, uncertainty $(cat $iio/timestamp_uncertainty) ns"
	[ "$c_age_us" -gt -1000 ] && [ "$c_age_us" -lt 500000 ] || fail "clock $clock: age $c_age_us us"
done

for f in ring buffers errors clock identity; do
	cat $debug/$f >/dev/null || fail "debugfs $f"
done
cat $debug/self_test 2>/dev/null && fail "a result of a self-test that never ran"
echo 1 >$debug/self_test && expect self_test 0x00000000 "$(cat $debug/self_test)"
sense-lab fault self-test,5
echo 1 >$debug/self_test && expect self_test 0x00000005 "$(cat $debug/self_test)"
echo 0x0 >$debug/direct_reg_access && expect register 0x45534E53 "$(tr a-f A-F <$debug/direct_reg_access | sed 's/X/x/')"
exit 0
