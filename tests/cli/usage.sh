#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wrong usage: exit status 2, one sentence that says what, and what to do.
. "$(dirname "$0")/lib.sh"

try 2; prints 'Usage: sense SUBCOMMAND'
try 0 help; prints '^  monitor '; silent
try 0 --help; prints '^  monitor '
try 0 --version; prints '^sense [0-9]'
try 2 momitor; says "perhaps 'monitor'"; remedy 'sense help'
try 2 xyzzy; says "no subcommand 'xyzzy'"
try 2 help xyzzy; says "no subcommand 'xyzzy'"

# Each subcommand: help that names it, an unknown option, too many operands.
for sub in $("$sense" help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
	try 0 "$sub" --help; silent
	[ "$sub" = help ] || prints "^Usage: sense $sub "
	try 0 help "$sub"; silent
	try 2 "$sub" --no-such-option; says "no option '--no-such-option'"; remedy 'sense help'
	try 2 "$sub" -Z; says "no option '-Z'"
	# some take a word first, or as many as there are
	case $sub in config | convert | certificate) continue ;; esac
	try 2 "$sub" one two three; says 'more on the command line'
done

try 2 monitor -n; says "'-n' needs a value"
try 2 monitor -n many; says "'many' is not a whole number"
try 2 monitor -n 0; says 'at least 1'
try 2 monitor -t soon; says "'soon' is not a length of time"; remedy '5m|1\.5m'
try 2 monitor -r fast; says "'fast' is not a number"
try 2 monitor -r -5; says 'number from'
try 2 monitor --buffer 2; says 'from 0 to 1'
try 2 monitor --rtd pt99; says "'pt99' is no resistance thermometer"; remedy 'pt1000'
try 2 record; says 'where the record goes'; remedy '-o run.sense'
try 2 record --config a.yaml -o b; says 'already'; remedy 'leave --config away'
try 2 record -o a --ack --live; says 'both print'
try 2 dump; says 'missing'; remedy 'usage: sense dump FILE'
try 2 dump x --from 5 --to 4; says '--to 4 comes before --from 5'
try 2 dump x -f xml; says "no format 'xml'"; remedy 'csv or json'
try 2 plot x; says 'where the picture goes'; remedy '-o'
try 2 plot x -o y --width 3; says 'from 300'
try 2 events; says 'missing'
try 2 events x --type gpa; says "no event type 'gpa'"
try 2 events x --severity bad; says "no severity 'bad'"; remedy 'critical'
try 2 config; says 'missing'
try 2 config chek x; says "no 'config chek'"; remedy 'config check'

# As JSON the same, for machines.
try 2 plot x --json
python3 - "$tmp/.err" <<'P' || { complain "the failure is no JSON object"; }
import json, sys
e = json.load(open(sys.argv[1]))["error"]
assert e["exit"] == 2 and e["command"] == "plot" and e["remedy"], e
P

# No colours where nobody sees them.
try 0 help; prints_not $'\033'
# Standard output that takes nothing is a failure, not silence.
"$sense" help >/dev/full 2>"$tmp/.err"; rc=$?; command=(help '>/dev/full')
expect "$rc" 4 "full standard output"; says 'cannot write to standard output: No space left'
finish
