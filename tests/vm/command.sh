#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The command at a device: what it prints, what it refuses and how, what an ordinary user of the
# group "sense" can do, and that --ack, --strict and a full disk tell the truth.
. "$(dirname "$0")/lib.sh"
if [ "${1:-}" != guest ]; then in_lab --udev; exit; fi
cd /tmp || exit 4

# refuse RC PATTERN ARGUMENT...: exit status, and one sentence
refuse() {
	local want=$1 pattern=$2 rc
	shift 2
	timeout 20 sense "$@" >out 2>err
	rc=$?
	[ "$rc" -eq "$want" ] || fail "sense $*: exit $rc, not $want: $(cat err)"
	[ "$(wc -l <err)" -eq 1 ] || fail "sense $*: not one line: $(cat err)"
	grep -qE "$pattern" err || fail "sense $*: does not say /$pattern/: $(cat err)"
}
[ "$(sense list | wc -l)" -eq 2 ] || fail "sense list: $(sense list)"
id=$(sense list | sed 1d | cut -f 1)
rtd=$(sense info --json | jq -r 'first(.channels[] | select(.kind == "rtd")).name')
refuse 2 "no-such-channel.*$rtd" monitor -c no-such-channel
refuse 2 "no-such-channel.*$rtd" record -o x.sense -c "$rtd,no-such-channel"
refuse 2 '12345 ?Hz.*1000' monitor -r 12345
refuse 2 '12345 ?Hz.*1000' record -o x.sense -r 12345
refuse 3 'nobody' monitor nobody
refuse 4 'no/such' record -o /no/such/folder/x.sense
[ ! -e x.sense ] || fail "a refused recording left a file"

# By id, serial number, kernel name and name.
for name in "$id" "$(sense info --json | jq -r .serial)" iio:device0 sense-pcie; do
	[ "$(sense info "$name" --json | jq -r .id)" = "$id" ] || fail "sense info $name"
done

# A table on a terminal, rows on a pipe, objects with --json: the same bath.
script -qec "stty cols 120 rows 40; sense monitor -r 1000 -t 1.5" /dev/null >table ||
	fail "monitor on a terminal"
grep -q "$rtd .*°C\|$rtd .*degC" table || fail "no temperature in the table: $(tail -n 15 table)"
grep -q "$rtd .*no calibration" table || fail "no calibration is not said: $(tail -n 15 table)"
grep -q 'U (k=2)' table || fail "no U in the table: $(tail -n 15 table)"
grep -q 'simulated card' table || fail "the table does not say that the card is simulated"
sense monitor -t 2 -c "$rtd" >rows || fail "monitor on a pipe"
awk -F '\t' 'NR > 1 && ($3 != "Cel" || $5 < 15 || $5 > 35 || $9 < 800) { bad = 1 }
	END { exit bad || NR < 3 }' rows || fail "rows: $(cat rows)"
[ "$(sense monitor -n 250 --json | jq -s 'map(.channels[0].n) | add')" = 250 ] ||
	fail "monitor -n 250 did not count 250"

# A buffer has one user; the sentence says so.
sense record -o busy.sense -r 1000 2>/dev/null >&2 &
sleep 1
refuse 4 'buffer 0 .*in use' record -o other.sense
refuse 4 'buffer 0 .*in use' monitor --buffer 0
kill -INT $!
wait $! || fail "a recording that was interrupted did not end well"

# What --ack says is durable is in the file, at the end exactly.
timeout 20 sense record -o ack.sense --ack -t 3 >acks 2>err || fail "record --ack: $(cat err)"
[ "$(wc -l <acks)" -ge 3 ] || fail "acks: $(cat acks)"
have=$(sqlite3 -readonly ack.sense 'SELECT sum(present_count) FROM frame')
[ "$(tail -n 1 acks)" = "durable 1 $have" ] || fail "last ack $(tail -n 1 acks), $have scans in the file"
grep -q 'lost      no scan' err || fail "summary: $(cat err)"
grep -q "newest    $rtd .*no calibration" err || fail "summary without calibration: $(cat err)"

