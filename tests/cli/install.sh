#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make install DESTDIR=: what was installed works from there, and nothing lands elsewhere.
. "$(dirname "$0")/lib.sh"

command=(make install) rc=0
to=$tmp/to
make -s -C "$root" install DESTDIR="$to" PREFIX=/usr >.out 2>.err || { rc=$?; complain "make install"; finish; }
for f in bin/sense lib/libsense.so lib/libsense.so.0 lib/libsense.a lib/pkgconfig/sense.pc \
	include/sense/sense.h share/man/man1/sense.1 share/man/man1/sense-record.1 share/man/man3/libsense.3 \
	share/bash-completion/completions/sense lib/udev/rules.d/60-sense.rules lib/sysusers.d/sense.conf; do
	[ -e "$to/usr/$f" ] || complain "no $f"
done
expect "$(find "$to" -mindepth 1 -maxdepth 1)" "$to/usr" "outside the prefix"
expect "$("$to/usr/bin/sense" version | head -n 1)" "sense $(sed -n 's/^#define SENSE_VERSION "\(.*\)"/\1/p' "$root/libsense/include/sense/version.h")" "the installed command"

# A program of somebody else's, in C and in C++, shared and static.
cat >own.c <<'C'
#include <sense/sense.h>
#include <stdio.h>
int main(void)
{
	puts(sense_version());
	return sense_rtd_iec60751(100).r0_ohm == 100 ? 0 : 1;
}
C
export PKG_CONFIG_PATH=$to/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$to
# shellcheck disable=SC2046
for how in "gcc -xc -std=c17" "g++ -xc++ -std=c++17"; do
	$how -Wall -Wextra -Wpedantic -Werror own.c -o own $(pkg-config --cflags --libs sense) >.out 2>.err ||
		complain "$how"
	LD_LIBRARY_PATH=$to/usr/lib ./own >.out 2>.err || complain "$how: does not run"
done
unset PKG_CONFIG_SYSROOT_DIR
# shellcheck disable=SC2046
gcc own.c -o own-static -I"$to/usr/include" "$to/usr/lib/libsense.a" \
	$(pkg-config --libs --static sense | sed 's/-lsense\b//') >.out 2>.err && ./own-static >.out || complain "static"
finish
