// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Certificate points to a curve. A polynomial by generalised least squares
 * (JCGM 100:2008, 8.1.6 and H.3 are the uncorrelated case); a piecewise line
 * or a natural spline is linear in its y, so the covariance of y passes through
 * exactly (GUM, eq. 13).
 */
#include "calibrate/fit.h"

#include <errno.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/least-squares.h"

static const char *const object = "calibration points";

static int check(enum sense_fit_kind kind, unsigned int degree, const double *x, const double *y,
		 const double *u, const double *covariance, unsigned int count)
{
	if (count < 2 || count > FIT_POINTS)
		return sense_fail(EINVAL, object, "give 2 to 64 points", "there are %u points", count);
	if (kind == SENSE_FIT_POLYNOMIAL && (degree < 1 || degree >= FIT_TERMS || degree >= count))
		return sense_fail(EINVAL, object, "lower the degree or give more points",
				  "%u points do not settle a polynomial of degree %u", count, degree);
	for (unsigned int i = 0; i < count; i++) {
		if (!isfinite(x[i]) || !isfinite(y[i]) || (u && !(u[i] > 0 && isfinite(u[i]))))
			return sense_fail(EINVAL, object, "correct the point",
					  "point %u is not finite, or its uncertainty not positive", i + 1);
		if (i && !(x[i] > x[i - 1]))
			return sense_fail(EINVAL, object, "sort the points, and leave no two alike",
					  "point %u at %g does not follow point %u at %g", i + 1, x[i], i,
					  x[i - 1]);
	}
	for (unsigned int i = 0; covariance && i < count; i++)
		for (unsigned int j = 0; j < count; j++) {
			double a = covariance[i * count + j], b = covariance[j * count + i];

			if (!isfinite(a) || fabs(a - b) > 1e-9 * (fabs(a) + fabs(b)))
				return sense_fail(EDOM, object, "a covariance is the same both ways",
						  "the covariance of points %u and %u is not symmetric",
						  i + 1, j + 1);
		}
	return 0;
}

static int polynomial(struct fit *fit, const double *u, const double *covariance)
{
	double a[FIT_POINTS * FIT_TERMS], b[FIT_POINTS];
	unsigned int n = fit->count, m = fit->terms;
	double *v = NULL, scale;
	int result;

	fit->centre = fit->x[0] + (fit->x[n - 1] - fit->x[0]) / 2;
	fit->half = (fit->x[n - 1] - fit->x[0]) / 2;
	for (unsigned int i = 0; i < n; i++) {
		double s = (fit->x[i] - fit->centre) / fit->half, power = 1;
		double weight = u && !covariance ? 1 / u[i] : 1;

		for (unsigned int j = 0; j < m; j++, power *= s)
			a[i * m + j] = power * weight;
		b[i] = fit->y[i] * weight;
	}
	if (covariance) {
		v = malloc((size_t)n * n * sizeof(*v));
		if (!v)
			return sense_fail(ENOMEM, object, "close other programs", "no memory for a fit");
		memcpy(v, covariance, (size_t)n * n * sizeof(*v));
		result = least_squares_whiten(v, a, b, n, m);
		free(v);
		if (result)
			return sense_fail(EDOM, object, "compare the correlations with the certificate",
					  "the covariance of the points is not positive definite");
	}
	result = least_squares(a, b, n, m, fit->c, fit->covariance, &fit->chi2);
	if (result)
		return sense_fail(-result, object, "lower the degree",
				  "the points do not settle a polynomial of degree %u", m - 1);
	fit->degrees_of_freedom = n - m;
	fit->has_u = u || covariance || n > m;
	if (!u && !covariance && n > m) {
		/* GUM H.3: the residuals tell the uncertainty. */
		scale = fit->chi2 / (n - m);
		for (unsigned int i = 0; i < m * m; i++)
			fit->covariance[i] *= scale;
	}
	return 0;
}

