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

# For tests of the driver alone, without libsense: the guest's half.
iio=/sys/bus/iio/devices/iio:device0
debug=/sys/kernel/debug/iio/iio:device0
pci() { basename "$(dirname "$(readlink -f "${1:-$iio}")")"; }
# expect NAME WANT GOT
expect() { [ "$2" = "$3" ] || fail "$1: $3 where $2 was due"; }
# refused ERRNO-TEXT FILE TEXT: writing TEXT to FILE fails with this error
refused() {
	local said
	said=$(bash -c 'echo "$1" >"$2"' - "$3" "$2" 2>&1) && fail "$2 takes $3"
	case $said in *"$1"*) ;; *) fail "$2 refuses $3 with: $said" ;; esac
}
# reader NAME [OPTIONS]: scan-reader; its figures are then in $NAME_received, ...
reader() {
	local name=$1 text key value
	shift
	text=$("$root/build/tests/vm/scan-reader" "$@") || { echo "$text"; fail "scan-reader $*"; }
	while IFS== read -r key value; do
		printf -v "${name}_$key" %s "$value"
	done <<<"$text"
}
# account KEY: of the card's last session, its own count
account() { sense-lab account | sed "s/.*\"$1\":\\([0-9]*\\).*/\\1/"; }
