#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# dump, plot and events of a record with known content.
. "$(dirname "$0")/lib.sh"

"$helpers/make-record" run.sense 1000 100 || exit 4

# dump: every sequence number has its line, missing ones without values
try 0 dump run.sense; silent
cp .out run.csv
expect "$(wc -l <run.csv)" 1001 "lines"
python3 - <<'P' || complain "the CSV is not as it should be"
import csv, math
rows = list(csv.DictReader(open("run.csv")))
assert [int(r["sequence"]) for r in rows] == list(range(1000))
bath = [float(r["bath [Ohm]"]) for r in rows]
assert all(math.isnan(bath[i]) for i in range(300, 350))
assert not any(math.isnan(bath[i]) for i in list(range(300)) + list(range(350, 500)))
co2 = [float(r["co2 [1]"]) for r in rows]
assert all(abs(co2[i] - (600e-6 + 150e-6 * math.sin(i / 300))) < 2e-9 for i in range(300))
t = [float(r["time [s]"]) for r in rows]
assert abs(t[999] - t[0] - 9.99) < 1e-6
P
try 0 dump run.sense --from 10 --to 19 -o part.csv; prints_not .
expect "$(wc -l <part.csv)" 11 "lines of a part"
try 0 dump run.sense --json --to 9
expect "$(python3 -c 'import json,sys; print(sum(json.loads(l)["sequence"] for l in open(sys.argv[1])))' .out)" 45 "sequences of JSON lines"
try 0 dump run.sense --raw --to 0; prints ',[0-9]{9},'
try 2 dump run.sense --stream 7; says 'no stream 7'
try 4 dump run.sense -o /no/such/folder/x; says 'cannot write /no/such/folder/x'; remedy .
# Whoever reads the dump may stop reading.
"$sense" dump run.sense 2>.err | head -n 1 >/dev/null

# plot
try 0 plot run.sense -o run.svg; silent
python3 - run.svg <<'P' || complain "the picture is not as it should be"
import sys, xml.etree.ElementTree as E
s = E.parse(sys.argv[1]).getroot()
n = "{http://www.w3.org/2000/svg}"
text = " ".join(t.text or "" for t in s.iter(n + "text"))
for word in ("test-card-0042", "°C", "ppm", "%RH", "mA", "1 gap, 50 scans missing", "20 faulty"):
    assert word in text, word
assert len([p for p in s.iter(n + "path") if p.get("class") == "line"]) == 4
assert len([r for r in s.iter(n + "rect") if r.get("class") == "gap"]) == 5   # 4 panels, 1 legend
P
try 0 plot run.sense -c bath --rtd off -o -; prints 'Ω'; prints_not 'ppm'
try 2 plot run.sense -c bahn -o x.svg; says 'bahn.*bath|bath.*bahn|bahn'; remedy .
[ ! -e x.svg ] || complain "a picture was made of a channel there is not"
try 1 plot run.sense --from 5000 -o x.svg; says 'no scan in that range'; remedy .
# A long record: no peak is lost to decimation, and the file stays small.
"$helpers/make-record" long.sense 200000 1000 || exit 4
try 0 plot long.sense -o long.svg
[ "$(wc -c <long.svg)" -lt 400000 ] || complain "the picture of a long record is large"
grep -q "class='band'" long.svg || complain "no envelope"

# events
try 0 events run.sense; silent
expect "$(cut -f 2,3,4 .out | tr '\t' ' ' | grep -c -e 'warning gap test-card-0042' -e 'info operator bath')" 2 "events"
prints 'door opened'
try 0 events run.sense --type gap; prints '300'; prints_not door
try 0 events run.sense --severity warning; prints_not door
try 0 events run.sense --type gap --json
python3 -c 'import json,sys; e=json.loads(open(sys.argv[1]).readline()); assert (e["sequence"],e["count"],e["cause"])==(300,50,"kernel"),e' .out ||
	complain "JSON of a gap"
# Two streams: one must be named.
"$helpers/make-record" run.sense 100 100 || exit 4
try 2 dump run.sense; says '2 streams'; remedy '--stream'
try 0 dump run.sense --stream 2; expect "$(wc -l <.out)" 101 "lines of the second stream"
try 0 plot run.sense --stream 2 -o second.svg
finish
