// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/correlation.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lapacke.h>

#include "base/error.h"

int sense_correlation_check(unsigned int n, const double *r, const char *where)
{
	size_t size = (size_t)n * n * sizeof(double);
	double *copy, *eigenvalues;
	double smallest;
	int failed;

	if (n == 0)
		return 0;
	copy = malloc(size);
	eigenvalues = malloc(n * sizeof(*eigenvalues));
	if (!copy || !eigenvalues) {
		free(copy);
		free(eigenvalues);
		return sense_fail(ENOMEM, where, NULL,
				  "there is no memory for a correlation matrix");
	}
	memcpy(copy, r, size);
	failed = LAPACKE_dsyev(LAPACK_COL_MAJOR, 'N', 'U', (lapack_int)n, copy, (lapack_int)n,
			       eigenvalues);
	smallest = eigenvalues[0];
	free(copy);
	free(eigenvalues);
	if (failed || smallest < -1e-9 * n)
		return sense_fail(
			EINVAL, where,
			"give coefficients that can hold together; rounded ones may need more "
			"digits",
			"the correlation matrix is not positive: its smallest eigenvalue is %.3g",
			smallest);
	return 0;
}

int sense_correlation_factor(unsigned int n, const double *r, double *factor)
{
	double *a = malloc((size_t)n * n * sizeof(*a));
	lapack_int *pivots = malloc(n * sizeof(*pivots));
	lapack_int rank = 0;
	int failed;

	if (!a || !pivots) {
		free(a);
		free(pivots);
		return -ENOMEM;
	}
	memcpy(a, r, (size_t)n * n * sizeof(*a));
	failed = LAPACKE_dpstrf(LAPACK_COL_MAJOR, 'L', (lapack_int)n, a, (lapack_int)n, pivots,
				&rank, 1e-12 * n);
	memset(factor, 0, (size_t)n * n * sizeof(*factor));
	/* P^T A P = L L^T: row i of L belongs to quantity pivots[i]. */
	for (unsigned int i = 0; i < n && failed >= 0; i++)
		for (unsigned int j = 0; j <= i && j < (unsigned int)rank; j++)
			factor[(size_t)(pivots[i] - 1) * n + j] = a[(size_t)j * n + i];
	free(a);
	free(pivots);
	return failed < 0 ? -EINVAL : 0;
}
