#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# sense health: a log is judged, an edited one refused; the answer is the exit status.
. "$(dirname "$0")/lib.sh"
logs=$root/Documentation/examples/calibration
is() { jq -e "$1" .out >/dev/null || complain "not so: $1"; }

try 0 health "$logs/stable.callog" --tolerance 0.01 --date 2026-11-20; silent
prints 'nothing signals, not due yet: recalibrate by 2027-04-01'
try 1 health "$logs/stable.callog" --tolerance 0.01 --date 2027-04-02; prints 'overdue'
try 0 health "$logs/stable.callog" --tolerance 0.01 --date 2027-04-01
try 0 health "$logs/stable.callog" --date 2026-11-20; prints_not 'Forecast'
# The last errors are beyond a tolerance as small as this
try 1 health "$logs/stable.callog" --tolerance 0.0002 --date 2026-11-20; prints 'beyond the tolerance'

try 1 health "$logs/drifting.callog" --tolerance 0.01 --date 2026-11-20 --json; silent
is '.out_of_control and (.overdue | not) and .entries == 21 and .unit == "Cel"'
is '.points | length == 2 and .[0].nominal == 0 and .[1].nominal == 50'
is '.points[1].signals == ["2-of-3-beyond-2-sigma", "8-on-one-side"]'
# It was made to drift by 4e-6 and 6e-6 per day: within the interval given
is '.points[0].drift | (.slope_per_year - 0.00146 | fabs) < 2 * .u_slope_per_year'
is '.points[1].drift | (.slope_per_year - 0.00219 | fabs) < 2 * .u_slope_per_year'
is '.points[1].forecast | .due < .expected and .due > "2027"'
is '.due == "2027-04-01" and .due_by == "validity" and .last_adjustment == "2025-04-02"'
# Limits stated: with so wide a sigma only the side can signal. The line reaches 6.1 mK soon.
try 1 health "$logs/drifting.callog" --tolerance 0.0061 --date 2026-12-20 --centre 0 --sigma 0.01 --json
is '.overdue and .due_by == "forecast" and ([.points[].signals[]] == ["8-on-one-side", "8-on-one-side"])'
try 1 health "$logs/stable.callog" --date 2026-11-20 --centre 1 --sigma 0.01; prints 'beyond-3-sigma'
try 0 health "$logs/stable.callog" --date 2026-11-20 --baseline 20; prints 'no limits: there are 18 values'

# A picture
try 1 health "$logs/drifting.callog" --tolerance 0.01 --date 2026-11-20 --svg h.svg
grep -q '</svg>' h.svg && grep -c '<circle' h.svg | grep -q 39 || complain "the picture is not whole"
python3 -c 'import sys, xml.dom.minidom as m; m.parse("h.svg")' || complain "the picture is no XML"
try 4 health "$logs/stable.callog" --svg none/h.svg; says 'cannot be written'

# Nobody edits it unseen
sed '5s/0.0006/0.0005/' "$logs/stable.callog" >edited.callog
try 1 health edited.callog; says 'edited.callog:6: .*chain is broken'; remedy 'copy'
sed 5d "$logs/stable.callog" >short.callog
try 1 health short.callog; says 'short.callog:5: .*chain is broken'
head -n 20 "$logs/stable.callog" >cut.callog
try 0 health cut.callog --date 2026-11-20
head=$("$sense" health "$logs/stable.callog" --json | jq -r .digest)
try 0 health "$logs/stable.callog" --date 2026-11-20 --head "$head"
try 1 health cut.callog --date 2026-11-20 --head "$head"; says 'no entry with the digest'
head -c 2000 "$logs/stable.callog" >torn.callog
try 1 health torn.callog; says 'torn'
(cat "$logs/stable.callog"; echo '{}') >more.callog
try 1 health more.callog; says 'no entry of schema version 1'
printf '{"a":' | try 4 health none.callog; says 'cannot be opened'
: >empty.callog
try 4 health empty.callog; says 'no comparison'; remedy 'sense calibrate'
try 4 health .; says 'no plain file'

try 2 health; says 'missing'
try 2 health "$logs/stable.callog" --tolerance -1
try 2 health "$logs/stable.callog" --sigma 1; says 'in part'
try 2 health "$logs/stable.callog" --date 2026-02-30; says 'no date'
try 2 health "$logs/stable.callog" --baseline 1
finish
