/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calibrate-points.h - points of a comparison from a CSV file.
 */
#ifndef SENSE_CALIBRATE_POINTS_H
#define SENSE_CALIBRATE_POINTS_H

#include <sense/comparison.h>

/*
 * Up to SENSE_COMPARISON_POINTS_MAX rows into @points; u_common is @common (NaN: where the file
 * has no such column, the least u_reference of all), nominal the reference rounded to @step where
 * the file has none. 0, or an exit code said.
 */
int calibrate_points_read(const char *path, double common, double step,
			  struct sense_comparison_point *points, unsigned int *count);

#endif
