// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/layout.h"

/*
 * Units in SenML (RFC 8428, section 12.1) spelling where it has one, else UCUM:
 * both call degree Celsius "Cel"; SenML calls the ohm "Ohm".
 */
static const struct {
	const char *name;
	const char *unit;
} kinds[SENSE_KIND_COUNT] = {
	[SENSE_KIND_OTHER] = { "other", "" },
	[SENSE_KIND_RTD] = { "rtd", "Ohm" },
	[SENSE_KIND_THERMISTOR] = { "thermistor", "Ohm" },
	[SENSE_KIND_RESISTANCE] = { "resistance", "Ohm" },
	[SENSE_KIND_THERMOCOUPLE] = { "thermocouple", "V" },
	[SENSE_KIND_COLD_JUNCTION] = { "cold-junction", "Cel" },
	[SENSE_KIND_TEMPERATURE] = { "temperature", "Cel" },
	[SENSE_KIND_HUMIDITY] = { "humidity", "1" },
	[SENSE_KIND_PRESSURE] = { "pressure", "Pa" },
	[SENSE_KIND_CO2] = { "co2", "1" },
	[SENSE_KIND_VOC] = { "voc", "1" },
	[SENSE_KIND_PM1] = { "pm1", "kg/m3" },
	[SENSE_KIND_PM2P5] = { "pm2p5", "kg/m3" },
	[SENSE_KIND_PM4] = { "pm4", "kg/m3" },
	[SENSE_KIND_PM10] = { "pm10", "kg/m3" },
	[SENSE_KIND_CURRENT_LOOP] = { "current-loop", "A" },
	[SENSE_KIND_BRIDGE] = { "bridge", "V/V" },
	[SENSE_KIND_VOLTAGE] = { "voltage", "V" },
	[SENSE_KIND_CURRENT] = { "current", "A" },
	[SENSE_KIND_HEATER_VOLTAGE] = { "heater-voltage", "V" },
	[SENSE_KIND_HEATER_CURRENT] = { "heater-current", "A" },
	[SENSE_KIND_AMBIENT_TEMPERATURE] = { "ambient-temperature", "Cel" },
	[SENSE_KIND_BOARD_TEMPERATURE] = { "board-temperature", "Cel" },
};

const char *sense_kind_name(enum sense_kind kind)
{
	return (unsigned int)kind < SENSE_KIND_COUNT ? kinds[kind].name : "other";
}

enum sense_kind sense_kind_from_name(const char *name)
{
	for (unsigned int i = 0; name && i < SENSE_KIND_COUNT; i++)
		if (!strcmp(kinds[i].name, name))
			return (enum sense_kind)i;
	return SENSE_KIND_OTHER;
}

const char *sense_kind_unit(enum sense_kind kind)
{
	return (unsigned int)kind < SENSE_KIND_COUNT ? kinds[kind].unit : "";
}

const char *sense_channel_info_get_name(const struct sense_channel_info *info)
{
	return info->name;
}

const char *sense_channel_info_get_iio_id(const struct sense_channel_info *info)
{
	return info->iio_id;
}

enum sense_kind sense_channel_info_get_kind(const struct sense_channel_info *info)
{
	return info->kind;
}

const char *sense_channel_info_get_unit(const struct sense_channel_info *info)
{
	return sense_kind_unit(info->kind);
}

enum sense_direction sense_channel_info_get_direction(const struct sense_channel_info *info)
{
	return info->direction;
}

unsigned int sense_channel_info_get_bits(const struct sense_channel_info *info)
{
	return info->bits;
}

int sense_channel_info_is_streamable(const struct sense_channel_info *info)
{
	return info->streamable;
}

double sense_channel_info_get_scale(const struct sense_channel_info *info)
{
	return info->scale;
}

double sense_channel_info_get_offset(const struct sense_channel_info *info)
{
	return info->offset;
}

int sense_channel_info_get_range(const struct sense_channel_info *info, int64_t *min, int64_t *max)
{
	if (!info->has_range)
		return sense_fail(ENODATA, info->name, NULL,
				  "channel %s does not say what range it measures", info->name);
	*min = info->range_min;
	*max = info->range_max;
	return 0;
}

unsigned int sense_channel_info_get_group(const struct sense_channel_info *info)
{
	return info->group;
}
