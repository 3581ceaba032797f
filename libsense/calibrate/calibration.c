// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/calibration.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/layout.h"
#include "calibrate/tabulate.h"

/*
 * A unit's spelling for as long as the program runs: frames on their way keep pointing at it when
 * the calibration they were made with is long gone. As many as there are different units.
 */
static const char *keep_unit(const char *unit)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static struct kept {
		struct kept *next;
		char unit[32];
	} *first;
	struct kept *kept;

	if (!strcmp(unit, "Cel"))
		return "Cel";
	pthread_mutex_lock(&lock);
	for (kept = first; kept && strcmp(kept->unit, unit); kept = kept->next)
		;
	if (!kept) {
		kept = calloc(1, sizeof(*kept));
		if (kept) {
			snprintf(kept->unit, sizeof(kept->unit), "%s", unit);
			kept->next = first;
			first = kept;
		}
	}
	pthread_mutex_unlock(&lock);
	return kept ? kept->unit : NULL;
}

static int check(const struct sense_layout *layout, unsigned int channel,
		 const struct sense_sensor *sensor, int auxiliary)
{
	const struct sense_channel_info *info;
	const char *unit = sense_sensor_get_input_unit(sensor);

	if (channel >= layout->channel_count)
		return sense_fail(ENOENT, layout->device_id, "sense info lists the channels of a device",
				  "there is no channel %u, the last one is %u", channel,
				  layout->channel_count - 1);
	info = &layout->channels[channel];
	if (strcmp(sense_kind_unit(info->kind), unit))
		return sense_fail(EINVAL, info->name, "choose the sensor's own channel",
				  "channel '%s' is in %s, and sensor %s takes %s", info->name,
				  sense_kind_unit(info->kind), sensor->name, unit);
	if (!sensor->equation->needs_auxiliary || auxiliary < 0)
		return 0;
	if ((unsigned int)auxiliary >= layout->channel_count || (unsigned int)auxiliary == channel)
		return sense_fail(ENOENT, info->name, "name the channel of the cold junction or the load cell",
				  "there is no channel %d to tell the temperature of channel '%s'", auxiliary,
				  info->name);
	return 0;
}

static int make_tables(struct sense_calibration *c)
{
	const struct sense_sensor *sensor = c->sensor;

	if (sensor->equation->enclose) {
		c->table = tabulate_inverse(sensor);
		if (!c->table)
			return -ENOMEM;
	} else if (!isnan(sensor_u(sensor, sensor->y_min + (sensor->y_max - sensor->y_min) / 2,
				   sense_sensor_get_reference_degC(sensor)))) {
		c->u = tabulate_u(sensor);
		if (!c->u)
			return -ENOMEM;
	}
	if (sensor->equation != &sensor_thermocouple)
		return 0;
	if (c->auxiliary_channel >= 0) {
		c->junction = tabulate_cold_junction(sensor);
		return c->junction ? 0 : -ENOMEM;
	}
	c->auxiliary_input = sense_thermocouple_voltage_V(&sensor->thermocouple, c->auxiliary_degC);
	if (isnan(c->auxiliary_input))
		return sense_fail(EINVAL, sensor->name, "give the temperature in degC",
				  "a cold junction of %g degC is outside the thermocouple's range",
				  c->auxiliary_degC);
	return 0;
}

struct sense_calibration *sense_calibration_new(struct sense_layout *layout, unsigned int channel,
						struct sense_sensor *sensor, int auxiliary_channel,
						double auxiliary_degC)
{
	struct sense_calibration *c;

	if (check(layout, channel, sensor, auxiliary_channel))
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c)
		return sense_fail_null(ENOMEM, sensor->name, "close other programs",
				       "no memory for a calibration");
	atomic_init(&c->references, 1);
	c->sensor = sense_sensor_ref(sensor);
	c->channel = channel;
	c->auxiliary_channel = sensor->equation->needs_auxiliary ? auxiliary_channel : -1;
	c->auxiliary_degC = auxiliary_degC;
	c->unit = keep_unit(sensor->unit);
	if (!c->unit)
		sense_fail(ENOMEM, sensor->name, "close other programs", "no memory for a calibration");
	if (!c->unit || make_tables(c)) {
		sense_calibration_free(c);
		return NULL;
	}
	return c;
}

struct sense_calibration *calibration_ref(struct sense_calibration *c)
{
	atomic_fetch_add(&c->references, 1);
	return c;
}

void sense_calibration_free(struct sense_calibration *c)
{
	if (!c || atomic_fetch_sub(&c->references, 1) > 1)
		return;
	curve_free(c->table);
	curve_free(c->u);
	curve_free(c->junction);
	sense_sensor_unref(c->sensor);
	free(c);
}

const struct sense_sensor *sense_calibration_get_sensor(const struct sense_calibration *calibration)
{
	return calibration->sensor;
}

double sense_calibration_get_error(const struct sense_calibration *calibration)
{
	return calibration->table ? calibration->table->error : 0;
}

const char *sense_calibration_get_table_digest(const struct sense_calibration *calibration)
{
	return calibration->table ? calibration->table->digest : "";
}
