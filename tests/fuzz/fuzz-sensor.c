// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A sensor file from anywhere, read as every kind: what can be read must give readings that are
 * values or flagged, and survive its own inverse.
 */
#include <math.h>
#include <stddef.h>

#include <sense/sensor.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void use(const struct sense_sensor *sensor)
{
	double min = sense_sensor_get_min(sensor), max = sense_sensor_get_max(sensor);
	double at = sense_sensor_get_reference_degC(sensor);

	for (int i = -1; i <= 9; i++) {
		double y = min + (max - min) * i / 8;
		struct sense_reading x = sense_sensor_invert(sensor, y, at, 0), back;

		if (isnan(x.value) != !!(x.flags & SENSE_READING_IMPOSSIBLE))
			__builtin_trap();
		if (isnan(x.value))
			continue;
		back = sense_sensor_read(sensor, x.value, at, INT64_MAX);
		/* a value is there, or a flag says why it is not */
		if (isnan(back.value) && !back.flags)
			__builtin_trap();
	}
	sense_sensor_read(sensor, INFINITY, at, 0);
	sense_sensor_read(sensor, NAN, NAN, INT64_MIN);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static const char *const kinds[] = { "rtd", "sprt", "tc", "ntc", "ma", "bridge", "table" };

	if (size > 8192)
		return 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct sense_sensor *sensor = sense_sensor_parse(kinds[i], "fuzz", (const char *)data, size);

		if (!sensor)
			continue;
		use(sensor);
		sense_sensor_unref(sensor);
	}
	return 0;
}
