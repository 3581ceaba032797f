// SPDX-License-Identifier: LGPL-2.1-or-later
#include "twin/residuals.h"

#include <math.h>
#include <stdlib.h>

#define LAGS 20
/* Two-sided normal quantile of 1 - 0.01 / 21: one in a hundred for the greatest of 21 lags. */
#define LIMIT 3.49

static double correlation(const double *a, const double *b, int count, int lag)
{
	double ab = 0, aa = 0, bb = 0;

	for (int k = lag; k < count; k++)
		ab += a[k] * b[k - lag];
	for (int k = 0; k < count; k++) {
		aa += a[k] * a[k];
		bb += b[k] * b[k];
	}
	return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

/* Upper tail of chi-squared by Wilson and Hilferty, PNAS 17 (1931) 684. */
static double tail(double q, int dof)
{
	double v = 2.0 / (9 * dof), z = (cbrt(q / dof) - (1 - v)) / sqrt(v);

	return erfc(z / sqrt(2)) / 2;
}

json_t *twin_residuals(const struct twin_structure *structure, const double *theta,
		       const struct twin_data *d, int skip)
{
	size_t rows = (size_t)d->count * (size_t)d->outputs;
	double *memory = malloc((2 * rows + 2 * (size_t)d->count) * sizeof(*memory));
	double *z = memory ? memory + 2 * rows : NULL, *du = z ? z + d->count : NULL;
	struct twin_run run = { .e = memory, .s = memory ? memory + rows : NULL };
	json_t *lags = json_array(), *cross = json_object(), *result = NULL;
	int n = d->count - skip, covered = 0;
	double q = 0, squares = 0, fourth = 0;
	struct twin_system system;

	if (!memory || twin_structure_build(structure, theta, &system) ||
	    twin_evaluate(&system, d, &run))
		goto out;
	for (int k = 0; k < n; k++) {
		z[k] = run.e[(skip + k) * d->outputs] / sqrt(run.s[(skip + k) * d->outputs]);
		squares += z[k] * z[k];
		fourth += z[k] * z[k] * z[k] * z[k];
		covered += fabs(z[k]) <= 1.959963984540054;
	}
	for (int lag = 1; lag <= LAGS; lag++) {
		double r = correlation(z, z, n, lag);

		q += (double)n * (n + 2) * r * r / (n - lag);
		json_array_append_new(lags, json_real(r));
	}
	for (int j = 0; j < d->inputs; j++) {
		double most = 0;

		/* Increments: an input that wanders would make any two series seem related. */
		for (int k = 0; k < n; k++)
			du[k] = d->u[(skip + k - 1) * d->inputs + j] -
				d->u[(skip + k - 2) * d->inputs + j];
		for (int lag = 0; lag <= LAGS; lag++)
			most = fmax(most, fabs(correlation(z, du, n, lag)));
		json_object_set_new(cross, structure->input[j],
				    json_pack("{s:f,s:f,s:b}", "greatest", most, "limit_99",
					      LIMIT / sqrt(n), "passed", most <= LIMIT / sqrt(n)));
	}
	result = json_pack("{s:i,s:f,s:f,s:f,s:{s:i,s:f,s:f,s:b,s:O},s:O}", "n", n,
			   "normalised_variance", squares / n, "kurtosis",
			   n * fourth / (squares * squares), "coverage_95", (double)covered / n,
			   "whiteness", "lags", LAGS, "ljung_box", q, "p", tail(q, LAGS), "passed",
			   tail(q, LAGS) >= 0.01, "correlation", lags, "cross_correlation", cross);
out:
	json_decref(lags);
	json_decref(cross);
	free(memory);
	return result;
}
