#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sense convert: sensors, their files, moist air and gases.
. "$(dirname "$0")/lib.sh"

value() { python3 -c 'import json,sys
for line in open(sys.argv[1]):
    print("%.*f" % (int(sys.argv[2]), json.loads(line)["value"]), end=" ")' .out "$1"; }

# IEC 60751:2008, table 1; NIST Monograph 175
try 0 convert pt100 --inverse --json -- -200 0 100 850; silent
expect "$(value 2)" "18.52 100.00 138.51 390.48 " "resistances"
try 0 convert pt1000 --json 1385.055; expect "$(value 3)" "100.000 " "temperature"
try 0 convert tc-K --inverse --json -- -270 100 1372
expect "$(value 3)" "-6.458 4.096 54.886 " "voltages"
try 0 convert tc-K --json --at 25 -- 0 -1; expect "$(value 1)" "25.0 0.0 " "by a cold junction at 25"
try 0 convert tc-K --json --at cj=25 -- 0; expect "$(value 1)" "25.0 " "by a cold junction named"
try 0 convert pt100 100; prints '^100 ohm.0 degC.-$'

# outside the equation: every value has its line, the status is 1
try 1 convert pt100 --json 100 500; expect "$(wc -l <.out)" 2 "lines"; prints '"value":null'
try 1 convert pt100 100 500; expect "$(wc -l <.out)" 2 "lines"; says 'pt100'; remedy '-200 to 850'

# hundreds, and standard input
# shellcheck disable=SC2046
try 0 convert pt100 $(seq 100 0.1 150); expect "$(wc -l <.out)" 501 "lines"
command=(convert pt100); seq 100 1 110 | "$sense" convert pt100 >.out 2>.err; rc=$?
expect "$rc $(wc -l <.out)" "0 11" "lines of standard input"
command=(convert dew); printf 't=20 rh=50\n\nt=25 rh=60 p=100000\n' | "$sense" convert dew --json >.out 2>.err; rc=$?
expect "$rc $(wc -l <.out)" "0 2" "records of standard input"

# files
cat >probe.yaml <<'P'
sensor: rtd
serial: "4711"
certificate: DCC-2026-0815
calibrated: 2026-03-01
valid_until: 2199-03-01
r0: 99.9874
a: 3.9081e-3
b: -5.78e-7
c: -4.2e-12
range: [-50, 250]
uncertainty: {U: 0.010, k: 2}
P
try 0 convert rtd:probe.yaml 99.9874 --json; prints '"value":0.0,"unit":"degC","u":0.0050*1?,"flags":\[\]'
try 0 convert rtd:probe.yaml 200 --json; prints 'outside-calibration'
sed 's/2199/2026/; s/2026-03-01/2020-03-01/' probe.yaml >old.yaml
try 0 convert rtd:old.yaml 110; prints 'expired'
cat >flow.yaml <<'P'
unit: m3/h
low: 0
high: 12.5
P
try 0 convert ma:flow.yaml 12 --json; prints '"input_unit":"mA","value":6.25,"unit":"m3/h"'
try 1 convert ma:flow.yaml 3.5; prints 'out-of-range'
cat >scale.yaml <<'P'
rated_kg: 500
sensitivity_mV_V: 2
tc_sensitivity: 17.0e-6
temperature_range: [-10, 40]
P
try 0 convert bridge:scale.yaml 1 --json; expect "$(value 6)" "250.000000 " "mass"
try 0 convert bridge:scale.yaml 1 --at 30 --json; expect "$(value 4)" "249.9575 " "mass at 30 degC"
echo 'r0: abc' >bad.yaml
try 2 convert rtd:bad.yaml 100; says 'bad.yaml:1'; says "'r0'"
try 4 convert rtd:none.yaml 100; says 'none.yaml'

# the examples of Documentation/sensors.md
for f in "$root"/Documentation/examples/sensors/*.yaml; do
	kind=$(basename "$f" .yaml)
	case $kind in
	ma) x=12 ;; bridge) x=1 ;; table) x=1.2 ;; linear) x=100000 ;; ntc) x=10000 ;; sprt) x=25.5 ;; tc) x=4 ;; *) x=100 ;;
	esac
	try 0 convert "$kind:$f" "$x" --json; prints '"value":[-0-9]'
	[ "$kind" = ntc ] || prints '"u":[0-9]'
done

# air and gases
try 0 convert air-density t=20 rh=50 p=101325 co2=400 --json; expect "$(value 8)" "1.19931390 " "density"
try 0 convert dew t=20 rh=100 --json; expect "$(value 6)" "20.000000 " "dew point"
try 0 convert dew t=23.1 rh=45 u_rh=1.5 --json; prints '"u":0\.[0-9]'
try 0 convert rh t=20 td=9.2756239 p=101325 --json; expect "$(value 3)" "50.000 " "humidity"
try 0 convert gas:NO2 ppb=1 --json; expect "$(value 2)" "1.91 " "ug/m3 at 20 degC"
try 0 convert gas:NO2 ppb=1 --at t=25,p=101325 --json; expect "$(value 2)" "1.88 " "ug/m3 at 25 degC"
try 0 convert gas:NO2 ugm3=1.91248; prints '^(1\.0000|0\.99999)'; prints 'at 20 degC'
try 1 convert air-density t=40 rh=50 p=101325; says 'CIPM-2007'
try 1 convert dew t=20 rh=120; says 'more than air'

# what cannot be
try 2 convert pt99 1; says "'pt99'"; remedy 'pt100'
try 2 convert pt100 1x; says "'1x'"
try 2 convert pt100 --at 20 100; says 'nothing else'
try 2 convert dew t=20; says 'dew'
try 2 convert dew t=20 rh=50 x=3; says "'x=3'"
try 2 convert gas:XY ppb=1; remedy 'NO2'
try 2 convert

finish
