#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sense budget on the published examples: every figure as printed, Monte Carlo within its tolerance.
. "$(dirname "$0")/lib.sh"
examples=$root/Documentation/examples/budgets

# near PATH FIGURE TOLERANCE: a number of the JSON printed last
near()
{
	jq -e --argjson want "$2" --argjson by "$3" \
		"($1) as \$x | \$x != null and ((\$x - \$want) | fabs) <= \$by" .out >/dev/null || complain "$1 is $(jq -c "$1" .out), not $2 within $3"
}
is() { jq -e "$1" .out >/dev/null || complain "not so: $1"; }
budget() { local file=$1; shift; try 0 budget "$examples/$file.yaml" --json "$@"; silent; }

budget gum-h1-end-gauge
near .value 50000838 0.5; near .u 32 0.5; near .dof 16.75 0.05; near .k 2.92 0.005; near .U 93 0.6
near .p 0.99 0
near '.outputs[1].u' 9.7 0.05; near '.outputs[1].dof' 25.6 0.05; is '.first_order_valid == false'
is '.warnings | any(contains("to 33.8"))'
is '.monte_carlo == null'
budget gum-h2-impedance
near .value 127.732 0.0005; near .u 0.071 0.0005; near '.outputs[1].value' 219.847 0.0005
# The GUM's 0.295 carries rounded correlations; the readings give 0.2956.
near '.outputs[1].u' 0.295 0.001; near '.outputs[2].value' 254.260 0.0005
near '.outputs[2].u' 0.236 0.0005
near '.correlation[0][1]' -0.588 0.0005; near '.correlation[0][2]' -0.485 0.0005
near '.correlation[1][2]' 0.993 0.0005
is '.dof == 4'
budget gum-h3-thermometer
near .value -0.1494 0.00005; near .u 0.0041 0.00005; is '.dof > 8.999 and .dof < 9.001'
near '.contributions[] | select(.name == "y1") | .value' -0.1712 0.00005
near '.contributions[] | select(.name == "y2") | .u' 0.00067 0.000005
near '.contributions | map(.share) | add' 1 1e-9
budget gum5-13-resistance-thermometer --monte-carlo 200000
near .value 20.0232 0.00005; near .u 0.0045 0.00005; near .monte_carlo.u 0.0045 0.00005
is .first_order_valid

# GUM-S1 9.2: tables 2 to 4
budget gum-s1-922-four-normals --monte-carlo 1000000
near .u 2 1e-12; near '.interval[1]' 3.92 0.005; near .monte_carlo.u 2 0.006
near '.monte_carlo.interval[0]' -3.92 0.02
is '.first_order_valid and .dof == null'
is '.monte_carlo.trials == 1000000 and .monte_carlo.seed == 1'
budget gum-s1-923-four-rectangulars --monte-carlo 1000000
near .monte_carlo.u 2 0.006; near '.monte_carlo.interval[0]' -3.88 0.02
near '.monte_carlo.interval[1]' 3.88 0.02
budget gum-s1-924-one-dominates --monte-carlo 1000000
near .u 10.1 0.05; near .monte_carlo.u 10.1 0.06; near '.monte_carlo.interval[1]' 17.0 0.06
near '.interval[1]' 19.9 0.05
is '.first_order_valid == false'
# 9.3, table 6: first order, with higher-order terms (in the warning), Monte Carlo
budget gum-s1-93-mass --monte-carlo 1000000
near .value 1.2340 0.00005; near .u 0.0539 0.00005; near '.interval[0]' 1.1285 0.00006
near '.interval[1]' 1.3395 0.00006
near .monte_carlo.mean 1.2341 0.0003; near .monte_carlo.u 0.0754 0.0003
near '.monte_carlo.interval[0]' 1.0834 0.0015
near '.monte_carlo.interval[1]' 1.3825 0.0015; is '.first_order_valid == false'
budget gum-s1-93-mass; is '.warnings | any(contains("from 0.0539 to 0.075"))'
# 9.4.2, table 7 (x1 = 0): u = 50e-6, shortest interval [0, 150e-6], where first order says 0
budget gum-s1-94-comparison-loss --monte-carlo 1000000
is '.u == 0'; near .monte_carlo.mean 50e-6 0.2e-6; near .monte_carlo.u 50e-6 0.2e-6
near '.monte_carlo.interval[0]' 0 0.1e-6; near '.monte_carlo.interval[1]' 150e-6 1e-6
budget gum-s1-94-comparison-loss; is '.warnings | any(contains("from 0 to 5e-05"))'
# 9.4.3, table 8 (x1 = 0.010, r = 0.9): mean 150e-6, u = 121e-6
budget gum-s1-943-comparison-loss-correlated --monte-carlo 1000000
near .value 100e-6 1e-12; near .u 100e-6 1e-12; near .monte_carlo.mean 150e-6 0.5e-6
near .monte_carlo.u 121e-6 0.6e-6
near '.monte_carlo.interval[0]' 13e-6 2e-6; near '.monte_carlo.interval[1]' 398e-6 3e-6
# 9.5, table 11
budget gum-s1-95-gauge-block --monte-carlo 1000000
near .value 838 0.5; near .u 32 0.5; near .monte_carlo.mean 838 0.5; near .monte_carlo.u 36 0.5
near '.monte_carlo.interval[0]' 745 2; near '.monte_carlo.interval[1]' 932 2
budget logarithm
near .value -0.511 0.0005; near .u 0.481 0.0005; near .monte_carlo.mean -0.665 0.002
near .monte_carlo.u 0.606 0.002

