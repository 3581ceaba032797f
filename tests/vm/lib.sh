# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by tests/vm/*.sh (not executable itself, so never run as a test).
# A VM test is one script with two halves: the host half starts the lab and runs the script again
# inside with the argument "guest"; sense-lab fails the run when the kernel log shows a WARNING, BUG
# or Oops.
#
#	. "$(dirname "$0")/lib.sh"
#	if [ "${1:-}" != guest ]; then in_lab --channels 8; exit; fi
#	... guest half ...

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 4
export PATH="$root/build/bin:$PATH"
kernel=${SENSE_KERNEL:-6.1}
# full TENTH WHOLE: the count to use in "make check", and in a shard of check-full.
full() { if [ -n "${SENSE_FULL:-}" ]; then echo "$2"; else echo "$1"; fi; }

# in_lab [LAB OPTIONS]: this script's guest half in the lab; its exit status is the script's.
in_lab() {
	sense-lab run --kernel "$kernel" "$@" -- env SENSE_FULL="${SENSE_FULL:-}" \
		SENSE_TEST_SEED="${SENSE_TEST_SEED:-1}" "$root/tests/vm/${0##*/}" guest
}

fail() { echo "FAIL: $*"; exit 1; }
# the first device's sysfs directory
device() { ls -d /sys/bus/iio/devices/iio:device* | head -n 1; }