# With sensor files: value, U and its k, and the calibration set's digest in the record.
config=$root/tools/lab/calibration/main-job.yaml
sed "s|^  path:.*|  path: $PWD/calibrated.sense|" "$config" >calibrated.yaml
(cd "$root" && timeout 20 sense record --config /tmp/calibrated.yaml -t 2 --json) >summary 2>err ||
	fail "record --config: $(cat err)"
jq -e '.streams[0].newest | length == 8 and all(.state == "ok" and .k == 2 and .U == 2 * .u and .U > 0)' \
	summary >/dev/null || fail "newest values: $(cat summary)"
digest=$(jq -r '.streams[0].calibration_sha256' summary)
first=$(sqlite3 -readonly calibrated.sense 'SELECT min(first_sequence) FROM frame')
[ "$(sense events calibrated.sense --json | jq -r --arg d "$digest" \
	'select(.message == "calibration in force: sha256 " + $d).sequence')" = "$first" ] ||
	fail "no event of $digest from scan $first on: $(sense events calibrated.sense --json)"
sense dump calibrated.sense | sed 1q | grep -q "u($rtd)" || fail "no uncertainties in the dump"
(cd "$root" && sense monitor --config /tmp/calibrated.yaml -c "$rtd" -t 1 --json) | tail -n 1 >summary2
jq -e '.channels[0] | .k == 2 and .U == 2 * .u and .U > 0 and .outside == 0 and .expired == 0' summary2 \
	>/dev/null || fail "monitor --config: $(cat summary2)"
echo "= $rtd: $(jq -c '.streams[0].newest[0] | [.value, .U, .unit]' summary)"
sense plot ack.sense -o ack.svg && grep -q 'simulated card' ack.svg || fail "plot of the recording"
[ "$(sense dump ack.sense | wc -l)" -eq $((have + 1)) ] || fail "dump of the recording"

# Scans lost on the card: counted, located, and exit status 1 under --strict.
(sleep 1; sense-lab fault overrun,37 >/dev/null) &
timeout 20 sense record -o lost.sense -r 1000 -t 3 --strict --json >summary 2>err
[ $? -eq 1 ] || fail "record --strict: $(cat err)"
tail -n 1 err | grep -q '37 scans were lost' || fail "record --strict: $(cat err)"
[ "$(jq .lost.card summary)" = 37 ] || fail "summary: $(cat summary)"
[ "$(sense events lost.sense --type gap --json | jq -s 'map(.count) | add')" = 37 ] ||
	fail "events: $(sense events lost.sense)"

# A full disk: it ends by itself with exit status 4, and what is recorded can be read.
mkdir small && mount -t tmpfs -o size=66m none small || fail "no tmpfs"
timeout 20 sense record -o small/full.sense -r 10000 -t 15 >out 2>err
[ $? -eq 4 ] || fail "a full disk: $(cat err)"
tail -n 1 err | grep -qE '^sense record: .*small/full.sense has .* left.*; ' || fail "a full disk: $(cat err)"
[ "$(sqlite3 -readonly small/full.sense 'PRAGMA integrity_check')" = ok ] || fail "record on a full disk"
sense dump small/full.sense --to 0 >/dev/null 2>&1 || fail "the record on the full disk cannot be read"
echo "= a full disk: $(tail -n 1 err)"

# An ordinary user: not without the group, all of it with the group.
mkdir -m 1777 user
# Who need not be let into the tree this was built in.
mkdir anyone && cp -RL "$root/build/bin" "$root/build/lib" anyone
as() { PATH=$PWD/anyone/bin:$PATH setpriv --reuid=1234 --regid=1234 "$@"; }
as --clear-groups sense record -o user/x.sense >out 2>err
[ $? -eq 4 ] && grep -q "group" err || fail "a user without the group: $(cat err)"
as --groups "$(getent group sense | cut -d : -f 3)" \
	sense record -o user/x.sense -r 500 -t 1 >out 2>err || fail "a user of the group: $(cat err)"
grep -q 'lost      no scan' out || fail "a user's recording: $(cat out)"
[ "$(readlink -f "/dev/sense/by-id/$id")" = /dev/iio:device0 ] || fail "no by-id link"
echo "= an ordinary user of the group: $(sed -n 's/^recorded *//p' out)"
