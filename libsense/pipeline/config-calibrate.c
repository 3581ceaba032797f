// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline/config.h"

#include <string.h>

#include "base/error.h"
#include "calibrate/calibration.h"

int sense_config_put_in_force(const struct sense_config_calibration *calibration,
			      struct sense_layout *layout, unsigned int channel,
			      struct sense_calibrator *first, struct sense_calibrator *second)
{
	struct sense_calibration *made;
	struct sense_sensor *sensor;
	int auxiliary = -1, rc;

	if (!calibration->sensor[0]) {
		rc = sense_calibrator_set_rtd(first, channel, &calibration->rtd);
		return rc || !second ? rc :
		       sense_calibrator_set_rtd(second, channel, &calibration->rtd);
	}
	if (calibration->auxiliary[0]) {
		auxiliary = sense_layout_find_channel(layout, calibration->auxiliary);
		if (auxiliary < 0)
			return auxiliary;
	}
	sensor = sense_sensor_open(calibration->sensor);
	if (!sensor)
		return -sense_error_last()->code;
	made = sense_calibration_new(layout, channel, sensor, auxiliary,
				     sense_sensor_get_reference_degC(sensor));
	sense_sensor_unref(sensor);
	if (!made)
		return -sense_error_last()->code;
	if (second)
		sense_calibration_free(
			sense_calibrator_swap(second, channel, calibration_ref(made)));
	sense_calibration_free(sense_calibrator_swap(first, channel, made));
	return 0;
}

static int has(const struct sense_layout *layout, const char *name)
{
	unsigned int i = 0, count = sense_layout_get_channel_count(layout);

	while (i < count &&
	       strcmp(sense_channel_info_get_name(sense_layout_get_channel(layout, i)), name))
		i++;
	return i < count;
}

int sense_config_calibrate(const struct sense_config *config, unsigned int device,
			   struct sense_layout *layout, int only_present,
			   struct sense_calibrator *calibrator)
{
	for (unsigned int i = 0; i < config->calibration_count; i++) {
		const struct sense_config_calibration *c = &config->calibrations[i];
		int channel, rc;

		if (sense_config_find_device(config, c->device) != (int)device ||
		    (only_present && !has(layout, c->channel)))
			continue;
		channel = sense_layout_find_channel(layout, c->channel);
		rc = channel < 0 ? channel :
		     sense_config_put_in_force(c, layout, (unsigned int)channel, calibrator, NULL);
		if (rc)
			return rc;
	}
	return 0;
}
