#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The examples that write and read a record, and what Documentation/record.md says of reading one
# without Sense: its SQL, its Python and its Octave, taken from the page as they stand there.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
examples=$root/build/examples
page=$root/Documentation/record.md
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

fail()
{
	echo "FAIL: $*"
	exit 1
}

# block LANGUAGE N: the Nth block of that language on the page
block()
{
	awk -v language="$1" -v n="$2" '
		$0 == "```" { inside = 0 }
		inside && count == n
		$0 == "```" language { inside = 1; count++ }' "$page"
}

"$examples/write-record" FILE >written
[ "$(sqlite3 FILE 'PRAGMA integrity_check')" = ok ] || fail "the example's record is damaged"
"$examples/read-record" FILE >read
grep -q 'gap at 333: 3 scans, unknown' read || fail "read-record does not show the gap"
grep -q '997 scans, 3 missing (simulated)' read || fail "read-record does not count"

block sh 1 | grep '^sqlite3' >commands
[ "$(wc -l <commands)" -eq 3 ] || fail "three commands were expected on the page"
bash -eu commands >out
grep -q '|997|3$' out || fail "the page's SQL does not show the totals"
grep -q '^1|333|3|unknown$' out || fail "the page's SQL does not show the gap"
[ "$(sqlite3 FILE "$(block sql 1)")" = '1|1' ] || fail "the account does not close"

block python 1 >reader.py
/usr/bin/python3 reader.py FILE >out
[ "$(wc -l <out)" -eq 20 ] || fail "the page's Python read $(wc -l <out) of 20 frames"
grep -q '^0 bath 108.0' out || fail "the page's Python does not show the values"

"$examples/dump-record" FILE >bath.csv 2>note
grep -q '^1000 lines' note || fail "dump-record does not count its lines"
{ echo "import pandas"; block python 2; echo "assert len(bath) == 1000 and bath['bath [Ohm]'].isna().sum() == 3"; } >one.py
/usr/bin/python3 one.py || fail "pandas does not read the dump"
{ block octave 1; echo "assert(rows(bath.data), 1000); assert(sum(isnan(bath.data(:, 3))), 3);"
	block octave 2; echo "assert(numel(raw), 50); assert(raw(1), int32(108000000));"; } >one.m
octave-cli --no-init-file one.m >out 2>&1 || { cat out; fail "Octave does not read the record"; }

"$examples/dump-record" FILE json 2>/dev/null | jq -es 'length == 1000 and .[333]["bath [Ohm]"] == null and
	(.[0].time_ns | type) == "number"' >/dev/null || fail "jq does not read the JSON lines"

# Without hardware the pipeline's example says so, with the exit status of "no device".
printf 'version: 1\ndevices: [{id: no-such-device}]\n' >config.yaml
rc=0
"$examples/run-pipeline" config.yaml 1 2>err || rc=$?
[ "$rc" -eq 3 ] || fail "run-pipeline exits with $rc without a device"
echo "= record read by sqlite3, Python, pandas, Octave and jq, as its page says"
