#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual and --help tell of the same options; every subcommand has a page.
. "$(dirname "$0")/lib.sh"

for sub in $("$sense" help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
	[ "$sub" = help ] && continue
	page=$root/Documentation/man/sense-$sub.1.scd
	command=(man "$sub") rc=-
	: >.out; : >.err
	[ -e "$page" ] || { complain "no page $page"; continue; }
	options() { grep -oE '^  (-., |    )--[a-z-]+' | grep -oE -- '--[a-z-]+' | grep -vE -- '--(json|help)$' | sort; }
	expect "$(grep -oE '^\*(-.\*, \*)?--[a-z-]+\*|, \*--[a-z-]+\*' "$page" | grep -oE -- '--[a-z-]+' | grep -v -- '--json' | sort -u)" \
		"$("$sense" "$sub" --help | options)" "options of $sub in the manual and in --help"
	grep -q "sense-$sub\*(1)" "$root/Documentation/man/sense.1.scd" ||
		complain "sense(1) does not name sense-$sub(1)"
done
command -v scdoc >/dev/null || skip "scdoc is not installed"
for page in "$root"/Documentation/man/*.scd; do
	scdoc <"$page" >.out 2>.err || complain "$page does not build"
done
finish
