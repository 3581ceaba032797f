#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# read-path.sh: the read path of libsense beside a bare read() loop and iio_readdev, all in one guest,
# same buffer length and watermark, alternating. RUNS=5 SECONDS_EACH=10 WATERMARK=4096.
set -eu
cd "$(dirname "$0")/../.."
export RUNS=${RUNS:-5} SECONDS_EACH=${SECONDS_EACH:-10} WATERMARK=${WATERMARK:-4096}
if [ "${1:-}" != guest ]; then
	steal() { awk '$1 == "cpu" { print $9 }' /proc/stat; }
	before=$(steal)
	build/bin/sense-lab run --kernel "${SENSE_KERNEL:-6.1}" -- \
		env RUNS="$RUNS" SECONDS_EACH="$SECONDS_EACH" WATERMARK="$WATERMARK" "$0" guest
	echo "host steal during the run: $(($(steal) - before)) ticks"
	exit
fi

dev=$(ls -d /sys/bus/iio/devices/iio:device* | head -n 1)
out=$(mktemp)
one() { build/tests/bench/read-path "$1" "$dev" "$2" "$SECONDS_EACH" "$WATERMARK" 2>/dev/null; }
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

echo "CPU per scan at 100 k scans/s, $SECONDS_EACH s, $RUNS runs of each, alternating"
for _ in $(seq "$RUNS"); do
	for way in bare sense sense-poll iio_readdev; do
		one $way 100000 | tee -a "$out"
	done
done | awk '{ printf "  %-12s %9d scans, lost %7d, said %7d, %7.0f ns CPU per scan\n", $1, $3, $4, $5, $6 / $3 }'
for way in bare sense sense-poll iio_readdev; do
	awk -v w=$way '$1 == w { printf "%.1f\n", $6 / $3 }' "$out" | median >"$out.$way"
done
awk -v b="$(cat "$out.bare")" -v s="$(cat "$out.sense")" -v i="$(cat "$out.iio_readdev")" \
	-v p="$(cat "$out.sense-poll")" 'BEGIN {
	printf "median ns CPU per scan: bare %.0f, sense %.0f (by poll and read %.0f), iio_readdev %.0f\n", b, s, p, i
	printf "sense / bare %.2f (aim <= 1.15), sense / iio_readdev %.2f (aim <= 0.5)\n", s / b, s / i }'

rates=$(tr ' ' '\n' <"$dev/sampling_frequency_available" | awk '$1 >= 100000 { printf "%d\n", $1 }' | sort -n)
echo "Highest rate with nothing lost for $SECONDS_EACH s, $RUNS runs of each, alternating; rates: $(echo $rates)"
for run in $(seq "$RUNS"); do
	for way in bare sense iio_readdev; do
		best=0
		for rate in $rates; do
			read -r _ _ scans lost said _ _ < <(one $way "$rate")
			if [ "$lost" -gt 0 ]; then
				printf '  %-12s at %8d/s lost %8d of %9d scans and said %d\n' \
					$way "$rate" "$lost" $((scans + lost)) "$said"
				break
			fi
			best=$rate
		done
		echo "$best" >>"$out.$way.rate"
	done
done
for way in bare sense iio_readdev; do median <"$out.$way.rate" >"$out.$way"; done
awk -v b="$(cat "$out.bare")" -v s="$(cat "$out.sense")" -v i="$(cat "$out.iio_readdev")" 'BEGIN {
	printf "median highest rate: bare %d, sense %d, iio_readdev %d scans/s\n", b, s, i
	printf "sense / bare %.2f (aim >= 0.95), sense / iio_readdev %.2f (aim >= 1.0)\n", s / b, s / i }'
