// SPDX-License-Identifier: LGPL-2.1-or-later
#include "twin/search.h"

#include <errno.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define STEP 1e-5

struct search {
	const struct twin_structure *structure;
	const struct twin_data *data;
	const struct twin_criterion *criterion;
	int rows; /* count x outputs */
	double far_scale2[TWIN_MAX_OUTPUTS];
	double *memory;
};

struct values {
	double *e, *s, *far;
};

static double get(const struct twin_parameter *p, double theta)
{
	return p->positive ? log(theta) : theta;
}

static double put(const struct twin_parameter *p, double z)
{
	double theta = p->positive ? exp(z) : z;

	return fmin(fmax(theta, p->lower), p->upper);
}

static int run(const struct search *s, const double *theta, struct values *v)
{
	struct twin_system system;
	struct twin_run r = { .horizon = s->criterion->weight > 0 ? s->criterion->horizon : 0,
			      .e = v->e, .s = v->s, .far = v->far };
	int code = twin_structure_build(s->structure, theta, &system);

	return code ? code : twin_evaluate(&system, s->data, &r);
}

/* Weight of one squared error ahead: overlapping ones are worth one in a horizon. */
static double far_weight(const struct search *s, int at)
{
	const struct twin_criterion *c = s->criterion;

	return c->weight / c->horizon / s->far_scale2[at % s->data->outputs];
}

static double judge(const struct search *s, const struct values *v, const double *theta,
		    double *likelihood)
{
	int p = s->data->outputs, from = s->criterion->skip * p;
	double sum = 0, rest = 0;

	for (int i = from; i < s->rows; i++)
		if (!isnan(v->e[i]))
			sum += (log(v->s[i]) + v->e[i] * v->e[i] / v->s[i]) / 2;
	for (int i = from; s->criterion->weight > 0 && i < s->rows; i++)
		if (!isnan(v->far[i]))
			rest += far_weight(s, i) * v->far[i] * v->far[i] / 2;
	for (int i = 0; i < s->structure->parameters; i++) {
		const struct twin_parameter *q = &s->structure->parameter[i];
		double off = (get(q, theta[i]) - get(q, q->prior)) / q->prior_sd;

		if (q->fitted && isfinite(q->prior_sd))
			rest += off * off / 2;
	}
	if (likelihood)
		*likelihood = sum;
	return sum + rest;
}

/* Gradient and Fisher information of the criterion at theta. */
static int slope(struct search *s, const double *theta, const struct values *at,
		 struct twin_fit *fit, double *gradient, double *information)
{
	int p = s->data->outputs, from = s->criterion->skip * p, n = fit->free, code = 0;
	size_t rows = (size_t)s->rows;
	double *de = malloc((size_t)n * 3 * rows * sizeof(*de));
	struct values v = { s->memory, s->memory + rows, s->memory + 2 * rows };
	double *moved = malloc((size_t)s->structure->parameters * sizeof(*moved));