/* Second derivatives at the points of the natural spline, as a matrix on y. */
static int spline(struct fit *fit)
{
	unsigned int n = fit->count;
	double lower[FIT_POINTS], diagonal[FIT_POINTS], upper[FIT_POINTS];

	memset(fit->operator, 0, sizeof(fit->operator));
	for (unsigned int i = 0; i < n; i++) {
		diagonal[i] = 1;
		lower[i] = upper[i] = 0;
	}
	for (unsigned int i = 1; i + 1 < n; i++) {
		double h = fit->x[i] - fit->x[i - 1], k = fit->x[i + 1] - fit->x[i];

		lower[i - 1] = h / 6;
		diagonal[i] = (h + k) / 3;
		upper[i] = k / 6;
		fit->operator[i * n + i - 1] = 1 / h;
		fit->operator[i * n + i] = -1 / h - 1 / k;
		fit->operator[i * n + i + 1] = 1 / k;
	}
	if (n > 2 && LAPACKE_dgtsv(LAPACK_ROW_MAJOR, n, n, lower, diagonal, upper, fit->operator, n))
		return sense_fail(EDOM, object, "spread the points", "no spline goes through the points");
	for (unsigned int i = 0; i < n; i++) {
		fit->moment[i] = 0;
		for (unsigned int j = 0; j < n; j++)
			fit->moment[i] += fit->operator[i * n + j] * fit->y[j];
	}
	return 0;
}

int fit_make(struct fit *fit, enum sense_fit_kind kind, unsigned int degree, const double *x,
	     const double *y, const double *u, const double *covariance, unsigned int count)
{
	int result = check(kind, degree, x, y, u, covariance, count);

	if (result)
		return result;
	memset(fit, 0, sizeof(*fit));
	fit->kind = kind;
	fit->count = count;
	memcpy(fit->x, x, count * sizeof(*x));
	memcpy(fit->y, y, count * sizeof(*y));
	if (kind == SENSE_FIT_POLYNOMIAL) {
		fit->terms = degree + 1;
		return polynomial(fit, u, covariance);
	}
	fit->has_u = u || covariance;
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int j = 0; j < count; j++)
			fit->covariance[i * count + j] = covariance ? covariance[i * count + j] :
							 u && i == j ? u[i] * u[i] : 0;
	if (covariance) {
		double *v = malloc((size_t)count * count * sizeof(*v));

		if (!v)
			return sense_fail(ENOMEM, object, "close other programs", "no memory for a fit");
		memcpy(v, covariance, (size_t)count * count * sizeof(*v));
		result = LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', count, v, count);
		free(v);
		if (result)
			return sense_fail(EDOM, object, "compare the correlations with the certificate",
					  "the covariance of the points is not positive definite");
	}
	return kind == SENSE_FIT_SPLINE ? spline(fit) : 0;
}

static unsigned int segment(const struct fit *fit, double x)
{
	unsigned int i = 0;

	while (i + 2 < fit->count && x > fit->x[i + 1])
		i++;
	return i;
}

double fit_value(const struct fit *fit, double x, double *slope)
{
	unsigned int i;
	double h, a, b, line;

	if (!(x >= fit->x[0] && x <= fit->x[fit->count - 1])) {
		*slope = NAN;
		return NAN;
	}
	if (fit->kind == SENSE_FIT_POLYNOMIAL) {
		double value = sense_polynomial(fit->c, fit->terms, (x - fit->centre) / fit->half, slope);

		*slope /= fit->half;
		return value;
	}
	i = segment(fit, x);
	h = fit->x[i + 1] - fit->x[i];
	b = (x - fit->x[i]) / h;
	a = 1 - b;
	line = fit->y[i] * a + fit->y[i + 1] * b;
	*slope = (fit->y[i + 1] - fit->y[i]) / h;
	if (fit->kind == SENSE_FIT_SPLINE) {
		line += ((a * a * a - a) * fit->moment[i] + (b * b * b - b) * fit->moment[i + 1]) *
			(h * h / 6);
		*slope += ((3 * b * b - 1) * fit->moment[i + 1] - (3 * a * a - 1) * fit->moment[i]) *
			  (h / 6);
	}
	return line;
}

double fit_u(const struct fit *fit, double x)
{
	/* y(x) = weights . y, or . c: u^2 = weights' V weights */
	double weight[FIT_POINTS] = { 0 }, u2 = 0;
	unsigned int n = fit->kind == SENSE_FIT_POLYNOMIAL ? fit->terms : fit->count;

	if (!fit->has_u || !(x >= fit->x[0] && x <= fit->x[fit->count - 1]))
		return NAN;
	if (fit->kind == SENSE_FIT_POLYNOMIAL) {
		double s = (x - fit->centre) / fit->half, power = 1;

		for (unsigned int j = 0; j < n; j++, power *= s)
			weight[j] = power;
	} else {
		unsigned int i = segment(fit, x);
		double h = fit->x[i + 1] - fit->x[i], b = (x - fit->x[i]) / h, a = 1 - b;

		weight[i] = a;
		weight[i + 1] = b;
		for (unsigned int j = 0; fit->kind == SENSE_FIT_SPLINE && j < n; j++)
			weight[j] += ((a * a * a - a) * fit->operator[i * n + j] +
				      (b * b * b - b) * fit->operator[(i + 1) * n + j]) * (h * h / 6);
	}
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int j = 0; j < n; j++)
			u2 += weight[i] * weight[j] * fit->covariance[i * n + j];
	return sqrt(fmax(u2, 0));
}

