#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sense identify and sense simulate: a model and back, and data that make no sense.
. "$(dirname "$0")/lib.sh"
is() { jq -e "$1" .out >/dev/null || complain "not so: $1"; }

awk 'BEGIN {
	srand(7); print "when;bath;current;ambient"; x = 0; d = 20
	for (k = 0; k < 1500; k++) {
		if (k % 30 == 0) u = rand() - 0.5
		n = sqrt(-2 * log(rand() + 1e-12)) * cos(6.2831853 * rand())
		printf "%d.5;%.4f;%.3f;24\n", 20 * k, x + d + 0.003 * n, u
		x = 4 * u + (x - 4 * u) * exp(-20 / 400)
		d += 0.0008 * sqrt(-2 * log(rand() + 1e-12)) * cos(6.2831853 * rand())
	} }' >run.csv
data=(--data run.csv --delimiter ';' --time when --output bath --inputs current)
try 0 identify "${data[@]}" --train 0:0.5 --structure innovations:1 -o m.json --plot fit.svg; silent
prints '^innovations of order 1'; prints 'innovations: white'
try 0 simulate -m m.json "${data[@]}" --from 0.5 --json
is '.n == 750 and .horizon == 1 and .mode == "prediction" and .rms < 0.005'
is '.within["0.010"] > 0.95 and (.outside_validity | type) == "number" and (.noise - 0.003 | fabs) < 0.0005'
try 0 simulate -m m.json "${data[@]}" --from 0.5 --horizon 10 --inputs-known --json
is '.horizon == 10 and .inputs == "known" and .rms < 0.3 * .baseline.rms'
try 0 simulate -m m.json "${data[@]}" --from 0.5 --free-run --json
is '.mode == "free run" and .horizon == null and .inputs == "known"'
try 0 simulate -m m.json "${data[@]}" --from 0.5 --observer --json
is '.mode == "observer" and .rms < 0.0035'
grep -q '</svg>' fit.svg || complain "no picture"
# A network with named parameters: a capacity that leaks to the ambient, and a heater.
cat >net.json <<-'END'
	{ "nodes": [ { "name": "bath", "capacity": "C" } ],
	  "links": [ { "from": "bath", "to": "input:ambient", "conductance": "G" } ],
	  "heater": { "input": "current", "node": "bath", "gain": "P" },
	  "outputs": [ { "name": "bath", "node": "bath", "noise": "readout" } ],
	  "disturbance": { "node": "bath", "walk": "walk", "ramp": "ramp" },
	  "parameters": { "G": { "value": 2, "unit": "W/K" },
	    "C": { "value": 500, "unit": "J/K", "fitted": true },
	    "P": { "value": 5, "unit": "W", "fitted": true },
	    "readout": { "value": 0.004, "unit": "K", "fitted": true },
	    "walk": { "value": 0.01, "unit": "W/sqrt(s)", "fitted": true },
	    "ramp": { "value": 1e-9, "unit": "W/s/sqrt(s)" } } }
END
try 0 identify "${data[@]}" --inputs current,ambient --structure greybox:net.json -o g.json --json
is '.parameters[] | select(.name == "C") | (.value - 800 | fabs) < 6 * .standard_uncertainty + 8'
is '.parameters[] | select(.name == "P") | (.value - 8 | fabs) < 6 * .standard_uncertainty + 0.08'
try 0 simulate -m g.json "${data[@]}" --inputs current,ambient --from 0.5 --json
is '.rms < 0.005 and .coverage_95 > 0.92'
sed -i 's/"capacity": "C"/"capacity": "D"/' net.json
try 2 identify "${data[@]}" --inputs current,ambient --structure greybox:net.json -o x.json
says "no parameter 'D'"

# Outside the limits it is said, not refused.
awk -F';' -v OFS=';' 'NR > 1 { $3 = $3 * 20 } 1' run.csv >wide.csv
try 0 simulate -m m.json "${data[@]}" --data wide.csv --from 0.5 --json
is '.outside_validity > 0.8'
try 0 simulate -m m.json "${data[@]}" --data wide.csv --from 0.5
grep -q 'outside the model.s limits of validity' .err || complain "does not warn"

bad() { sed "$1" run.csv >bad.csv; try 2 identify "${data[@]}" --data bad.csv -o x.json; says "$2"; }
bad '5s/;[^;]*;/;nan;/' "line 5, column 'bath': 'nan' is no reading"; remedy 'skip-invalid'
bad '6s/;[^;]*;/;1e38;/' "line 6, column 'bath'"
bad '7s/^[^;]*/x/' "line 7, column 'when': 'x' is no time"
bad '8s/;.*//' 'line 8 has 1 columns'
bad '9p' "repeats the line before"
bad '10{h;d};11{G}' "is earlier than the line before"
try 2 identify "${data[@]}" --output oven -o x.json; says "no column 'oven'"
try 2 identify "${data[@]}" --delimiter , -o x.json; remedy 'delimiter'
try 2 identify "${data[@]}" --train 0.5:0.2 -o x.json; says 'no part'
try 2 identify "${data[@]}" --structure cubic -o x.json; says "no structure 'cubic'"
try 4 identify "${data[@]}" --data none.csv -o x.json; says 'cannot be opened'
[ ! -e x.json ] || complain "a model was written from bad data"
sed '200,400d' run.csv >gap.csv
try 0 simulate -m m.json "${data[@]}" --data gap.csv
grep -qE '1 gap of .* 40[0-9]+ s before row 199' .err || complain "does not tell of the gap"
sed 's/"order": 1/"order": 0/' m.json >changed.json
try 2 simulate -m changed.json "${data[@]}"; says 'changed.json'
sed 's/"rows": /"rows": 1/' m.json >changed.json
try 2 simulate -m changed.json "${data[@]}"; says 'changed since'
try 2 simulate -m run.csv "${data[@]}"
try 2 simulate -m m.json "${data[@]}" --inputs ambient; says "no input 'current'"
finish
