#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files that are no record, or not for us: exit status 4, one sentence, a remedy.
. "$(dirname "$0")/lib.sh"

"$helpers/make-record" good.sense 100 100 || exit 4
each()
{
	for sub in "dump $1" "plot $1 -o x.svg" "events $1"; do
		# shellcheck disable=SC2086
		try 4 $sub; says "$2"; remedy "$3"
	done
}

each absent.sense 'absent.sense' .
each /tmp '/tmp' .
echo "this is a text" >text.sense
each text.sense 'no record|not a record' .
: >empty.sense
each empty.sense 'empty.sense' .
head -c 100000 /dev/urandom >noise.sense
each noise.sense 'no record|not a record' .
sqlite3 other.sense 'CREATE TABLE t(x); INSERT INTO t VALUES(1)'
each other.sense 'no record|not a record' .
cp good.sense newer.sense
sqlite3 newer.sense 'PRAGMA user_version = 99'
each newer.sense 'newer|version' '.'
head -c 5000 good.sense >torn.sense
each torn.sense 'torn.sense' .
if [ "$(id -u)" -eq 0 ]; then
	# as somebody else, who may not be let into the tree this was built in
	mkdir -p anyone && cp -RL "${sense%/bin/sense}/bin" "${sense%/bin/sense}/lib" anyone
	cp good.sense locked.sense && chmod 600 locked.sense && chmod 755 "$tmp"
	command=(dump locked.sense)
	setpriv --reuid=65534 --clear-groups anyone/bin/sense dump "$tmp/locked.sense" >.out 2>.err
	rc=$?
	expect "$rc" 4 "unreadable file"; says 'locked.sense'; remedy .
else
	cp good.sense locked.sense && chmod 0 locked.sense
	each locked.sense 'locked.sense' .
fi
[ ! -e x.svg ] || complain "a picture was made of no record"
# Nothing was changed by looking.
expect "$(cat text.sense)" "this is a text" "file looked at"
finish
