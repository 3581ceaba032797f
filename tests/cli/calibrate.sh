#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sense calibrate: as found, new sensor file, record and log; and what it refuses.
. "$(dirname "$0")/lib.sh"
examples=$root/Documentation/examples
is() { jq -e "$1" .out >/dev/null || complain "not so: $1"; }
old=rtd:$examples/sensors/rtd.yaml
points=$examples/calibration/points.csv
compare=(--reference-certificate "$examples/calibration/reference.xml" --date 2026-11-20)
who=(--author "M. Example" --firm "Example Works" --city Graz --country AT)

# As found beyond the tolerance: said by the exit status, and everything is kept
try 1 calibrate "$old" --points "$points" "${compare[@]}" "${who[@]}" --tolerance 0.01 \
	--item Pt100 --valid-until 2027-11-19 -o new.yaml --record record.xml --log bath.callog
silent; prints 'does not conform'; prints 'not an accredited calibration certificate'
prints '50\.01[0-9]* +0\.01[0-9]* +0\.00[0-9]+ +1\.[0-9]+ +conditional-fail'
expect "$(jq -r .kind bath.callog | tr '\n' ' ')" "as-found adjustment as-left " "entries"
expect "$(jq -r 'select(.kind == "as-left") | [.points[] | (.indicated - .reference) | fabs] | max < 0.001' \
	bath.callog)" true "as left"
# Log, record and sensor file name each other
sha=$(sha256sum record.xml | cut -d ' ' -f 1)
expect "$(jq -r .record.sha256 bath.callog | uniq)" "$sha" "digest of the record in the log"
grep -q 'certificate_file: "record.xml"' new.yaml || complain "the sensor file does not name the record"
try 0 certificate show record.xml; prints 'not a calibration certificate'; prints 'verification record'
prints 'R0 = 99\.99'
# The new sensor file reads the points as they were, with an uncertainty
try 0 convert rtd:new.yaml 119.38618 --json
is '(.value - 49.9998 | fabs) < 0.001 and .u > 0.002 and .u < 0.0022'
# A check with the new file conforms, and continues the log
try 0 calibrate rtd:new.yaml --check --points "$points" "${compare[@]}" --tolerance 0.01 \
	--author "M. Example" --log bath.callog --json
silent; is '.conforming and .fit == null and (.points | length == 9) and (.points[0].en | fabs) < 0.1'
expect "$(jq -r .log_digest .out)" "$("$sense" health bath.callog --json | jq -r .digest)" "digest"
try 0 health bath.callog --date 2026-11-21 --tolerance 0.01
try 0 calibrate "$old" --points "$points" "${compare[@]}" --json; silent
is '.fit.equation == "rtd" and .fit.degrees_of_freedom == 5 and (.fit.covariance | length == 16)'
is '(.fit.coefficients[0].value - 99.9924 | fabs) < 0.002 and .tolerance == null'
try 0 calibrate "$old" --fit r0 --points "$points" "${compare[@]}"; prints 'Fit r0'
try 0 calibrate "$old" --fit polynomial --degree 4 --points "$points" "${compare[@]}"; prints 'c4 '
# A check may do with a reference that has no certificate; a calibration may not
try 0 calibrate "$old" --check --points "$points" --reference "ice point" --date 2026-11-20

# Evidence is not overwritten
try 2 calibrate "$old" --points "$points" "${compare[@]}" "${who[@]}" -o new.yaml --log bath.callog
says 'is there already'; remedy 'new file'
try 2 calibrate "$old" --points "$points" "${compare[@]}" "${who[@]}" --record record.xml
says 'is there already'
# Another sensor, another log, an earlier day, an edited log
try 2 calibrate "$old" --serial 4712 --points "$points" "${compare[@]}"; says '4711'
sed 's/"4711"/"4712"/' "$examples/sensors/rtd.yaml" >other.yaml
cp bath.callog before
try 2 calibrate rtd:other.yaml --check --points "$points" "${compare[@]}" --author me --log bath.callog
says 'serial 4711, and .*serial 4712'
try 2 calibrate "$old" --check --points "$points" --reference-certificate \
	"$examples/calibration/reference.xml" --date 2026-11-19 --author me --log bath.callog
says 'before the last entry'
sed '1s/0.0003/0.0002/' bath.callog >edited.callog
try 1 calibrate "$old" --check --points "$points" "${compare[@]}" --author me --log edited.callog
says 'chain is broken'
cmp -s bath.callog before || complain "a refused entry changed the log"
# The reference: out of its time, out of its range, another one, none, not trusted
try 1 calibrate "$old" --points "$points" --reference-certificate \
	"$examples/calibration/reference.xml" --date 2027-11-20; says '2027-04-0'
sed 's/^150,149/150,169/; s/157.304/164.8/' "$points" >far.csv
try 1 calibrate "$old" --points far.csv "${compare[@]}"; says '169.* *$|-40 to 160'
try 1 calibrate "$old" --points "$points" "${compare[@]}" --reference-serial SPRT-26; says 'SPRT-26'
try 2 calibrate "$old" --points "$points"; says 'traceable to nothing'
try 1 calibrate "$old" --points "$points" "${compare[@]}" --trusted-pem \
	"$root/tests/fixtures/dcc/signed-root.pem"; says 'not signed'
# The points
head -n 5 "$points" >few.csv
try 2 calibrate "$old" --points few.csv "${compare[@]}"; says 'too few'
sed 's/109.7283/129.7283/' "$points" >turned.csv
try 2 calibrate "$old" --points turned.csv "${compare[@]}"; says 'do not go one way'
sed 's/109.7283/109,7283/' "$points" >comma.csv
try 2 calibrate "$old" --points comma.csv "${compare[@]}"; says 'comma.csv:6: .*more fields'
sed 's/109.7283/x/' "$points" >word.csv
try 2 calibrate "$old" --points word.csv "${compare[@]}"; says "word.csv:6: 'x0' in column indicated"
sed 's/u_indicated/u/' "$points" >head.csv
try 2 calibrate "$old" --points head.csv "${compare[@]}"; says "no column 'u'"
try 4 calibrate "$old" --points none.csv "${compare[@]}"; says 'cannot be opened'
try 2 calibrate "$old" --points "$points" "${compare[@]}" -o x.yaml; says 'needs an entry'
try 2 calibrate "$old" --check -o x.yaml --points "$points" "${compare[@]}"; says 'fits nothing'
try 2 calibrate "$old" --fit cubic; says 'no equation'
try 2 calibrate tc-K --fit rtd --points "$points" "${compare[@]}"
[ ! -e x.yaml ] || complain "a refused run left a file"
finish
