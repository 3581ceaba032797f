/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * distribution.h - what is known of one input quantity: GUM-S1 (JCGM 101:2008) clause 6.4, table 1.
 */
#ifndef SENSE_CALIBRATE_DISTRIBUTION_H
#define SENSE_CALIBRATE_DISTRIBUTION_H

#include <sense/budget.h>

#include "calibrate/philox.h"

struct sense_distribution {
	enum sense_distribution_kind kind;
	enum sense_distribution_kind told; /* as the budget says it, before refinement */
	/*
	 * The quantity is location + scale * (the standard form), which is: normal N(0, 1); t with
	 * dof; on [-1, 1] rectangular, triangular, arcsine, trapezoidal (top @shape of the base),
	 * curvilinear trapezoid (limits 1 known to +-@shape, so it reaches 1 + shape); exponential
	 * with mean 1 from 0; gamma with mean and variance @shape from 0.
	 */
	double location;
	double scale;
	double dof;
	double shape;
};

/* The kind of this name, or -EINVAL. */
int sense_distribution_find(const char *name);

/* Expectation, and standard deviation (INFINITY for t with dof <= 2). */
double sense_distribution_mean(const struct sense_distribution *d);
double sense_distribution_deviation(const struct sense_distribution *d);
/* Standard deviation of the standard form; for t that of the normal it is drawn like (1). */
double sense_distribution_unit(enum sense_distribution_kind kind, double shape);

/* One draw. Pure but for the stream's place. */
double sense_distribution_draw(const struct sense_distribution *d, struct sense_random *random);
/* One standard normal draw (Box and Muller; GUM-S1 C.4). */
double sense_random_normal(struct sense_random *random);
/* Chi squared with dof degrees of freedom: for the multivariate t. */
double sense_random_chi2(struct sense_random *random, double dof);

/* The value below which a draw falls with probability p: for copulas. */
double sense_distribution_quantile(const struct sense_distribution *d, double p);

#endif
