// SPDX-License-Identifier: GPL-2.0-or-later
#include "thermometer.h"

#include <stdint.h>
#include <string.h>

#include "command.h"
#include "say.h"

int thermometer_parse(const char *text, enum thermometer *thermometer)
{
	static const char *const names[] = { "auto", "off", "pt100", "pt1000" };

	for (unsigned int i = 0; i < 4; i++) {
		if (strcmp(text, names[i]) == 0) {
			*thermometer = (enum thermometer)i;
			return 0;
		}
	}
	return say_fail(EXIT_USAGE, "say pt100, pt1000, off or auto",
			"--rtd '%s' is no resistance thermometer known here", text);
}

double thermometer_r0_ohm(enum thermometer thermometer, const struct sense_channel_info *channel)
{
	int64_t min, max;
	double most;

	if (thermometer == THERMOMETER_OFF ||
	    sense_channel_info_get_kind(channel) != SENSE_KIND_RTD)
		return 0;
	if (thermometer == THERMOMETER_PT100)
		return 100;
	if (thermometer == THERMOMETER_PT1000)
		return 1000;
	/*
	 * A Pt100 reaches 390 ohm at 850 degC and a Pt1000 needs 1000 ohm for 0 degC: an
	 * input that measures beyond 1000 ohm is made for the latter.
	 */
	if (sense_channel_info_get_range(channel, &min, &max))
		return 100;
	most = ((double)max + sense_channel_info_get_offset(channel)) *
	       sense_channel_info_get_scale(channel);
	return most > 1000 ? 1000 : 100;
}

struct sense_calibrator *thermometer_calibrator(enum thermometer thermometer,
						struct sense_layout *layout)
{
	struct sense_calibrator *calibrator = sense_calibrator_new(layout);

	for (unsigned int c = 0; calibrator && c < sense_layout_get_channel_count(layout); c++) {
		double r0 = thermometer_r0_ohm(thermometer, sense_layout_get_channel(layout, c));
		struct sense_rtd rtd = sense_rtd_iec60751(r0);

		if (r0 > 0 && sense_calibrator_set_rtd(calibrator, c, &rtd)) {
			sense_calibrator_free(calibrator);
			return NULL;
		}
	}
	return calibrator;
}
