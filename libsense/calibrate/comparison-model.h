/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * comparison-model.h - the inside of a comparison.
 */
#ifndef SENSE_CALIBRATE_COMPARISON_MODEL_H
#define SENSE_CALIBRATE_COMPARISON_MODEL_H

#include <sense/comparison.h>
#include <sense/fit.h>

struct sense_comparison {
	enum sense_comparison_equation equation;
	struct sense_sensor *sensor; /* in force, a reference of our own */
	unsigned int count, degree;
	struct sense_comparison_result results[SENSE_COMPARISON_POINTS_MAX];
	struct sense_comparison_fit fit;
	/* polynomial: what the sensor file's own fit will see */
	double u_table[SENSE_COMPARISON_POINTS_MAX];
	double common_table;
};

#endif
