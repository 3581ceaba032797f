// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/simulate.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "twin/evaluate.h"
#include "twin/model.h"
#include "twin/series.h"

#define TOLERANCE 0.010
#define COVERAGE_95 1.959963984540054 /* normal quantile of 0.975 */

/* The series' values in the model's order of outputs and inputs. */
static int arrange(const struct sense_model *m, const struct sense_series *series, double **y,
		   double **u)
{
	int p = m->structure.outputs, n = m->structure.inputs;
	size_t count = series->count;

	*y = malloc(count * (size_t)p * sizeof(**y));
	*u = malloc((count * (size_t)n + 1) * sizeof(**u));
	if (!*y || !*u)
		return sense_fail(ENOMEM, "series", NULL, "no memory for %zu rows", count);
	for (int j = 0; j < p + n; j++) {
		const char *name = j < p ? m->structure.output[j] : m->structure.input[j - p];
		unsigned int from = 0, width = j < p ? series->outputs : series->inputs;
		const double *source = j < p ? series->y : series->u;
		double *target = j < p ? *y + j : *u + (j - p);
		size_t step = (size_t)(j < p ? p : n);

		while (from < width &&
		       strcmp(name, j < p ? series->output[from] : series->input[from]))
			from++;
		if (from == width)
			return sense_fail(EINVAL, name,
					  "name the columns that the model was identified from",
					  "the data have no %s '%s', which the model needs",
					  j < p ? "output" : "input", name);
		for (size_t k = 0; k < count; k++)
			target[k * step] = source[k * width + from];
	}
	return 0;
}

static int first_row(const struct sense_series *series, double from, int *first)
{
	if (!(from >= 0 && from < 1))
		return sense_fail(EINVAL, "from", "give a fraction from 0 to below 1",
				  "%g is no fraction of the rows to begin from", from);
	*first = (int)(from * series->count);
	if (*first < 1)
		*first = 1; /* the first row starts the filter */
	return 0;
}

/* Errors and variances of rows [first, count), by the mode asked for. */
static int errors(const struct twin_system *system, const struct twin_data *data, int first,
		  const struct sense_simulate_options *o, double *e, double *s)
{
	size_t rows = (size_t)data->count * (size_t)data->outputs;
	unsigned int horizon = o->horizon ? o->horizon : 1;
	struct twin_run run = { .known = o->inputs_known, .e = e, .s = s };
	double *other;
	int code;

	if (o->mode == SENSE_SIMULATE_FREE_RUN)
		return twin_evaluate_free(system, data, first, e, s);
	if (o->mode == SENSE_SIMULATE_OBSERVER) {
		code = twin_evaluate(system, data, &run);
		/*
		 * With gain K the row itself taken in leaves e r / S, whose variance is r^2 / S:
		 * for one output; several are taken in one after another, so this is the last.
		 */
		for (size_t i = 0; !code && i < rows; i++) {
			double r = system->r[i % (size_t)data->outputs];

			e[i] *= r / s[i];
			s[i] = r * r / s[i];
		}
		return code;
	}
	if (horizon == 1)
		return twin_evaluate(system, data, &run);
	other = malloc(2 * rows * sizeof(*other));
	if (!other)
		return sense_fail(ENOMEM, "data", NULL, "no memory for %zu rows", rows);
	run.horizon = (int)horizon;
	run.e = other;
	run.s = other + rows;
	run.far = e;
	run.far_s = s;
	code = twin_evaluate(system, data, &run);
	free(other);
	return code;
}

static void judge(const struct twin_data *d, int first, int output, const double *e,
		  const double *s, double tolerance, struct sense_simulate_report *r)
{
	double sum = 0, squares = 0, variances = 0;
	unsigned int within = 0, covered = 0;

	memset(r, 0, sizeof(*r));
	for (int k = first; k < d->count; k++) {
		double error = e[k * d->outputs + output], v = s[k * d->outputs + output];

		if (isnan(error))
			continue;
		r->n++;
		sum += error;
		squares += error * error;
		variances += v;
		r->max = fmax(r->max, fabs(error));
		within += fabs(error) <= tolerance;
		covered += error * error <= COVERAGE_95 * COVERAGE_95 * v;
	}
	if (!r->n) {
		r->rms = r->max = r->bias = r->within = r->coverage = r->mean_u = NAN;
		return;
	}
	r->rms = sqrt(squares / r->n);
	r->bias = sum / r->n;
	r->within = (double)within / r->n;
	r->coverage = (double)covered / r->n;
	r->mean_u = sqrt(variances / r->n);
}

int sense_simulate(const struct sense_model *m, const struct sense_series *series,
		   unsigned int output, const struct sense_simulate_options *o,
		   struct sense_simulate_report *report, double *value, double *u)
{
	int p = m->structure.outputs, first = 1, code = first_row(series, o->from, &first), outside = 0;
	double *y = NULL, *inputs = NULL, *e = NULL;
	struct twin_data data = { 0 };
	size_t rows = (size_t)series->count * (size_t)p;

