// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/solve.h"

#include <float.h>
#include <math.h>

double sense_solve(sense_function f, const void *self, double x, double lo, double hi, double start)
{
	double slope, flo = f(self, lo, &slope), fhi = f(self, hi, &slope);
	double sign = fhi > flo ? 1 : -1;
	double slack = 4 * DBL_EPSILON * (fabs(flo) + fabs(fhi));
	double y = start, last = INFINITY;

	if (isnan(x) || !(sign * (x - flo) >= -slack && sign * (fhi - x) >= -slack))
		return NAN;
	if (sign * (x - flo) <= 0)
		return lo;
	if (sign * (fhi - x) <= 0)
		return hi;
	if (!(y > lo && y < hi))
		y = lo + (hi - lo) / 2;
	/* Bisection alone would end after some 60 steps; Newton takes five or so. */
	for (int i = 0; i < 200; i++) {
		double error = f(self, y, &slope) - x, next, step;

		if (error == 0)
			return y;
		if (sign * error > 0)
			hi = y;
		else
			lo = y;
		next = y - error / slope;
		if (!(next > lo && next < hi))
			next = lo + (hi - lo) / 2;
		step = fabs(next - y);
		/* Steps of the size of rounding no longer shrink. */
		if (step <= DBL_EPSILON * fabs(next) || (step < 1e-9 && step >= last))
			return next;
		last = step;
		y = next;
	}
	return y;
}
