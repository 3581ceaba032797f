// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/interval.h"

#include <assert.h>
#include <float.h>

#define MOST 20

double sense_polynomial(const double *c, int count, double x, double *slope)
{
	double value = 0, derivative = 0;

	for (int i = count - 1; i >= 0; i--) {
		derivative = derivative * x + value;
		value = value * x + c[i];
	}
	if (slope)
		*slope = derivative;
	return value;
}

struct interval interval_polynomial(const double *c, int count, struct interval x)
{
	double middle = x.lo + (x.hi - x.lo) / 2, radius = fmax(x.hi - middle, middle - x.lo);
	double shifted[MOST], spread = 0, power = 1, most = fmax(fabs(x.lo), fabs(x.hi)), terms = 0;

	assert(count > 0 && count <= MOST);
	for (int i = count - 1; i >= 0; i--) {
		shifted[i] = c[i];
		terms = terms * most + fabs(c[i]);
	}
	/* Synthetic division by (x - middle), again and again: the Taylor coefficients. */
	for (int k = 0; k < count - 1; k++)
		for (int i = count - 2; i >= k; i--)
			shifted[i] += shifted[i + 1] * middle;
	for (int i = 1; i < count; i++) {
		power *= radius;
		spread += fabs(shifted[i]) * power;
	}
	/* What rounding can have done here, and in a Horner evaluation that is compared with it. */
	spread += 4 * count * DBL_EPSILON * terms;
	return (struct interval){ shifted[0] - spread, shifted[0] + spread };
}

struct interval interval_polynomial_slope(const double *c, int count, struct interval x)
{
	double derivative[MOST];

	assert(count > 0 && count <= MOST);
	if (count == 1)
		return (struct interval){ 0, 0 };
	for (int i = 1; i < count; i++)
		derivative[i - 1] = i * c[i];
	return interval_polynomial(derivative, count - 1, x);
}
