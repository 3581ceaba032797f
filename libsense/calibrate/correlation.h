/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * correlation.h - correlation matrices of input quantities. Dense, row by row, n by n.
 */
#ifndef SENSE_CALIBRATE_CORRELATION_H
#define SENSE_CALIBRATE_CORRELATION_H

/*
 * Is this symmetric matrix with a unit diagonal positive semidefinite? 0, or -EINVAL with a
 * sentence that gives the smallest eigenvalue; -ENOMEM. @where: object of the error.
 */
int sense_correlation_check(unsigned int n, const double *r, const char *where);

/*
 * Lower factor of a semidefinite matrix with rows as they are: r = factor factor^T. Cholesky with
 * pivoting, so that coefficients of exactly +-1 are allowed. Its columns are independent sources.
 * 0, -ENOMEM.
 */
int sense_correlation_factor(unsigned int n, const double *r, double *factor);

#endif