# One seed, one result, however many threads; another seed, another result.
for threads in 1 2 5; do
	budget gum-s1-95-gauge-block --monte-carlo 50000 --seed 7 --threads $threads
	jq -c .monte_carlo .out
done >results
expect "$(sort -u results | wc -l)" 1 "results by number of threads"
budget gum-s1-95-gauge-block --monte-carlo 50000 --seed 8
[ "$(jq -c .monte_carlo .out)" != "$(head -n 1 results)" ] || complain "the seed does not matter"
budget gum-s1-922-four-normals --monte-carlo auto
is '.monte_carlo.converged and .monte_carlo.trials > 200000'

# Water and recycling: each with U, and a share for every contribution.
for channel in flow-4-20-ma level-4-20-ma weight-bridge; do
	budget $channel
	is '.U > 0 and (.unit | length) > 0 and .first_order_valid'
	near '.contributions | map(.share) | add' 1 1e-9
done

# As people read it
try 0 budget "$examples/gum-h1-end-gauge.yaml"
prints 'quantity +value +unit +u +distribution +dof +sensitivity +contribution +share'
prints 'U = 93 nm'; prints 'effective degrees of freedom 16\.7.*16'; prints '50000838'
try 0 budget "$examples/gum-s1-922-four-normals.yaml" -p 0.99; prints 'k = 2.58'
try 0 budget "$examples/gum-s1-922-four-normals.yaml" -k 2; prints 'k = 2 for p = 95.45'

# Mistakes: file, line, key, remedy; exit 2
printf 'equation: y = a + b\ninputs:\n  a: { value: 1, u: -0.1 }\n  b: 2\n' >bad.yaml
try 2 budget bad.yaml; says "bad.yaml:3: 'u' of 'a' is negative"; remedy 'positive'
printf 'equation: y = a + typo\ninputs:\n  a: { value: 1, u: 0.1 }\n' >bad.yaml
try 2 budget bad.yaml; says 'bad.yaml:1: .*typo'; remedy 'inputs'
printf 'equation: y = a +\ninputs:\n  a: { value: 1, u: 0.1 }\n' >bad.yaml
try 2 budget bad.yaml; says 'bad.yaml:1: a quantity is missing at character 8'
try 4 budget none.yaml; says 'cannot be opened'
try 2 budget; says 'FILE|operand|argument'
try 2 budget "$examples/logarithm.yaml" --monte-carlo 3
finish
