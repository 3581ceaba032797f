// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/type-a.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "calibrate/least-squares.h"

/* 1 + 2 sum of the weighted autocorrelation, by which the variance of the mean is larger. */
static double inflation(const double *x, unsigned int n, double mean, double sum_squares)
{
	double factor = 1, bartlett = 1;

	for (unsigned int lag = 1; lag < n / 4 + 1 && lag < n; lag++) {
		double rho = 0;

		for (unsigned int i = 0; i + lag < n; i++)
			rho += (x[i] - mean) * (x[i + lag] - mean);
		rho /= sum_squares;
		if (fabs(rho) <= 1.96 * sqrt(bartlett / n))
			break;
		factor += 2 * (1 - (double)lag / n) * rho;
		bartlett += 2 * rho * rho;
	}
	return factor > 1 ? factor : 1;
}

int sense_type_a(const double *x, unsigned int n, bool autocorrelated, struct sense_type_a *result)
{
	double mean = 0, squares = 0, rest = 0, factor;

	if (n < 2)
		return -EINVAL;
	for (unsigned int i = 0; i < n; i++)
		mean += (x[i] - x[0]) / n;
	mean += x[0];
	for (unsigned int i = 0; i < n; i++) {
		squares += (x[i] - mean) * (x[i] - mean);
		rest += x[i] - mean;
	}
	squares -= rest * rest / n;
	factor = autocorrelated && squares > 0 ? inflation(x, n, mean, squares) : 1;
	*result = (struct sense_type_a){
		.mean = mean + rest / n,
		.s = sqrt(squares / (n - 1)),
		.n_effective = n / factor,
		.dof = n / factor - 1,
	};
	result->u = result->s / sqrt(result->n_effective);
	return result->n_effective < 2 ? -ERANGE : 0;
}

double sense_type_a_correlation(const double *x, const double *y, unsigned int n)
{
	double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;

	for (unsigned int i = 0; i < n; i++) {
		mx += x[i] / n;
		my += y[i] / n;
	}
	for (unsigned int i = 0; i < n; i++) {
		xx += (x[i] - mx) * (x[i] - mx);
		yy += (y[i] - my) * (y[i] - my);
		xy += (x[i] - mx) * (y[i] - my);
	}
	if (!(xx > 0 && yy > 0))
		return 0;
	return fmax(-1, fmin(1, xy / sqrt(xx * yy)));
}

int sense_fit_polynomial(unsigned int n, const double *x, const double *y, const double *u,
			 unsigned int degree, double *c, double *covariance, double *s, double *dof)
{
	unsigned int m = degree + 1;
	double *a, *b;
	double squares = 0;
	int failed;

	if (n < m || (n == m && !u))
		return -EINVAL;
	a = malloc((size_t)n * m * sizeof(*a));
	b = malloc(n * sizeof(*b));
	for (unsigned int i = 0; i < n && a && b; i++) {
		double power = u ? 1 / u[i] : 1;

		b[i] = y[i] * power;
		for (unsigned int j = 0; j < m; j++, power *= x[i])
			a[(size_t)i * m + j] = power;
	}
	failed = a && b ? least_squares(a, b, (int)n, (int)m, c, covariance, &squares) : -ENOMEM;
	free(a);
	free(b);
	if (failed)
		return failed == -ENOMEM ? failed : -EINVAL;
	*dof = n - m;
	*s = n > m ? sqrt(squares / *dof) : 0;
	for (unsigned int i = 0; i < m * m && !u; i++)
		covariance[i] *= squares / *dof;
	return 0;
}
