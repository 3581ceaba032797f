// SPDX-License-Identifier: LGPL-2.1-or-later
#include "twin/evaluate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int twin_data_set(struct twin_data *d, int count, int inputs, int outputs, const int64_t *time_ns,
		  const double *y, const double *u)
{
	int64_t *sorted, apart;

	*d = (struct twin_data){ .count = count, .inputs = inputs, .outputs = outputs,
				 .time_ns = time_ns, .y = y, .u = u };
	if (count < 2)
		return sense_fail(EINVAL, "data", "give more rows", "%d rows make no interval", count);
	sorted = malloc((size_t)count * sizeof(*sorted));
	d->interval_s = malloc((size_t)count * sizeof(*d->interval_s));
	d->index = malloc((size_t)count * sizeof(*d->index));
	if (!sorted || !d->interval_s || !d->index) {
		free(sorted);
		twin_data_release(d);
		return sense_fail(ENOMEM, "data", NULL, "no memory for %d rows", count);
	}
	for (int k = 1; k < count; k++)
		sorted[k - 1] = time_ns[k] - time_ns[k - 1];
	qsort(sorted, (size_t)count - 1, sizeof(*sorted), by_size);
	d->median_ns = sorted[(count - 1) / 2];
	apart = d->median_ns / 1000;
	for (int k = 0; k < count - 1; k++)
		if (!d->distinct || (double)sorted[k] * 1e-9 >
					    d->interval_s[d->distinct - 1] + (double)apart * 1e-9)
			d->interval_s[d->distinct++] = (double)sorted[k] * 1e-9;
	free(sorted);
	d->index[0] = 0;
	for (int k = 1; k < count; k++) {
		double t = (double)(time_ns[k] - time_ns[k - 1]) * 1e-9;
		int low = 0, high = d->distinct - 1;

		while (low < high) {
			int middle = (low + high + 1) / 2;

			if (d->interval_s[middle] <= t)
				low = middle;
			else
				high = middle - 1;
		}
		d->index[k] = low;
	}
	return 0;
}

void twin_data_release(struct twin_data *d)
{
	free(d->interval_s);
	free(d->index);
	d->interval_s = NULL;
	d->index = NULL;
}

static int prepare(const struct twin_system *system, const struct twin_data *d,
		   struct twin_filter *filter, struct twin_interval **table)
{
	double nominal = (double)d->median_ns * 1e-9, fraction;
	int whole = 0, code = 0;

	if (system->delay_s > d->interval_s[0])
		whole = (int)floor(system->delay_s / nominal);
	fraction = system->delay_s - whole * nominal;
	if (whole > TWIN_MAX_DELAY)
		return sense_fail(EDOM, "delay", "take a longer period",
				  "the delay of %g s is more than %d intervals", system->delay_s,
				  TWIN_MAX_DELAY);
	*table = malloc((size_t)d->distinct * sizeof(**table));
	if (!*table)
		return sense_fail(ENOMEM, "data", NULL, "no memory for %d intervals", d->distinct);
	for (int i = 0; !code && i < d->distinct; i++)
		code = twin_interval_set(system, d->interval_s[i],
					 fmin(fraction, d->interval_s[i]), &(*table)[i]);
	if (code) {
		free(*table);
		return code;
	}
	*filter = (struct twin_filter){ system, *table, whole };
	return 0;
}

int twin_evaluate(const struct twin_system *system, const struct twin_data *d,
		  const struct twin_run *run)
{
	int m = d->inputs, p = d->outputs, code;
	struct twin_interval *table;
	struct twin_filter filter;
	struct twin_state state, ahead;

	code = prepare(system, d, &filter, &table);
	if (code)
		return code;
	twin_filter_start(&filter, &state, d->y, d->u);
	twin_filter_correct(&filter, &state, d->y, NULL, NULL);
	for (int o = 0; o < p; o++)
		run->e[o] = run->s[o] = NAN;
	for (int k = 0; run->horizon && k < d->count && k < run->horizon; k++)
		for (int o = 0; o < p; o++) {
			run->far[k * p + o] = NAN;
			if (run->far_s)
				run->far_s[k * p + o] = NAN;
		}
	for (int k = 0; k < d->count; k++) {
		if (k) {
			twin_filter_predict(&filter, &state, d->index[k], &d->u[(k - 1) * m], 1);
			twin_filter_correct(&filter, &state, &d->y[k * p], &run->e[k * p],
					    &run->s[k * p]);
			if (!isfinite(run->e[k * p]) && !isnan(d->y[k * p])) {
				code = sense_fail(EDOM, "model", "let its parameters be stable",
						  "the model grows without bound at row %d", k + 1);
				break;
			}
		}
		if (!run->horizon || k + run->horizon >= d->count)
			continue;
		ahead = state;
		for (int j = 1; j <= run->horizon; j++)
			twin_filter_predict(&filter, &ahead, d->index[k + j],
					    &d->u[(run->known ? k + j - 1 : k) * m],
					    run->far_s != NULL);
		for (int o = 0; o < p; o++) {
			int at = (k + run->horizon) * p + o;

			run->far[at] = d->y[at] - twin_filter_output(&filter, &ahead, o);
			if (run->far_s)
				run->far_s[at] = twin_filter_variance(&filter, &ahead, o) +
						 system->r[o];
		}
	}
	free(table);
	return code;
}

int twin_evaluate_free(const struct twin_system *system, const struct twin_data *d, int from,
		       double *far, double *far_s)
{
	int m = d->inputs, p = d->outputs, code;
	struct twin_interval *table;
	struct twin_filter filter;
	struct twin_state state;

	code = prepare(system, d, &filter, &table);
	if (code)
		return code;
	twin_filter_start(&filter, &state, d->y, d->u);
	twin_filter_correct(&filter, &state, d->y, NULL, NULL);
	for (int k = 0; k < d->count; k++) {
		if (k)
			twin_filter_predict(&filter, &state, d->index[k], &d->u[(k - 1) * m], 1);
		if (k && k < from)
			twin_filter_correct(&filter, &state, &d->y[k * p], NULL, NULL);
		for (int o = 0; o < p; o++) {
			int at = k * p + o;

			far[at] = k < from ? NAN : d->y[at] - twin_filter_output(&filter, &state, o);
			if (far_s)
				far_s[at] = k < from ? NAN :
						       twin_filter_variance(&filter, &state, o) +
							       system->r[o];
		}
	}
	free(table);
	return code;
}
