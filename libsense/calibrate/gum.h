/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gum.h - first-order propagation: GUM (JCGM 100:2008) clause 5 and annex G.
 */
#ifndef SENSE_CALIBRATE_GUM_H
#define SENSE_CALIBRATE_GUM_H

#include <stdbool.h>

#include "calibrate/expression.h"

struct sense_correlation {
	unsigned int a;
	unsigned int b;
	double r;
};

/* Quantities x_0 .. x_(n-1), their standard uncertainties and degrees of freedom. */
struct sense_gum {
	unsigned int n;
	const double *u;
	const double *dof; /* INFINITY allowed */
	const int *group; /* the same number: linked by correlation; -1: not */
	const struct sense_correlation *correlations;
	unsigned int correlation_count;
};

/* Covariance of two outputs with sensitivities c and d; of one with itself u^2 (equation 13). */
double sense_gum_covariance(const struct sense_gum *gum, const double *c, const double *d);

/*
 * Effective degrees of freedom, Welch-Satterthwaite (equation G.2b). Correlated inputs count as
 * one term with their joint variance: R. Willink, Metrologia 44 (2007) 340, exact when they come
 * from the same observations and so share their degrees of freedom. When theirs differ the
 * smallest is taken and *mixed set.
 */
double sense_gum_dof(const struct sense_gum *gum, const double *c, bool *mixed);

/* Share of each input in u^2, with half of each covariance it takes part in; they sum to 1. */
void sense_gum_shares(const struct sense_gum *gum, const double *c, double *share);

/* Half a unit of the last of @digits digits of u: GUM-S1 (JCGM 101:2008) 7.9.2. */
double sense_gum_tolerance(double u, unsigned int digits);

/*
 * Terms beyond the first order (GUM 5.1.2 note), for independent sources: column k of
 * @directions (@count columns of one value per input) moves the inputs by one standard
 * deviation of source k. Per output node: @u with the terms, @bias of the expectation.
 * @cross: with the terms that mix sources. 0, -ENOMEM, -EDOM.
 */
int sense_gum_second_order(const struct sense_expression *expression, const double *x,
			   const double *z, unsigned int count, const double *directions,
			   bool cross, unsigned int output_count, const int *outputs, double *u,
			   double *bias);

#endif