	if (code)
		return code;
	if (output >= (unsigned int)p)
		return sense_fail(EINVAL, "output", NULL, "the model has no output %u", output);
	code = arrange(m, series, &y, &inputs);
	if (!code)
		code = twin_data_set(&data, (int)series->count, m->structure.inputs, p,
				     series->time_ns, y, inputs);
	if (!code && !(e = malloc(2 * rows * sizeof(*e))))
		code = sense_fail(ENOMEM, "series", NULL, "no memory for %zu rows", rows);
	if (!code)
		code = errors(&m->system, &data, first, o, e, e + rows);
	if (!code) {
		judge(&data, first, (int)output, e, e + rows,
		      o->tolerance > 0 ? o->tolerance : TOLERANCE, report);
		report->noise = sqrt(m->system.r[output]);
		for (int k = first; k < data.count; k++)
			outside += !sense_model_is_within_limits(m, &y[k * p],
								 &inputs[k * m->structure.inputs]);
		report->outside_validity = (double)outside / (data.count - first);
	}
	for (int k = 0; !code && k < data.count; k++) {
		size_t at = (size_t)(k * p) + output;

		if (value)
			value[k] = k < first ? NAN : y[at] - e[at];
		if (u)
			u[k] = k < first ? NAN : sqrt(e[rows + at]);
	}
	free(e);
	free(y);
	free(inputs);
	twin_data_release(&data);
	return code;
}

/* ---- the comparator --------------------------------------------------------------------- */

/* Level and slope walk; intensities are multiples of the readout's variance per median interval. */
static void trend(struct twin_system *s, double level, double slope, double period)
{
	memset(s, 0, sizeof(*s));
	s->states = 2;
	s->outputs = 1;
	s->peltier_input = -1;
	s->f[1] = 1;
	s->c[0] = 1;
	s->r[0] = 1e-5;
	s->q[0] = level * s->r[0] / period;
	s->q[3] = slope * s->r[0] / (period * period * period);
	s->start_output[0] = 1;
	s->start_variance[0] = 100;
	s->start_variance[1] = 1e-2;
}

static double tune(const struct twin_data *train, double period, const double *ln, double *e,
		   int settled)
{
	struct twin_system s;
	struct twin_run run = { .e = e, .s = e + train->count };
	double squares = 0;

	trend(&s, exp(ln[0]), exp(ln[1]), period);
	if (twin_evaluate(&s, train, &run))
		return INFINITY;
	for (int k = settled; k < train->count; k++)
		squares += e[k] * e[k];
	return squares / (train->count - settled);
}

int sense_simulate_baseline(const struct sense_series *series, unsigned int output,
			    const struct sense_simulate_options *o,
			    struct sense_simulate_report *report)
{
	struct twin_data train = { 0 }, all = { 0 };
	double best[2] = { 0, 0 }, least = INFINITY, period = sense_series_get_period_s(series), *y, *e;
	int first = 1, code = first_row(series, o->from, &first), settled;
	struct twin_system s;

	if (code)
		return code;
	if (first < 100)
		return sense_fail(EINVAL, "from", "judge from a later row on",
				  "%d rows are too few to tune the comparator on", first);
	settled = first > 1000 ? 200 : first / 5;
	y = malloc(series->count * sizeof(*y));
	e = malloc(2 * (size_t)series->count * sizeof(*e));
	if (!y || !e) {
		code = sense_fail(ENOMEM, "series", NULL, "no memory for %u rows", series->count);
		goto out;
	}
	for (unsigned int k = 0; k < series->count; k++)
		y[k] = series->y[k * series->outputs + output];
	code = twin_data_set(&train, first, 0, 1, series->time_ns, y, NULL);
	if (!code)
		code = twin_data_set(&all, (int)series->count, 0, 1, series->time_ns, y, NULL);
	if (code)
		goto out;
	for (double a = -7; a <= 3; a += 1)
		for (double b = -16; b <= 0; b += 1) {
			double at[2] = { a, b }, squares = tune(&train, period, at, e, settled);

			if (squares < least) {
				least = squares;
				memcpy(best, at, sizeof(best));
			}
		}
	for (double step = 0.5; step > 0.02; step /= 2)
		for (int i = 0; i < 8; i++) {
			double at[2] = { best[0] + step * ((i % 3) - 1), best[1] };
			double squares;

			at[1] += step * (i < 3 ? -1 : i < 6 ? 1 : 0);
			squares = tune(&train, period, at, e, settled);
			if (squares < least) {
				least = squares;
				memcpy(best, at, sizeof(best));
			}
		}
	trend(&s, exp(best[0]), exp(best[1]), period);
	/* Its readout noise scaled so that innovations have the variance they are expected to. */
	{
		struct twin_run run = { .e = e, .s = e + train.count };
		double ratio = 0;

		code = twin_evaluate(&s, &train, &run);
		for (int k = settled; !code && k < train.count; k++)
			ratio += e[k] * e[k] / e[train.count + k];
		ratio /= train.count - settled;
		s.r[0] *= ratio;
		s.q[0] *= ratio;
		s.q[3] *= ratio;
	}
	if (!code)
		code = errors(&s, &all, first, o, e, e + series->count);
	if (!code) {
		judge(&all, first, 0, e, e + series->count,
		      o->tolerance > 0 ? o->tolerance : TOLERANCE, report);
		report->noise = sqrt(s.r[0]);
	}
out:
	twin_data_release(&train);
	twin_data_release(&all);
	free(y);
	free(e);
	return code;
}
