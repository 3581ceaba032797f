// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/control-chart.h>

#include <errno.h>
#include <math.h>

#include "base/error.h"

/* Mean range of two normal values over their standard deviation, 2 / sqrt(pi): ISO 7870-2 table 2. */
#define D2 1.1283791670955126

static const char *const names[] = { "beyond-3-sigma", "2-of-3-beyond-2-sigma",
				     "4-of-5-beyond-1-sigma", "8-on-one-side", "6-in-trend" };

const char *sense_control_rule_get_name(uint32_t rule)
{
	for (unsigned int i = 0; i < 5; i++)
		if (rule == 1u << i)
			return names[i];
	return "";
}

int sense_control_limits_from(const double *x, unsigned int count, unsigned int baseline,
			      struct sense_control_limits *limits)
{
	double mean = 0, range = 0;

	if (baseline < 2)
		return sense_fail(EINVAL, "control chart", "take 2 or more",
				  "limits cannot come from %u values", baseline);
	if (count < baseline)
		return sense_fail(ENODATA, "control chart",
				  "go on checking, take a shorter baseline or state the limits",
				  "there are %u values and the limits come from the first %u",
				  count, baseline);
	for (unsigned int i = 0; i < baseline; i++) {
		mean += x[i] / baseline;
		if (i)
			range += fabs(x[i] - x[i - 1]) / (baseline - 1);
	}
	if (!(range > 0))
		return sense_fail(ENODATA, "control chart",
				  "record more digits, or state the limits",
				  "the first %u values are all alike, which tells no limits",
				  baseline);
	*limits = (struct sense_control_limits){ mean, range / D2, baseline };
	return 0;
}

/* Of the @window values that end at @i, are @least beyond @sigmas on @side? */
static int run(const double *z, unsigned int i, unsigned int window, unsigned int least,
	       double sigmas, int side)
{
	unsigned int n = 0;

	if (i + 1 < window || !(side * z[i] > sigmas))
		return 0;
	for (unsigned int j = i + 1 - window; j <= i; j++)
		n += side * z[j] > sigmas;
	return n >= least;
}

/* Standardised values of up to the last eight points, newest at the end. */
#define LONGEST 8

static uint32_t judge(const double *z, unsigned int n)
{
	unsigned int i = n - 1;
	uint32_t found = 0;

	for (int side = -1; side <= 1; side += 2) {
		int trend = n >= 6;

		if (side * z[i] > 3)
			found |= SENSE_CONTROL_BEYOND_3;
		if (run(z, i, 3, 2, 2, side))
			found |= SENSE_CONTROL_2_OF_3;
		if (run(z, i, 5, 4, 1, side))
			found |= SENSE_CONTROL_4_OF_5;
		if (run(z, i, 8, 8, 0, side))
			found |= SENSE_CONTROL_8_ON_SIDE;
		for (unsigned int j = n - 5; trend && j <= i; j++)
			trend = side * (z[j] - z[j - 1]) > 0;
		if (trend)
			found |= SENSE_CONTROL_6_TREND;
	}
	return found;
}

uint32_t sense_control_chart(const double *values, unsigned int count,
			     const struct sense_control_limits *limits, uint32_t *signals)
{
	uint32_t all = 0;

	for (unsigned int i = 0; i < count; i++) {
		unsigned int n = i + 1 < LONGEST ? i + 1 : LONGEST;
		double z[LONGEST];

		for (unsigned int j = 0; j < n; j++)
			z[j] = (values[i + 1 - n + j] - limits->centre) / limits->sigma;
		signals[i] = judge(z, n);
		all |= signals[i];
	}
	return all;
}