	if (!de || !moved) {
		code = sense_fail(ENOMEM, "search", NULL, "no memory for %d derivatives", n);
		goto out;
	}
	for (int i = 0; !code && i < n; i++) {
		const struct twin_parameter *q = &s->structure->parameter[fit->which[i]];
		double *d = de + (size_t)i * 3 * rows, z = get(q, theta[fit->which[i]]), h;

		memcpy(moved, theta, (size_t)s->structure->parameters * sizeof(*moved));
		h = q->positive ? STEP : STEP * fmax(fabs(z), 1e-3);
		moved[fit->which[i]] = put(q, z + h);
		if (moved[fit->which[i]] == theta[fit->which[i]]) {
			h = -h;
			moved[fit->which[i]] = put(q, z + h);
		}
		code = run(s, moved, &v);
		for (size_t k = 0; !code && k < rows; k++) {
			d[k] = (v.e[k] - at->e[k]) / h;
			d[rows + k] = (v.s[k] - at->s[k]) / h / at->s[k];
			d[2 * rows + k] = at->far && !isnan(at->far[k]) ?
						  (v.far[k] - at->far[k]) / h : 0;
		}
	}
	if (code)
		goto out;
	for (int i = 0; i < n; i++) {
		const struct twin_parameter *q = &s->structure->parameter[fit->which[i]];
		const double *di = de + (size_t)i * 3 * rows;

		gradient[i] = 0;
		for (int j = 0; j <= i; j++) {
			const double *dj = de + (size_t)j * 3 * rows;
			double sum = 0, slope_sum = 0;

			for (int k = from; k < s->rows; k++) {
				if (isnan(at->e[k]))
					continue;
				sum += di[k] * dj[k] / at->s[k] + di[rows + k] * dj[rows + k] / 2;
				if (i == j)
					slope_sum += di[k] * at->e[k] / at->s[k] +
						     di[rows + k] *
							     (1 - at->e[k] * at->e[k] / at->s[k]) / 2;
			}
			for (int k = from; s->criterion->weight > 0 && k < s->rows; k++) {
				double w = far_weight(s, k);

				if (isnan(at->far[k]))
					continue;
				sum += w * di[2 * rows + k] * dj[2 * rows + k];
				if (i == j)
					slope_sum += w * di[2 * rows + k] * at->far[k];
			}
			information[i * n + j] = information[j * n + i] = sum;
			if (i == j)
				gradient[i] = slope_sum;
		}
		if (isfinite(q->prior_sd)) {
			double w = 1 / (q->prior_sd * q->prior_sd);

			information[i * n + i] += w;
			gradient[i] += w * (get(q, theta[fit->which[i]]) - get(q, q->prior));
		}
	}
out:
	free(de);
	free(moved);
	return code;
}

/* Inverse of the information; what it cannot tell gets the variance its scale allows. */
static void invert(struct twin_fit *fit, const double *information)
{
	int n = fit->free;
	double w[TWIN_MAX_PARAMETERS], *a = fit->covariance, scale[TWIN_MAX_PARAMETERS];
	double v[TWIN_MAX_PARAMETERS * TWIN_MAX_PARAMETERS];

	for (int i = 0; i < n; i++)
		scale[i] = information[i * n + i] > 0 ? 1 / sqrt(information[i * n + i]) : 1;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++)
			v[i * n + j] = information[i * n + j] * scale[i] * scale[j];
	if (LAPACKE_dsyev(LAPACK_ROW_MAJOR, 'V', 'U', n, v, n, w)) {
		fit->singular = 1;
		memset(a, 0, (size_t)n * n * sizeof(*a));
		return;
	}
	for (int i = 0; i < n; i++)
		fit->singular |= w[i] < 1e-10;
	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			double sum = 0;

			for (int k = 0; k < n; k++)
				sum += v[i * n + k] * v[j * n + k] / fmax(w[k], 1e-10);
			a[i * n + j] = sum * scale[i] * scale[j];
		}
	for (int i = 0; i < n; i++)
		for (int j = 0; j < i; j++)
			a[i * n + j] = a[j * n + i];
}

static int solve(const double *information, const double *gradient, double damping, int n,
		 double *step)
{
	double a[TWIN_MAX_PARAMETERS * TWIN_MAX_PARAMETERS];

	memcpy(a, information, (size_t)n * n * sizeof(*a));
	for (int i = 0; i < n; i++) {
		a[i * n + i] += damping * fmax(information[i * n + i], 1e-9);
		step[i] = -gradient[i];
	}
	return LAPACKE_dposv(LAPACK_ROW_MAJOR, 'U', n, 1, a, n, step, 1);
}

