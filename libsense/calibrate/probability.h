/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probability.h - distribution functions and quantiles of the normal and Student's t.
 */
#ifndef SENSE_CALIBRATE_PROBABILITY_H
#define SENSE_CALIBRATE_PROBABILITY_H

/* Standard normal: distribution function (by erfc) and its inverse, to about 1e-15. Pure. */
double sense_normal_cdf(double x);
double sense_normal_quantile(double p);

/* Student's t with dof degrees of freedom, dof > 0, INFINITY for the normal. Pure. */
double sense_t_cdf(double t, double dof);
double sense_t_quantile(double p, double dof);

/*
 * Coverage factor k with which y +- k u covers y with probability p: the two-sided t factor of
 * GUM (JCGM 100:2008) G.3.2, table G.2.
 */
double sense_coverage_factor(double p, double dof);

/* Regularised incomplete beta function I_x(a, b), DLMF 8.17. */
double sense_incomplete_beta(double a, double b, double x);

#endif
