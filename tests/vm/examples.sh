#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The examples of Documentation/examples that need a device, each run as its head says. hotplug runs
# in stream.sh.
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab --channels 8 --cards 2; exit; fi
set -u
for d in /sys/bus/iio/devices/iio:device*; do echo 1000 >"$d/sampling_frequency"; done
id=$(cat "$(device)/serialnumber")
examples() {
	cat <<-END
		list-devices
		device-info $id
		stream-frames $id 1
		gaps-and-events $id 1
		read-latest $id 5
		several-devices 1
		poll-loop $id 2
	END
}
while read -r name arguments; do
	# shellcheck disable=SC2086
	timeout 20 "build/examples/$name" $arguments >/tmp/out 2>&1 ||
		{ echo "exit $?"; cat /tmp/out; fail "$name $arguments"; }
done < <(examples)
build/examples/list-devices | grep -c "streams, numbers its scans, simulated" | grep -qx 2 ||
	fail "two cards are not listed"
