#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No device: exit status 3 everywhere, and what to do.
. "$(dirname "$0")/lib.sh"

for sub in "info nobody" "monitor nobody" "record nobody -o x.sense" "events --device nobody"; do
	# shellcheck disable=SC2086
	try 3 $sub; says 'nobody|no IIO device'; remedy .
done
[ ! -e x.sense ] || { rc=0; complain "a record was made without a device"; }
ls -d /sys/bus/iio/devices/iio:device* >/dev/null 2>&1 && { finish; }
try 3 list; says 'no IIO device'; remedy 'sense doctor'
try 3 list --json; grep -q '"exit": *3' "$tmp/.err" || complain "not JSON"
prints '^\{"devices":\[\]\}$'
for sub in info monitor "record -o x.sense"; do
	# shellcheck disable=SC2086
	try 3 $sub; says .; remedy .
done
finish
