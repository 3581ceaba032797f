#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sense loop simulate: a plant that is a program, the lab's bath, and everything a plant may do wrong.
. "$(dirname "$0")/lib.sh"
is() { jq -e "$1" .out >/dev/null || complain "not so: $1"; }

cat >bath.json <<'END'
{ "parameters": { "C_air": { "value": 3000, "unit": "J/K" }, "C_wall": 7543, "C_sink": 1472,
  "G_aw": 17.96, "G_wall_amb": 0.3928, "G_air_amb": 0.7053, "G_sink": 7.851, "P0": 18.68,
  "alpha": 0.05, "R": 2.463, "K": 0.4458, "delay": 4.5, "lag": 7, "u_min": -5, "u_max": 2,
  "slew": 1, "noise_sensor": 0.0036, "noise_ambient": 0.02 } }
END
# A plant of one node and no delay, another one than the model's; in whole microkelvins and mA.
cat >plant.sh <<'END'
T=24000000 u=0
for ((t = 1; t <= $1; t++)); do
	((T += (15000 * u + 19000000 - 9 * (T - 24000000) / 10) / 4000))
	printf -v y '%d.%06d' $((T / 1000000)) $((T % 1000000))
	echo "$t $y ${2:-$y} 24"
	read -r text || exit 1
	sign=1; [[ $text == -* ]] && sign=-1 text=${text#-}
	whole=${text%%.*} part=000
	[[ $text == *.* ]] && part=${text#*.}000
	u=$((sign * (whole * 1000 + 10#${part:0:3})))
done
END

try 0 loop simulate --model bath.json --set-point 25 --json --seed "${SENSE_TEST_SEED:-1}"; silent
is '.controller == "auto" and .n > 5000 and .within["0.010"] == 1 and .rms < 0.002'
is '.settling_s < 900 and .recovery_s == 0 and .safety == [] and .judged_on == "true"'
is '.plant == "lab bath (simulated)" and .whole_run.n == 7200'
try 0 loop simulate --model bath.json --set-point 25 --control pid --json --duration 1h
is '.controller == "pid" and .rms < 0.02'
try 0 loop simulate --model bath.json --set-point 25; prints 'settled after'; prints 'simulated'

try 0 loop simulate --model bath.json --set-point 23 --plant "bash plant.sh 3000" --json; silent
is '.settling_s > 0 and .n > 500 and .whole_run.n == 3000 and .max <= 0.01'
try 0 loop simulate --model bath.json --set-point 23 --plant "bash plant.sh 3000 nan" --json --from 2000
is '.judged_on == "measured" and .n == 1001'

# Prints lines without waiting for answers; closes its output; takes the answers.
line() { printf 'printf "%s"; exec >&-; cat >/dev/null' "$1"; }
loop() { try "$1" loop simulate --model bath.json --set-point 23 --plant "$2" "${@:3}"; }
loop 4 "$(line '1 24 24 24\n1 24 24 24\n')"; says 'does not follow'
loop 4 "$(line '1 24 24 24\n1.5 24 24 24\n')"; says 'no 1 s apart'; remedy '--period'
loop 4 "$(line '1 24 24 24\n99 24 24 24\n')"; says 'no 1 s apart'
loop 4 "$(line '1 24\n')"; says 'has 2 numbers, not four'
loop 4 "$(line '1 24 24 24 5\n')"; says 'more than four'
loop 4 "$(line 'nan 24 24 24\n')"; says 'does not follow'
loop 4 "$(line '1 nan 24 24\n')"; says 'cannot start'
loop 4 "$(line '')"; says 'printed nothing'
loop 4 'exit 3'; says 'ended with status 3'
loop 4 './no-such-program 2>/dev/null'; says 'status 127'
# Readings fail for good: the loop trips and says why; a hole of two is bridged.
loop 0 "$(line "$(for t in 1 2 3; do printf '%d 24 24 24\\n' $t; done
	for t in 4 5 6 7 8 9; do printf '%d nan 24 24\\n' $t; done)")" --json
is '.safety == ["stale"] and .missing == 6'
loop 0 "$(line '1 24 24 24\n4 24 24 24\n5 24 24 24\n')" --json; is '.safety == [] and .missing == 2'
loop 0 "$(line '1 24 24 24\n2 61 61 24\n')" --json; is '.safety == ["over-temperature"]'

try 1 loop simulate --model bath.json --set-point 80; says 'holds 80 degC'; remedy 'set point'
try 2 loop simulate --model bath.json; says 'set point is missing'
try 2 loop simulate --set-point 25; says 'model'
try 2 loop swing --model bath.json --set-point 25; says "cannot 'swing'"
try 2 loop simulate --model bath.json --set-point 25 --control fuzzy; says "no control 'fuzzy'"
try 4 loop simulate --model none.json --set-point 25; says 'cannot read|none.json'
jq 'del(.parameters.lag)' bath.json >no-lag.json
try 4 loop simulate --model no-lag.json --set-point 25; says 'lag is missing'
jq '.parameters.C_air.value = -1' bath.json >negative.json
try 4 loop simulate --model negative.json --set-point 25; says 'C_air is -1'
echo '{' >broken.json
try 4 loop simulate --model broken.json --set-point 25; says 'broken.json line'
finish
