/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * type-a.h - uncertainty from repeated observations: GUM (JCGM 100:2008) clause 4.2.
 */
#ifndef SENSE_CALIBRATE_TYPE_A_H
#define SENSE_CALIBRATE_TYPE_A_H

#include <stdbool.h>

struct sense_type_a {
	double mean;
	double s; /* experimental standard deviation of one observation */
	double u; /* standard uncertainty of the mean */
	double n_effective; /* how many independent observations these are worth */
	double dof; /* n_effective - 1 */
};

/*
 * From n >= 2 observations in the order they were made, evenly spaced in time. When
 * @autocorrelated, u^2 = s^2/n (1 + 2 sum_k (1 - k/n) rho(k)) over the lags up to the first whose
 * coefficient Bartlett's limit calls zero (N. F. Zhang, Metrologia 43 (2006) S276); a negative sum
 * is not counted. 0; -EINVAL when n < 2; -ERANGE when they are worth fewer than 2. No message.
 */
int sense_type_a(const double *x, unsigned int n, bool autocorrelated, struct sense_type_a *result);

/* Correlation coefficient of two series observed together (GUM 5.2.3, equation 17 with H.2). */
double sense_type_a_correlation(const double *x, const double *y, unsigned int n);

/*
 * Least-squares polynomial of a degree through n points, weights 1/u^2 when @u is given (GUM H.3
 * for the line). @c: degree + 1 coefficients, lowest power first; @covariance: of these, scaled by
 * the residuals' variance, or by the weights as they are when @u is given; @s: residual standard
 * deviation (with weights: the square root of chi squared over dof). 0, -EINVAL, -ENOMEM.
 */
int sense_fit_polynomial(unsigned int n, const double *x, const double *y, const double *u,
			 unsigned int degree, double *c, double *covariance, double *s,
			 double *dof);

#endif
