#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two users of one card: monitor beside record, and monitor beside a pipeline from a configuration.
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab; exit; fi
id=$(sense list --json | jq -r '.. | .id? // empty' | head -n 1)
cat >/tmp/pipeline.yaml <<END
version: 1
devices:
  - id: $id
    rate_hz: 1000
record:
  path: /tmp/pipeline.sense
END
beside() { # NAME RECORD COMMAND...
	local name=$1 record=$2
	shift 2
	"$@" >/tmp/out 2>/tmp/err &
	pid=$!
	sleep 1
	rows=$(sense monitor -t 2 --json 2>/tmp/merr) || fail "$name: monitor: $(cat /tmp/merr)"
	n=$(printf '%s\n' "$rows" | grep -c '"channels"')
	kill -INT $pid
	wait $pid || fail "$name: exit $?: $(cat /tmp/err)"
	gaps=$(sqlite3 -readonly "$record" 'SELECT count(*) FROM gap')
	scans=$(sqlite3 -readonly "$record" 'SELECT sum(present_count) FROM frame')
	echo "= $name beside monitor: $scans scans, $gaps gaps, $n rows shown"
	[ "$gaps" = 0 ] && [ "$scans" -gt 2000 ] && [ "$n" -ge 1 ] || fail "$name beside monitor"
}
beside record /tmp/one.sense sense record -o /tmp/one.sense -r 1000
beside pipeline /tmp/pipeline.sense sense record --config /tmp/pipeline.yaml
