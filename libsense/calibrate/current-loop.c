// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/current-loop.h>

#include <errno.h>
#include <math.h>

#include "base/error.h"

struct sense_current_loop sense_current_loop_linear(double value_4mA, double value_20mA)
{
	return (struct sense_current_loop){ 2, { 4e-3, 20e-3 }, { value_4mA, value_20mA } };
}

int sense_current_loop_check(const struct sense_current_loop *loop)
{
	static const char *const object = "current loop";

	if (loop->count < 2 || loop->count > SENSE_CURRENT_LOOP_POINTS)
		return sense_fail(EINVAL, object, "give 2 to 64 points", "a characteristic of %u points",
				  loop->count);
	for (unsigned int i = 0; i < loop->count; i++) {
		if (!(loop->current_A[i] >= SENSE_CURRENT_LOOP_MIN_A &&
		      loop->current_A[i] <= SENSE_CURRENT_LOOP_MAX_A) || !isfinite(loop->value[i]))
			return sense_fail(EINVAL, object, "currents are 3.8 to 20.5 mA (NAMUR NE 43)",
					  "point %u is at %g mA with value %g", i + 1,
					  loop->current_A[i] * 1e3, loop->value[i]);
		if (i && !(loop->current_A[i] > loop->current_A[i - 1] &&
			   (loop->value[i] - loop->value[i - 1]) * (loop->value[1] - loop->value[0]) > 0))
			return sense_fail(EINVAL, object,
					  "sort the points by current; values must all rise or all fall",
					  "the characteristic is not monotonic between %g and %g mA",
					  loop->current_A[i - 1] * 1e3, loop->current_A[i] * 1e3);
	}
	return 0;
}

/* On the straight line through points i and i + 1. */
static double straight(const double *x, const double *y, unsigned int i, double at)
{
	return y[i] + (y[i + 1] - y[i]) * ((at - x[i]) / (x[i + 1] - x[i]));
}

static unsigned int segment(const double *x, unsigned int count, double at)
{
	double sign = x[1] > x[0] ? 1 : -1;
	unsigned int i = 0;

	while (i + 2 < count && sign * (at - x[i + 1]) > 0)
		i++;
	return i;
}

double sense_current_loop_value(const struct sense_current_loop *loop, double current_A)
{
	if (!(current_A >= SENSE_CURRENT_LOOP_MIN_A && current_A <= SENSE_CURRENT_LOOP_MAX_A))
		return NAN;
	return straight(loop->current_A, loop->value, segment(loop->current_A, loop->count, current_A),
			current_A);
}

double sense_current_loop_current_A(const struct sense_current_loop *loop, double value)
{
	double current = straight(loop->value, loop->current_A,
				  segment(loop->value, loop->count, value), value);

	/* What rounding took over the edge is the edge. */
	if (fabs(current - SENSE_CURRENT_LOOP_MIN_A) < 1e-15)
		return SENSE_CURRENT_LOOP_MIN_A;
	if (fabs(current - SENSE_CURRENT_LOOP_MAX_A) < 1e-15)
		return SENSE_CURRENT_LOOP_MAX_A;
	if (!(current >= SENSE_CURRENT_LOOP_MIN_A && current <= SENSE_CURRENT_LOOP_MAX_A))
		return NAN;
	return current;
}