struct interval fit_slope(const struct fit *fit, struct interval x)
{
	struct interval whole = { INFINITY, -INFINITY };

	if (fit->kind == SENSE_FIT_POLYNOMIAL) {
		struct interval s = { (x.lo - fit->centre) / fit->half, (x.hi - fit->centre) / fit->half };

		return interval_scale(interval_polynomial_slope(fit->c, fit->terms, s), 1 / fit->half);
	}
	for (unsigned int i = 0; i + 1 < fit->count; i++) {
		double h = fit->x[i + 1] - fit->x[i], lo, hi, m = fit->moment[i], k = fit->moment[i + 1];
		double from = fmax(x.lo, fit->x[i]), to = fmin(x.hi, fit->x[i + 1]), bend;

		if (from > to)
			continue;
		fit_value(fit, from + (to - from) / 2, &lo);
		hi = lo;
		if (fit->kind == SENSE_FIT_SPLINE) {
			/* the second derivative is linear: greatest at an end */
			bend = fmax(fabs(m + (k - m) * (from - fit->x[i]) / h),
				    fabs(m + (k - m) * (to - fit->x[i]) / h)) * (to - from) / 2;
			lo -= bend;
			hi += bend;
		}
		whole = interval_hull(whole, (struct interval){ lo, hi });
	}
	return whole;
}

/* The slope keeps its sign over a range: proven by halving until every part's enclosure does. */
static bool keeps_sign(const struct fit *fit, struct interval x, double sign, int depth)
{
	struct interval slope = interval_scale(fit_slope(fit, x), sign);
	double middle = x.lo + (x.hi - x.lo) / 2;

	if (slope.lo > 0)
		return true;
	if (slope.hi <= 0 || !depth)
		return false;
	return keeps_sign(fit, (struct interval){ x.lo, middle }, sign, depth - 1) &&
	       keeps_sign(fit, (struct interval){ middle, x.hi }, sign, depth - 1);
}

int fit_check_monotonic(const struct fit *fit, const char *name)
{
	double unused, first = fit_value(fit, fit->x[0], &unused);
	double sign = fit_value(fit, fit->x[fit->count - 1], &unused) > first ? 1 : -1;

	for (unsigned int i = 0; i + 1 < fit->count; i++)
		if (!keeps_sign(fit, (struct interval){ fit->x[i], fit->x[i + 1] }, sign, 20))
			return sense_fail(EINVAL, name,
					  "correct the points, or fit a polynomial of lower degree",
					  "the table is not monotonic between %g and %g: a value there "
					  "would have several inputs", fit->x[i], fit->x[i + 1]);
	return 0;
}

/* ---- public ------------------------------------------------------------------------------ */

struct sense_fit {
	struct fit fit;
};

struct sense_fit *sense_fit_new(enum sense_fit_kind kind, unsigned int degree, const double *x,
				const double *y, const double *u, const double *covariance,
				unsigned int count)
{
	struct sense_fit *fit = malloc(sizeof(*fit));

	if (!fit)
		return sense_fail_null(ENOMEM, object, "close other programs", "no memory for a fit");
	if (fit_make(&fit->fit, kind, degree, x, y, u, covariance, count)) {
		free(fit);
		return NULL;
	}
	return fit;
}

void sense_fit_free(struct sense_fit *fit)
{
	free(fit);
}

double sense_fit_value(const struct sense_fit *fit, double x)
{
	double slope;

	return fit_value(&fit->fit, x, &slope);
}

double sense_fit_u(const struct sense_fit *fit, double x)
{
	return fit_u(&fit->fit, x);
}

const double *sense_fit_get_coefficients(const struct sense_fit *fit, unsigned int *count)
{
	*count = fit->fit.terms;
	return fit->fit.kind == SENSE_FIT_POLYNOMIAL ? fit->fit.c : NULL;
}

const double *sense_fit_get_covariance(const struct sense_fit *fit)
{
	return fit->fit.kind == SENSE_FIT_POLYNOMIAL ? fit->fit.covariance : NULL;
}

double sense_fit_get_chi2(const struct sense_fit *fit, unsigned int *degrees_of_freedom)
{
	*degrees_of_freedom = fit->fit.degrees_of_freedom;
	return fit->fit.chi2;
}
