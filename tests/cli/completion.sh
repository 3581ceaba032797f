#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Completion offers what there is.
. "$(dirname "$0")/lib.sh"
[ -e /usr/share/bash-completion/bash_completion ] || skip "bash-completion is not installed"

complete_words() # WORD...: completions of the last
{
	PATH=$(dirname "$sense"):$PATH bash --norc -c '
		. /usr/share/bash-completion/bash_completion
		. "$0"
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
		_sense 2>/dev/null; printf "%s\n" "${COMPREPLY[@]}"' \
		"$root/tools/sense/completion/sense.bash" "$@" | sort | tr '\n' ' '
}
command=(completion) rc=- ; : >.out; : >.err
expect "$(complete_words sense mo)" "monitor " "subcommand"
expect "$(complete_words sense d)" "doctor dump " "subcommands"
expect "$(complete_words sense record --s)" "--strict " "options"
expect "$(complete_words sense plot --)" \
	"$("$sense" plot --help | grep -oE '^  (-., |    )--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort | tr '\n' ' ')" "all options"
expect "$(complete_words sense monitor --rtd pt1)" "pt100 pt1000 " "values"
expect "$(complete_words sense config '')" "check " "config"
touch run.sense
expect "$(complete_words sense dump ru)" "run.sense " "files"
finish
