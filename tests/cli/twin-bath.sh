#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Two recordings of a real bath: identified on the first half, judged on the second. They are no part
# of the project: without them (SENSE_SHARED or ../shared) the test is skipped.
. "$(dirname "$0")/lib.sh"
runs=${SENSE_SHARED:-$root/../shared}/data/airbath
[ -e "$runs" ] || runs=$root/../../shared/data/airbath
[ -e "$runs/run-a.dsv" ] || skip "the recordings of a real bath are not part of the project"
is() { jq -e "$1" .out >/dev/null || complain "not so: $1: $(cat .out)"; }

for run in a b; do
	data=(--data "$runs/run-$run.dsv" --delimiter ';' --time date --time-format
		'%d/%m/%Y-%H:%M:%S' --output box_temp --inputs 'tec_curr,amb_temp')
	try 0 identify "${data[@]}" --train 0:0.5 -o m.json
	try 0 simulate -m m.json "${data[@]}" --from 0.5 --json
	is '.rms <= 0.0050 and .within["0.010"] >= 0.95'
	is '.coverage_95 >= 0.93 and .coverage_95 <= 0.97'
	jq -r --arg run "$run" '"= run \($run): one step \(.rms * 1e5 | round / 100) mK, within 10 mK \(.within["0.010"] * 1e4 | round / 100) %, inside 1.96 u \(.coverage_95 * 1e4 | round / 100) %; local linear trend \(.baseline.rms * 1e5 | round / 100) mK"' .out
	for known in '' --inputs-known; do
		# shellcheck disable=SC2086
		try 0 simulate -m m.json "${data[@]}" --from 0.5 --horizon 10 $known --json
		is '.rms <= 0.6 * .baseline.rms'
		jq -r --arg run "$run" '"= run \($run): ten steps, inputs \(.inputs) \(.rms * 1e5 | round / 100) mK; local linear trend \(.baseline.rms * 1e5 | round / 100) mK, ratio \(.rms / .baseline.rms * 1000 | round / 1000)"' .out
	done
done
finish
