// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/least-squares.h"

#include <errno.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int least_squares(double *a, double *y, int rows, int columns, double *p, double *covariance,
		  double *residual2)
{
	double *norms = calloc(columns, sizeof(*norms)), *tau = calloc(columns, sizeof(*tau));
	int result = 0;

	if (!norms || !tau) {
		result = -ENOMEM;
		goto out;
	}
	if (rows < columns) {
		result = -EDOM;
		goto out;
	}
	/* Columns of like length: what is left of one after the others tells its independence. */
	for (int j = 0; j < columns; j++) {
		for (int i = 0; i < rows; i++)
			norms[j] = hypot(norms[j], a[i * columns + j]);
		for (int i = 0; norms[j] > 0 && i < rows; i++)
			a[i * columns + j] /= norms[j];
	}
	if (LAPACKE_dgeqrf(LAPACK_ROW_MAJOR, rows, columns, a, columns, tau) ||
	    LAPACKE_dormqr(LAPACK_ROW_MAJOR, 'L', 'T', rows, 1, columns, a, columns, tau, y, 1)) {
		result = -ENOMEM;
		goto out;
	}
	for (int j = 0; j < columns; j++)
		if (!(norms[j] > 0) || !(fabs(a[j * columns + j]) > 64 * DBL_EPSILON * rows)) {
			result = -EDOM;
			goto out;
		}
	if (residual2) {
		*residual2 = 0;
		for (int i = columns; i < rows; i++)
			*residual2 += y[i] * y[i];
	}
	memcpy(p, y, columns * sizeof(*p));
	LAPACKE_dtrtrs(LAPACK_ROW_MAJOR, 'U', 'N', 'N', columns, 1, a, columns, p, 1);
	for (int j = 0; j < columns; j++)
		p[j] /= norms[j];
	if (covariance) {
		memcpy(covariance, a, (size_t)columns * columns * sizeof(*a));
		LAPACKE_dpotri(LAPACK_ROW_MAJOR, 'U', columns, covariance, columns);
		for (int i = 0; i < columns; i++)
			for (int j = i; j < columns; j++) {
				covariance[i * columns + j] /= norms[i] * norms[j];
				covariance[j * columns + i] = covariance[i * columns + j];
			}
	}
out:
	free(norms);
	free(tau);
	return result;
}

int least_squares_whiten(double *v, double *a, double *y, int rows, int columns)
{
	if (LAPACKE_dpotrf(LAPACK_ROW_MAJOR, 'L', rows, v, rows))
		return -EDOM;
	LAPACKE_dtrtrs(LAPACK_ROW_MAJOR, 'L', 'N', 'N', rows, columns, v, rows, a, columns);
	LAPACKE_dtrtrs(LAPACK_ROW_MAJOR, 'L', 'N', 'N', rows, 1, v, rows, y, 1);
	return 0;
}
