/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calibration.h - the inside of a channel's calibration.
 */
#ifndef SENSE_CALIBRATE_CALIBRATION_H
#define SENSE_CALIBRATE_CALIBRATION_H

#include <stdatomic.h>

#include <sense/calibrator.h>
#include "calibrate/curve.h"
#include "calibrate/sensor.h"

struct sense_calibration {
	atomic_uint references;	/* sense_calibration_free() gives one back */
	struct sense_sensor *sensor;
	const char *unit;	/* of values; static: frames may outlive the calibration */
	unsigned int channel;
	int auxiliary_channel;
	double auxiliary_degC;
	double auxiliary_input;	/* voltage of a cold junction that is always the same */
	struct curve *table;	/* input to value and u; NULL: the equation itself, sample by sample */
	struct curve *u;	/* value to u, where there is no table; NULL: unknown */
	struct curve *junction;	/* cold junction to voltage */
};

/* For a second calibrator that has the same one in force. */
struct sense_calibration *calibration_ref(struct sense_calibration *calibration);

#endif