static int descend(struct search *s, double *theta, struct values *at, struct values *next,
		   twin_search_progress progress, void *context, struct twin_fit *fit)
{
	const struct twin_structure *st = s->structure;
	double gradient[TWIN_MAX_PARAMETERS], step[TWIN_MAX_PARAMETERS], tried[TWIN_MAX_PARAMETERS];
	double information[TWIN_MAX_PARAMETERS * TWIN_MAX_PARAMETERS];
	double damping = 1e-2;
	int n = fit->free, code = 0, small = 0;

	for (fit->iterations = 0; fit->iterations < s->criterion->iterations; fit->iterations++) {
		double before = fit->criterion;
		int better = 0;

		code = slope(s, theta, at, fit, gradient, information);
		if (!code && progress)
			code = progress(context, fit->iterations, fit->criterion);
		if (code)
			return code;
		while (!better && damping < 1e8) {
			double least, likelihood;

			if (solve(information, gradient, damping, n, step)) {
				damping *= 10;
				continue;
			}
			memcpy(tried, theta, (size_t)st->parameters * sizeof(*tried));
			for (int i = 0; i < n; i++) {
				const struct twin_parameter *q = &st->parameter[fit->which[i]];
				double move = q->positive ? fmin(fmax(step[i], -1.5), 1.5) : step[i];

				tried[fit->which[i]] =
					put(q, get(q, theta[fit->which[i]]) + move);
			}
			least = run(s, tried, next) ? NAN : judge(s, next, tried, &likelihood);
			if (least < fit->criterion) {
				struct values swap = *at;

				*at = *next;
				*next = swap;
				memcpy(theta, tried, (size_t)st->parameters * sizeof(*theta));
				fit->criterion = least;
				fit->likelihood = likelihood;
				damping = fmax(damping / 5, 1e-9);
				better = 1;
			} else {
				damping *= 4;
			}
		}
		small = before - fit->criterion < 1e-4 ? small + 1 : 0;
		if (!better || small >= 2) {
			fit->converged = 1;
			break;
		}
	}
	code = slope(s, theta, at, fit, gradient, information);
	if (!code)
		invert(fit, information);
	return code;
}

int twin_search(const struct twin_structure *structure, double *theta, const struct twin_data *data,
		const struct twin_criterion *criterion, twin_search_progress progress,
		void *context, struct twin_fit *fit)
{
	struct search s = { .structure = structure, .data = data, .criterion = criterion,
			    .rows = data->count * data->outputs };
	size_t rows = (size_t)s.rows;
	struct values at, next;
	int code, n[TWIN_MAX_OUTPUTS] = { 0 };

	memset(fit, 0, sizeof(*fit));
	for (int i = 0; i < structure->parameters; i++)
		if (structure->parameter[i].fitted)
			fit->which[fit->free++] = i;
	fit->rows = data->count - criterion->skip;
	if (fit->rows < 2 * fit->free + 10)
		return sense_fail(EINVAL, "data", "give more rows or a simpler structure",
				  "%d rows do not tell %d parameters", data->count, fit->free);
	s.memory = malloc(9 * rows * sizeof(*s.memory));
	if (!s.memory)
		return sense_fail(ENOMEM, "search", NULL, "no memory for %d rows", data->count);
	at = (struct values){ s.memory + 3 * rows, s.memory + 4 * rows, s.memory + 5 * rows };
	next = (struct values){ s.memory + 6 * rows, s.memory + 7 * rows, s.memory + 8 * rows };
	code = run(&s, theta, &at);
	if (!code && criterion->weight > 0) {
		for (int i = criterion->skip * data->outputs; i < s.rows; i++)
			if (!isnan(at.far[i])) {
				s.far_scale2[i % data->outputs] += at.far[i] * at.far[i];
				n[i % data->outputs]++;
			}
		for (int o = 0; o < data->outputs; o++)
			s.far_scale2[o] = n[o] ? s.far_scale2[o] / n[o] : 1;
	}
	if (!code) {
		fit->criterion = judge(&s, &at, theta, &fit->likelihood);
		code = isfinite(fit->criterion) ?
			       descend(&s, theta, &at, &next, progress, context, fit) :
			       sense_fail(EDOM, "search", "start from other parameters",
					  "the model's likelihood is not finite at the start");
	}
	free(s.memory);
	return code;
}

double twin_likelihood(const struct twin_structure *structure, const double *theta,
		       const struct twin_data *data, int from, int to)
{
	size_t rows = (size_t)data->count * (size_t)data->outputs;
	double *memory = malloc(2 * rows * sizeof(*memory)), sum = NAN;
	struct twin_run r = { 0 };
	struct twin_system system;

	if (!memory)
		return NAN;
	r.e = memory;
	r.s = memory + rows;
	if (!twin_structure_build(structure, theta, &system) &&
	    !twin_evaluate(&system, data, &r)) {
		sum = 0;
		for (int i = from * data->outputs; i < to * data->outputs; i++)
			if (!isnan(r.e[i]))
				sum += (log(r.s[i]) + r.e[i] * r.e[i] / r.s[i]) / 2;
	}
	free(memory);
	return sum;
}
