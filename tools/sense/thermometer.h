/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * thermometer.h - resistance thermometers shown in degC: which nominal
 * resistance a channel is taken to have, unless --rtd says it.
 */
#ifndef SENSE_THERMOMETER_H
#define SENSE_THERMOMETER_H

#include <sense/calibrator.h>

enum thermometer { THERMOMETER_AUTO, THERMOMETER_OFF, THERMOMETER_PT100, THERMOMETER_PT1000 };

#define THERMOMETER_HELP \
	"resistance thermometers are pt100, pt1000, off (show ohm) or auto"

/* Value of --rtd; 0, or EXIT_USAGE said. */
int thermometer_parse(const char *text, enum thermometer *thermometer);

/* Nominal resistance, ohm, for a channel; 0 where it is to stay in its own unit. */
double thermometer_r0_ohm(enum thermometer thermometer, const struct sense_channel_info *channel);

/*
 * A calibrator for a layout, IEC 60751 in force on its thermometers. NULL with the
 * library's error.
 */
struct sense_calibrator *thermometer_calibrator(enum thermometer thermometer,
						struct sense_layout *layout);

#endif
