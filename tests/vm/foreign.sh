#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An IIO device that is not ours: the kernel's own ina2xx-adc driver (a current and voltage monitor,
# 16-bit channels, no sequence numbers) on the kernel's simulated I2C bus.
. "$(dirname "$0")/lib.sh"
modules=build/tests/vm/modules-$kernel
if [ "${1:-}" != guest ]; then
	mkdir -p "$modules"
	for m in i2c-stub i2c-dev ina2xx-adc; do
		file=$(find -L "build/kernel/$kernel/modules" -name "$m.ko*" | head -n 1)
		[ -n "$file" ] || fail "kernel $kernel has no module $m"
		case $file in
		*.xz) xz -dc "$file" >"$modules/$m.ko" ;;
		*) cp "$file" "$modules/" ;;
		esac
	done
	SENSE_KERNEL=$kernel in_lab --channels 8 --env "SENSE_KERNEL=$kernel"
	exit
fi
set -u
check=build/tests/vm/stream-check
out=/tmp/out
value() { sed -n "s/.* $1=\([0-9]*\).*/\1/p" "$out"; }

insmod "$modules/i2c-stub.ko" chip_addr=0x40 || fail "no simulated bus"
insmod "$modules/i2c-dev.ko" || fail "no i2c-dev"
insmod "$modules/ina2xx-adc.ko" || fail "no ina2xx-adc"
bus=$(dirname "$(grep -l 'SMBus stub' /sys/bus/i2c/devices/i2c-*/name)")
echo ina226 0x40 >"$bus/new_device" || fail "no ina226"
dev=$(dirname "$(grep -l ina226 /sys/bus/iio/devices/iio:device*/name)")
# The simulated chip never says "conversion done".
echo 1 >"$dev/in_allow_async_readout"

# 5 V on the bus: register 2, 1.25 mV a count, big endian (INA226 data sheet, table 4).
python3 - "$bus" <<'END' || fail "the register cannot be written"
import ctypes, fcntl, os, sys
bus = os.path.basename(sys.argv[1])
if not os.path.exists("/dev/" + bus):
    major, minor = open("/sys/class/i2c-dev/%s/dev" % bus).read().split(":")
    os.mknod("/dev/" + bus, 0o20600, os.makedev(int(major), int(minor)))
class Request(ctypes.Structure):
    _fields_ = [("write", ctypes.c_uint8), ("command", ctypes.c_uint8), ("size", ctypes.c_uint32),
                ("data", ctypes.c_void_p)]
word = ctypes.create_string_buffer((4000).to_bytes(2, "big"), 34)
with open("/dev/" + bus, "rb+", buffering=0) as f:
    fcntl.ioctl(f, 0x0706, 0x40)                       # I2C_SLAVE_FORCE
    fcntl.ioctl(f, 0x0720, Request(0, 2, 3, ctypes.addressof(word)))  # I2C_SMBUS, word data
END

build/examples/device-info ina226 >"$out" 2>&1 || { cat "$out"; fail "device-info"; }
grep -q "^voltage1 *voltage *input *5 V$" "$out" || { cat "$out"; fail "5 V are not 5 V"; }
[ "$(wc -l <"$out")" -eq 6 ] || { cat "$out"; fail "settings are taken for channels"; }

for reader in io_uring poll; do
	"$check" run -d ina226 -t 2 -R $reader >"$out" 2>&1 || { cat "$out"; fail "$reader"; }
	# 18: SENSE_FRAME_SEQUENCE_ESTIMATED and SENSE_FRAME_TIME_ESTIMATED
	[ $(($(value flags) & 18)) -eq 18 ] || { cat "$out"; fail "the frames do not say they are estimates"; }
	[ "$(value scans)" -gt 20 ] || { cat "$out"; fail "few scans"; }
done
build/examples/stream-frames ina226 1 >"$out" 2>&1 || { cat "$out"; fail "stream-frames"; }
grep -q "voltage1 5 V" "$out" || { cat "$out"; fail "5 V are not streamed as 5 V"; }

# Too slow a reader: the kernel drops scans in silence, and time shows it.
"$check" run -d ina226 -t 4 -l 16 -s 900 -b 8 >"$out" 2>&1 || { cat "$out"; fail "slow reader"; }
[ "$(value time)" -gt 0 ] && [ "$(value time)" -eq "$(value missing)" ] ||
	{ cat "$out"; fail "what the kernel dropped was not noticed"; }
echo "= foreign device, slow reader: $(value scans) scans read, $(value time) missing by time"

build/examples/several-devices 2 >"$out" 2>&1 || { cat "$out"; fail "several devices"; }
[ "$(grep -c ": [1-9][0-9]* scans" "$out")" -eq 2 ] || { cat "$out"; fail "not both streamed"; }

# Gone while it streams.
(sleep 1; echo 0x40 >"$bus/delete_device") &
"$check" run -d ina226 -t 10 >"$out" 2>&1 && fail "a device that is gone ended well"
grep -q "FAIL: read: ina226@.* is gone" "$out" || { cat "$out"; fail "gone is not called gone"; }
wait
