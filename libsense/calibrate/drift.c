// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/drift.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "calibrate/least-squares.h"
#include "calibrate/probability.h"

static int check(const struct sense_drift_point *p, unsigned int count)
{
	double least = INFINITY, most = -INFINITY;

	if (count > SENSE_DRIFT_POINTS_MAX)
		return sense_fail(EINVAL, "drift", "fit a part of them",
				  "there are %u points, and at "
				  "most %d are fitted",
				  count, SENSE_DRIFT_POINTS_MAX);
	for (unsigned int i = 0; i < count; i++) {
		if (!isfinite(p[i].day) || !isfinite(p[i].error) || !(p[i].u > 0) ||
		    !isfinite(p[i].u) || !(p[i].u_common >= 0) || !isfinite(p[i].u_common))
			return sense_fail(EINVAL, "drift",
					  "give each point a standard uncertainty above 0",
					  "point %u has no day, error or uncertainty", i + 1);
		least = fmin(least, p[i].day);
		most = fmax(most, p[i].day);
	}
	if (count < 3 || !(most > least))
		return sense_fail(ENODATA, "drift", "go on checking",
				  "a drift shows in three or more errors of different days");
	return 0;
}

int sense_drift_fit(const struct sense_drift_point *points, unsigned int count,
		    struct sense_drift *drift)
{
	double *v, *a, *y, p[2], covariance[4], chi2, weights = 0;
	int result = check(points, count);

	if (result)
		return result;
	*drift = (struct sense_drift){ .degrees_of_freedom = count - 2, .inflation = 1 };
	for (unsigned int i = 0; i < count; i++)
		weights += 1 / (points[i].u * points[i].u);
	for (unsigned int i = 0; i < count; i++)
		drift->epoch += points[i].day / (points[i].u * points[i].u) / weights;
	v = calloc((size_t)count * count, sizeof(*v));
	a = calloc((size_t)count * 2, sizeof(*a));
	y = calloc(count, sizeof(*y));
	if (!v || !a || !y)
		result = -ENOMEM;
	for (unsigned int i = 0; !result && i < count; i++) {
		for (unsigned int j = 0; j < count; j++)
			if (points[i].group == points[j].group)
				v[i * count + j] = points[i].u_common * points[j].u_common;
		v[i * count + i] += points[i].u * points[i].u;
		a[2 * i] = 1;
		a[2 * i + 1] = points[i].day - drift->epoch;
		y[i] = points[i].error;
	}
	if (!result)
		result = least_squares_whiten(v, a, y, (int)count, 2);
	if (!result)
		result = least_squares(a, y, (int)count, 2, p, covariance, &chi2);
	free(v);
	free(a);
	free(y);
	if (result)
		return sense_fail(-result, "drift", "look at the uncertainties",
				  "the line cannot be fitted: %s",
				  result == -ENOMEM ? "no memory" : "the points do not settle it");
	drift->chi2 = chi2;
	if (chi2 > drift->degrees_of_freedom)
		drift->inflation = sqrt(chi2 / drift->degrees_of_freedom);
	drift->offset = p[0];
	drift->slope = p[1];
	drift->u_offset = drift->inflation * sqrt(covariance[0]);
	drift->u_slope = drift->inflation * sqrt(covariance[3]);
	drift->covariance = drift->inflation * drift->inflation * covariance[1];
	/* Inflated, the uncertainty comes from the scatter, and t has its degrees of freedom. */
	drift->p = 2 * sense_t_cdf(-fabs(drift->slope) / drift->u_slope,
				   drift->inflation > 1 ? drift->degrees_of_freedom : INFINITY);
	return 0;
}

double sense_drift_error(const struct sense_drift *d, double day)
{
	return d->offset + d->slope * (day - d->epoch);
}

double sense_drift_u(const struct sense_drift *d, double day)
{
	double t = day - d->epoch;
	double variance =
		d->u_offset * d->u_offset + 2 * t * d->covariance + t * t * d->u_slope * d->u_slope;

	return sqrt(fmax(variance, 0));
}

/* First day on or after @from at which |e| + k u reaches the tolerance; k may be negative. */
static double crossing(const struct sense_drift *d, double tolerance, double k, double from,
		       double horizon)
{
	double step = fmin(7, horizon / 16), low = from, high;

	if (fabs(sense_drift_error(d, from)) + k * sense_drift_u(d, from) >= tolerance)
		return from;
	/* Week by week: |e| may first fall through zero, so the function is not monotonic. */
	for (high = from + step; high <= from + horizon; low = high, high += step)
		if (fabs(sense_drift_error(d, high)) + k * sense_drift_u(d, high) >= tolerance)
			break;
	if (high > from + horizon)
		return INFINITY;
	for (int i = 0; i < 60; i++) {
		double middle = (low + high) / 2;

		if (fabs(sense_drift_error(d, middle)) + k * sense_drift_u(d, middle) >= tolerance)
			high = middle;
		else
			low = middle;
	}
	return high;
}

void sense_drift_forecast(const struct sense_drift *drift, double tolerance, double k, double from,
			  double horizon, struct sense_drift_forecast *forecast)
{
	forecast->due = crossing(drift, tolerance, k, from, horizon);
	forecast->expected = crossing(drift, tolerance, 0, from, horizon);
	forecast->latest = crossing(drift, tolerance, -k, from, horizon);
}
