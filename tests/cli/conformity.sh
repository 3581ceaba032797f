#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sense conformity: the answer is the exit status.
. "$(dirname "$0")/lib.sh"
examples=$root/Documentation/examples/budgets
is() { jq -e "$1" .out >/dev/null || complain "not so: $1"; }

# +-0.01 degC, U = 5 mK: |d| <= 10 mK, and |d| <= 10 mK - U
try 0 conformity --value 0.0049 --expanded 0.005 -k 2 --tolerance 0.01; prints 'conforms \(pass\)'
silent
try 1 conformity --value 0.0051 --expanded 0.005 -k 2 --tolerance 0.01
prints 'does not conform \(conditional-pass\)'
try 0 conformity --value 0.0051 --expanded 0.005 -k 2 --tolerance 0.01 --rule simple
try 1 conformity --value 0.0101 --expanded 0.005 -k 2 --tolerance 0.01 --rule simple
try 0 conformity --value 0.0101 --expanded 0.005 -k 2 --tolerance 0.01 --rule guarded-rejection
try 0 conformity --value 20.004 --u 0.002 --nominal 20 --tolerance 0.01 --json; silent
is '.conforming and .rule == "guarded" and .guard == 0.004 and .U == 0.004'
is '.limits == [19.99, 20.01]'
is '.probability > 0.998 and .risk.global_consumer == null'
is '(.risk.specific - (1 - .probability) | fabs) < 1e-12'
# One limit: half of what is measured on it conforms
try 0 conformity --value 10 --u 1 --upper 10 --rule simple --json
is '(.probability - 0.5 | fabs) < 1e-12 and .limits[0] == null'
try 1 conformity --value -1 --u 1 --lower 0 --rule simple --json; is '.conforming == false'
try 0 conformity --value 1500.1 --u 0.04 --lower 1499.8 --upper 1500.2 --rule simple \
	--process-mean 1500 --process-deviation 0.12 --json
is '.risk.global_consumer > 0.018 and .risk.global_consumer < 0.02'
is '.risk.global_producer > 0.036 and .risk.global_producer < 0.038'
# Value and uncertainty of a budget
try 0 conformity "$examples/gum5-13-resistance-thermometer.yaml" --nominal 20.02 \
	--tolerance 0.03 --json
is '(.u - 0.0045 | fabs) < 0.00005 and .unit == "degC"'
try 1 conformity "$examples/gum5-13-resistance-thermometer.yaml" --nominal 20.02 --tolerance 0.01

try 2 conformity --value 1 --u 1; says 'no limit'; remedy 'limit'
try 2 conformity --value 1 --u 1 --lower 3 --upper 2; says 'not below'; remedy 'exchange'
try 2 conformity --value 1 --u 1 --tolerance 1; says 'leaves nothing'; remedy 'smaller uncertainty'
try 2 conformity --value 1 --tolerance 1; says 'missing'
try 2 conformity --value 1 --u 1 --tolerance 1 --rule lenient; says "no rule 'lenient'"
try 2 conformity --value 1 --u -1 --tolerance 1
try 4 conformity none.yaml --tolerance 1; says 'cannot be opened'
finish
