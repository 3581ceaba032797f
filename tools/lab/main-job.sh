#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# main-job.sh NAME DURATION RATE OUT: the main job, inside the lab. Records onto the guest's own
# ext4 (SQLite's write-ahead log needs a real file system, not a shared directory), then hands
# finished records out. Records of a run that was cut short are handed out too.
set -u
name=$1 duration=$2 rate=$3 out=$4
dir=$(pwd)/build/run

# Ctrl-C is for the recorder, which ends in order; the hand-over comes after it.
trap : INT TERM
# Every channel with a sensor file of the simulated card; see there.
sed -e "s|^    rate_hz:.*|    rate_hz: $rate|" -e "s|^  path:.*|  path: $dir/$name.sense|" \
	tools/lab/calibration/main-job.yaml >/tmp/main-job.yaml || exit 4
# Values are four times the size of the counts they come from: at high rates counts alone.
awk "BEGIN { exit !($rate > 20000) }" && sed -i 's|^  values: true|  values: false|' /tmp/main-job.yaml
sense record --config /tmp/main-job.yaml --duration "$duration" --live
status=$?

for record in "$dir"/*.sense "$dir"/*.sense-wal; do
	[ -e "$record" ] || continue
	to=$out/${record##*/}
	if cp "$record" "$to" && sync "$to" && cmp -s "$record" "$to"; then
		rm "$record"
	else
		echo "main-job: $record cannot be handed out; it stays on build/lab/main-job.img" >&2
		[ $status -ne 0 ] || status=4
	fi
done
exit $status
