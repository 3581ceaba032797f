#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The card is removed while it streams: stream, monitor and record each end within a second with
# -ENODEV, exit status 3 and a sentence; after replug the same serial opens again.
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab; exit; fi
serial=$(sense list --json | jq -r '.. | .serial? // empty' | head -n 1)
[ -n "$serial" ] || fail "no serial number in sense list"

ends_on_unplug() { # NAME COMMAND...
	local name=$1 pid gone ended
	shift
	"$@" >/tmp/out 2>/tmp/err &
	pid=$!
	sleep 2
	kill -0 $pid 2>/dev/null || fail "$name ended by itself: $(cat /tmp/err)"
	pci=$(readlink -f "$(device)/../..")
	gone=$(date +%s%N)
	echo 1 >"$pci/remove" || fail "the card was not removed"
	wait $pid
	rc=$?
	ended=$(date +%s%N)
	took=$(((ended - gone) / 1000000))
	echo "= $name: exit $rc, $took ms after the removal began: $(grep -v '^$' /tmp/err | tail -n 1)"
	[ $rc -eq 3 ] || fail "$name: exit $rc: $(cat /tmp/err)"
	[ $took -le 1000 ] || fail "$name took $took ms to notice"
	[ -s /tmp/err ] || fail "$name said nothing"
	sense-lab fault replug || fail "the lab did not replug"
	for _ in $(seq 50); do
		sense info "$serial" >/dev/null 2>&1 && return
		sleep 0.1
	done
	fail "$serial does not open after the replug"
}
ends_on_unplug stream build/tests/vm/gaps 0 1000 60
ends_on_unplug monitor sense monitor "$serial" -r 1000
ends_on_unplug record sense record "$serial" -r 1000 -o /tmp/unplug.sense
[ "$(sqlite3 -readonly /tmp/unplug.sense 'SELECT sum(present_count) > 1000 FROM frame')" = 1 ] ||
	fail "the record lost what was read before"
