/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fit.h - the inside of a fitted characteristic; plain data, so that it can be copied and hashed.
 */
#ifndef SENSE_CALIBRATE_FIT_H
#define SENSE_CALIBRATE_FIT_H

#include <stdbool.h>

#include <sense/fit.h>
#include "calibrate/interval.h"

#define FIT_POINTS 64
#define FIT_TERMS 10

struct fit {
	enum sense_fit_kind kind;
	unsigned int count;			/* of points */
	unsigned int terms;			/* of a polynomial */
	unsigned int degrees_of_freedom;
	bool has_u;
	double chi2;
	double x[FIT_POINTS], y[FIT_POINTS];
	double centre, half;			/* polynomial in (x - centre) / half */
	double c[FIT_TERMS];
	double moment[FIT_POINTS];		/* spline: second derivatives at the points */
	/* of the coefficients of a polynomial, of y elsewhere; row-major */
	double covariance[FIT_POINTS * FIT_POINTS];
	/* spline: moment = operator y, row-major; what carries the covariance through */
	double operator[FIT_POINTS * FIT_POINTS];
};

int fit_make(struct fit *fit, enum sense_fit_kind kind, unsigned int degree, const double *x,
	     const double *y, const double *u, const double *covariance, unsigned int count);
double fit_value(const struct fit *fit, double x, double *slope);
double fit_u(const struct fit *fit, double x);
/* Enclosure of dy/dx. */
struct interval fit_slope(const struct fit *fit, struct interval x);

/* 0, or -EINVAL with the sentence: somewhere between its points the curve turns back. */
int fit_check_monotonic(const struct fit *fit, const char *object);

#endif
