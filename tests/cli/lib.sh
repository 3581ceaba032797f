# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by tests/cli/*.sh. Each runs the command as a user would and looks at exit status,
# standard output and standard error.

root=$(cd "$(dirname "$0")/../.." && pwd)
sense=${SENSE:-$root/build/bin/sense}
helpers=${CLI:-$root/build/tests/cli}
[ -x "$sense" ] || { echo "there is no $sense: make tools tests"; exit 4; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp" || exit 4
unset NO_COLOR
failures=0

complain()
{
	echo "FAIL: $*"
	echo "  command: sense ${command[*]}"
	echo "  exit $rc"
	sed 's/^/  out: /' "$tmp/.out" | head -n 10
	sed 's/^/  err: /' "$tmp/.err" | head -n 10
	failures=$((failures + 1))
}

# try RC ARGUMENT...: run sense, demand that exit status
try()
{
	local want=$1
	shift
	command=("$@")
	timeout 30 "$sense" "$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null
	rc=$?
	[ "$rc" -eq "$want" ] || complain "exit $rc, not $want"
}

prints() { grep -qE -- "$1" "$tmp/.out" || complain "does not print /$1/"; }
prints_not() { ! grep -qE -- "$1" "$tmp/.out" || complain "prints /$1/"; }
silent() { [ ! -s "$tmp/.err" ] || complain "says something on standard error"; }

# The failure is one sentence: one line, "sense SUBCOMMAND: ...", no full stop; and says this.
says()
{
	[ "$(wc -l <"$tmp/.err")" -eq 1 ] || complain "not one line on standard error"
	grep -qE '^sense( [a-z]+)?: ' "$tmp/.err" || complain "does not say who speaks"
	grep -qE '[^.]\.$' "$tmp/.err" && complain "ends with a full stop"
	grep -qE -- "$1" "$tmp/.err" || complain "does not say /$1/"
}
# ... and what to do about it
remedy() { grep -qE -- "; .*$1" "$tmp/.err" || complain "no remedy /$1/"; }

expect() { [ "$1" = "$2" ] || { rc=-; complain "$3: '$1' is not '$2'"; }; }
finish() { [ "$failures" -eq 0 ] || { echo "$failures failed"; exit 1; }; exit 0; }
skip() { echo "SKIP: $*"; exit 77; }
