/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * least-squares.h - linear least squares with the covariance of the result (LAPACK).
 */
#ifndef SENSE_CALIBRATE_LEAST_SQUARES_H
#define SENSE_CALIBRATE_LEAST_SQUARES_H

/*
 * Minimise |A p - y|. @a: rows x columns, row-major, overwritten; @y: rows, overwritten.
 * @p: columns. @covariance: columns x columns, row-major, (A'A)^-1, or NULL: with rows divided by
 * their standard uncertainty it is the covariance of p. @residual2: sum of squares, or NULL.
 * 0, -EDOM when the columns are not independent, -ENOMEM.
 */
int least_squares(double *a, double *y, int rows, int columns, double *p, double *covariance,
		  double *residual2);

/*
 * Divide by a covariance's root: with V = L L', L^-1 a and L^-1 y have unit covariance.
 * @v: rows x rows, symmetric, overwritten. 0 or -EDOM when V is not positive definite.
 */
int least_squares_whiten(double *v, double *a, double *y, int rows, int columns);

#endif
