// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/iio-unit.h"

#include <stddef.h>
#include <string.h>

/*
 * Units from sysfs-bus-iio: in_voltageY millivolt, in_currentX milliampere,
 * in_tempX milli degC, in_humidityrelative milli percent, in_pressure
 * kilopascal, in_resistance ohm, in_concentration percent,
 * in_massconcentration microgram per cubic metre.
 */
static const struct {
	const char *type;
	const char *modifier;	/* NULL: whatever it is */
	struct sense_iio_unit unit;
} table[] = {
	{ "voltage", NULL, { SENSE_KIND_VOLTAGE, 1e-3 } },
	{ "current", NULL, { SENSE_KIND_CURRENT, 1e-3 } },
	{ "temp", "ambient", { SENSE_KIND_AMBIENT_TEMPERATURE, 1e-3 } },
	{ "temp", NULL, { SENSE_KIND_TEMPERATURE, 1e-3 } },
	{ "humidityrelative", NULL, { SENSE_KIND_HUMIDITY, 1e-5 } },
	{ "pressure", NULL, { SENSE_KIND_PRESSURE, 1e3 } },
	{ "resistance", NULL, { SENSE_KIND_RESISTANCE, 1 } },
	{ "concentration", "co2", { SENSE_KIND_CO2, 1e-2 } },
	{ "concentration", "voc", { SENSE_KIND_VOC, 1e-2 } },
	{ "massconcentration", "pm1", { SENSE_KIND_PM1, 1e-9 } },
	{ "massconcentration", "pm2p5", { SENSE_KIND_PM2P5, 1e-9 } },
	{ "massconcentration", "pm4", { SENSE_KIND_PM4, 1e-9 } },
	{ "massconcentration", "pm10", { SENSE_KIND_PM10, 1e-9 } },
};

struct sense_iio_unit sense_iio_unit_of(const char *iio_id)
{
	size_t length = strcspn(iio_id, "0123456789_-");
	const char *modifier = strchr(iio_id, '_');

	modifier = modifier ? modifier + 1 : "";
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strlen(table[i].type) == length && !strncmp(table[i].type, iio_id, length) &&
		    (!table[i].modifier || !strcmp(table[i].modifier, modifier)))
			return table[i].unit;
	return (struct sense_iio_unit){ SENSE_KIND_OTHER, 1 };
}
