// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/monte-carlo.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "calibrate/gum.h"
#include "calibrate/probability.h"

#define MAX_THREADS 64
/* Streams of the generator beyond the sources: correlated normals and their chi squared. */
#define STREAM_NORMAL 0x40000000u
#define STREAM_CHI2   0x80000000u

/* Values lie output by output: value[output * room + trial]. */
struct job {
	const struct sense_monte_carlo *problem;
	double *value;
	uint64_t room;
	uint64_t first;
	uint64_t count;
	_Atomic uint64_t next; /* block, from 0 at @first */
	_Atomic uint64_t failed; /* trials without a number */
	_Atomic int error;
};

struct desk {
	double *x; /* inputs, block by block */
	double *v; /* nodes */
	double *normal; /* members */
	double *one; /* inputs of one trial */
};

static void free_desk(struct desk *d)
{
	free(d->x);
	free(d->v);
	free(d->normal);
	free(d->one);
}

static int make_desk(const struct sense_monte_carlo *p, struct desk *d)
{
	size_t inputs = sense_expression_input_count(p->expression) + 1;
	size_t nodes = sense_expression_node_count(p->expression) + 1;

	d->x = malloc(inputs * SENSE_BLOCK * sizeof(double));
	d->v = malloc(nodes * SENSE_BLOCK * sizeof(double));
	d->normal = malloc((p->members + 1) * sizeof(double));
	d->one = malloc(inputs * sizeof(double));
	return d->x && d->v && d->normal && d->one ? 0 : -ENOMEM;
}

static double draw_correlated(const struct sense_monte_carlo *p, const struct sense_source *s,
			      const double *normal, uint64_t trial)
{
	const struct sense_distribution *d = &s->distribution;
	const double *row = p->factor + (size_t)s->member * p->members;
	double z = 0;

	for (unsigned int j = 0; j < p->members; j++)
		z += row[j] * normal[j];
	if (d->kind == SENSE_DISTRIBUTION_NORMAL)
		return d->location + d->scale * z;
	if (s->group >= 0) {
		/* Multivariate t: GUM-S2 (JCGM 102:2011) 5.3.2. */
		struct sense_random random =
			sense_random_at(p->seed, STREAM_CHI2 + (uint32_t)s->group, trial);

		return d->location +
		       d->scale * z * sqrt(d->dof / sense_random_chi2(&random, d->dof));
	}
	return sense_distribution_quantile(d, sense_normal_cdf(z));
}

static void draw_inputs(const struct sense_monte_carlo *p, struct desk *d, uint64_t first)
{
	unsigned int inputs = sense_expression_input_count(p->expression);

	memset(d->x, 0, (size_t)inputs * SENSE_BLOCK * sizeof(*d->x));
	for (unsigned int i = 0; i < p->source_count; i++) {
		const struct sense_source *s = &p->sources[i];
		double *x = d->x + (size_t)s->input * SENSE_BLOCK;

		if (s->member >= 0)
			continue;
		for (unsigned int l = 0; l < SENSE_BLOCK; l++) {
			struct sense_random random = sense_random_at(p->seed, i, first + l);

			x[l] += sense_distribution_draw(&s->distribution, &random);
		}
	}
	if (p->members == 0)
		return;
	for (unsigned int l = 0; l < SENSE_BLOCK; l++) {
		for (unsigned int j = 0; j < p->members; j++) {
			struct sense_random random =
				sense_random_at(p->seed, STREAM_NORMAL + j, first + l);
			d->normal[j] = sense_random_normal(&random);
		}
		for (unsigned int i = 0; i < p->source_count; i++)
			if (p->sources[i].member >= 0)
				d->x[(size_t)p->sources[i].input * SENSE_BLOCK + l] +=
					draw_correlated(p, &p->sources[i], d->normal, first + l);
	}
}

/* With unknowns each trial is solved by itself, from the solution at the best estimates. */
static void solve_lane(const struct sense_monte_carlo *p, struct desk *d, unsigned int lane,
		       double *result)
{
	unsigned int inputs = sense_expression_input_count(p->expression);
	unsigned int unknowns = sense_expression_unknown_count(p->expression);
	double z[SENSE_EXPRESSION_MAX_UNKNOWNS];

	for (unsigned int i = 0; i < inputs; i++)
		d->one[i] = d->x[(size_t)i * SENSE_BLOCK + lane];
	memcpy(z, p->z, unknowns * sizeof(*z));
	if (sense_expression_solve(p->expression, d->one, z, true, d->v)) {
		for (unsigned int o = 0; o < p->output_count; o++)
			result[o] = NAN;
		return;
	}
	sense_expression_evaluate(p->expression, d->one, z, d->v);
	for (unsigned int o = 0; o < p->output_count; o++)
		result[o] = d->v[p->outputs[o]];
}

static void run_block(struct job *job, struct desk *d, uint64_t block)
{
	const struct sense_monte_carlo *p = job->problem;
	bool implicit = sense_expression_unknown_count(p->expression) > 0;
	uint64_t first = job->first + block * SENSE_BLOCK;
	uint64_t left = job->count - block * SENSE_BLOCK;
	unsigned int lanes = left < SENSE_BLOCK ? (unsigned int)left : SENSE_BLOCK;
	uint64_t failed = 0;

	draw_inputs(p, d, first);
	if (!implicit)
		sense_expression_block(p->expression, d->x, d->v);
	for (unsigned int l = 0; l < lanes; l++) {
		double result[256];
		bool bad = false;

		if (implicit)
			solve_lane(p, d, l, result);
		for (unsigned int o = 0; o < p->output_count; o++) {
			double y = implicit ? result[o] :
					      d->v[(size_t)p->outputs[o] * SENSE_BLOCK + l];

			job->value[o * job->room + first + l] = y;
			bad |= !isfinite(y);
		}
		failed += bad;
	}
	atomic_fetch_add(&job->failed, failed);
}

static void *work(void *argument)
{
	struct job *job = argument;
	uint64_t blocks = (job->count + SENSE_BLOCK - 1) / SENSE_BLOCK;
	struct desk desk = { 0 };

	if (make_desk(job->problem, &desk)) {
		atomic_store(&job->error, -ENOMEM);
	} else {
		for (;;) {
			uint64_t block = atomic_fetch_add(&job->next, 1);

			if (block >= blocks)
				break;
			run_block(job, &desk, block);
		}
	}
	free_desk(&desk);
	return NULL;
}

static int run_trials(const struct sense_monte_carlo *p, double *value, uint64_t room,
		      uint64_t first, uint64_t count)
{
	struct job job = {
		.problem = p, .value = value, .room = room, .first = first, .count = count
	};
	pthread_t threads[MAX_THREADS];
	long wanted = p->threads ? (long)p->threads : sysconf(_SC_NPROCESSORS_ONLN);
	unsigned int started = 0;

	if (wanted > MAX_THREADS)
		wanted = MAX_THREADS;
	/* The caller's thread works too; a thread that cannot be had is only slower. */
	while (started + 1 < (unsigned long)(wanted > 0 ? wanted : 1) &&
	       pthread_create(&threads[started], NULL, work, &job) == 0)
		started++;
	work(&job);
	for (unsigned int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	if (job.error)
		return sense_fail(ENOMEM, p->where, "use fewer trials",
				  "there is no memory for Monte Carlo");
	if (job.failed)
		return sense_fail(
			EDOM, p->where,
			"use distributions within the range where the equation has a value",
			"the equation has no value in %llu of %llu Monte Carlo trials",
			(unsigned long long)job.failed, (unsigned long long)count);
	return 0;
}

/* ---- what the values say ----------------------------------------- */

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* 7.6, and 7.7 on the values sorted in place. One order of sums whatever the threads did. */
static void summarise(const struct sense_monte_carlo *p, double *value, uint64_t n,
		      struct sense_budget_monte_carlo *r)
{
	uint64_t q, left, best = 0;
	double sum = 0, squares = 0;

	qsort(value, n, sizeof(*value), ascending);
	for (uint64_t i = 0; i < n; i++)
		sum += value[i] - value[n / 2];
	r->mean = value[n / 2] + sum / (double)n;
	for (uint64_t i = 0; i < n; i++)
		squares += (value[i] - r->mean) * (value[i] - r->mean);
	r->u = sqrt(squares / (double)(n - 1));
	q = (uint64_t)(p->p * (double)n + 0.5);
	if (q > n - 1)
		q = n - 1;
	left = (n - q + 1) / 2; /* 7.7.2, counted from 1 */
	left = left > 0 ? left - 1 : 0;
	for (uint64_t i = 1; i + q < n; i++) /* 7.7.4 */
		if (value[i + q] - value[i] < value[best + q] - value[best])
			best = i;
	r->shortest_lower = value[best];
	r->shortest_upper = value[best + q];
	r->lower = p->shortest ? r->shortest_lower : value[left];
	r->upper = p->shortest ? r->shortest_upper : value[left + q];
	r->trials = n;
	r->seed = p->seed;
}

/* The four numbers whose scatter over batches 7.9.4 watches. */
static void batch_numbers(const struct sense_budget_monte_carlo *r, double number[4])
{
	number[0] = r->mean;
	number[1] = r->u;
	number[2] = r->lower;
	number[3] = r->upper;
}

struct watch {
	double shift[4]; /* the first batch's numbers, so that sums do not cancel */
	double sum[4];
	double squares[4];
};

static bool settled(const struct watch *w, uint64_t batches, double tolerance)
{
	for (int k = 0; k < 4; k++) {
		double h = (double)batches;
		double variance = (w->squares[k] - w->sum[k] * w->sum[k] / h) / (h - 1) / h;

		if (2 * sqrt(variance > 0 ? variance : 0) > tolerance)
			return false;
	}
	return true;
}

static uint64_t batch_size(const struct sense_monte_carlo *p)
{
	double j = ceil(100 / (1 - p->p)); /* 7.9.4 b */

	return j > 10000 ? (uint64_t)j : 10000;
}

/*
 * Adaptive procedure (7.9.4). Batches are made several at a time but judged one after another, so
 * the number of trials is the same for any number of threads. It ends at a fifth of the numerical
 * tolerance, which validating the first order asks for (8.2); @converged tells whether the
 * tolerance itself was reached by the last trial there is room for.
 */
static int run_adaptive(const struct sense_monte_carlo *p, double *value, uint64_t room,
			uint64_t *trials, bool *converged)
{
	uint64_t size = batch_size(p), made = 0, judged = 0;
	struct watch *watches = calloc(p->output_count, sizeof(*watches));
	double *copy = malloc(size * sizeof(*copy));
	int error = watches && copy ? 0 :
				      sense_fail(ENOMEM, p->where, NULL,
						 "there is no memory for Monte Carlo");

	*converged = false;
	while (!error && (judged + 1) * size <= room) {
		uint64_t h = judged + 1;
		bool enough = h >= 2, all = enough;

		if (made == judged) {
			uint64_t more = made == 0 ? 4 : made < 20 ? 8 : made / 4;

			if ((made + more) * size > room)
				more = room / size - made;
			error = run_trials(p, value, room, made * size, more * size);
			if (error)
				break;
			made += more;
		}
		for (unsigned int o = 0; o < p->output_count; o++) {
			struct watch *w = &watches[o];
			struct sense_budget_monte_carlo r;
			double number[4], mean_u, tolerance;

			memcpy(copy, value + o * room + judged * size, size * sizeof(*copy));
			summarise(p, copy, size, &r);
			batch_numbers(&r, number);
			for (int k = 0; k < 4; k++) {
				if (h == 1)
					w->shift[k] = number[k];
				w->sum[k] += number[k] - w->shift[k];
				w->squares[k] +=
					(number[k] - w->shift[k]) * (number[k] - w->shift[k]);
			}
			mean_u = w->shift[1] + w->sum[1] / (double)h;
			tolerance = sense_gum_tolerance(mean_u, p->digits);
			enough = enough && settled(w, h, tolerance);
			all = all && settled(w, h, tolerance / 5);
		}
		judged = h;
		*converged = enough;
		if (all)
			break;
	}
	*trials = judged * size;
	free(watches);
	free(copy);
	return error;
}

int sense_monte_carlo_run(const struct sense_monte_carlo *p,
			  struct sense_budget_monte_carlo *results)
{
	bool adaptive = p->trials == SENSE_BUDGET_ADAPTIVE;
	bool converged = true;
	uint64_t trials = p->trials, room;
	double *value;
	int error;

	if (p->output_count == 0 || p->output_count > 256)
		return sense_fail(EINVAL, p->where, "name fewer outputs",
				  "Monte Carlo takes 1 to 256 outputs");
	if (!adaptive && (trials < 100 || trials > SENSE_MONTE_CARLO_MAX / p->output_count))
		return sense_fail(EINVAL, p->where,
				  "GUM-S1 7.2 suggests 10000 / (1 - p), thus 200000 for 95 %",
				  "%llu Monte Carlo trials are not from 100 to %llu",
				  (unsigned long long)trials,
				  (unsigned long long)SENSE_MONTE_CARLO_MAX / p->output_count);
	room = adaptive ? SENSE_MONTE_CARLO_ADAPTIVE_MAX : trials;
	if (adaptive && room * p->output_count > SENSE_MONTE_CARLO_MAX)
		room = SENSE_MONTE_CARLO_MAX / p->output_count;
	if (adaptive && room < 2 * batch_size(p))
		return sense_fail(EINVAL, p->where, "use a smaller p or a fixed number of trials",
				  "the coverage probability %.9g needs too many Monte Carlo trials",
				  p->p);
	value = malloc(room * p->output_count * sizeof(*value));
	if (!value)
		return sense_fail(ENOMEM, p->where, "use fewer trials",
				  "there is no memory for %llu Monte Carlo trials",
				  (unsigned long long)room);
	error = adaptive ? run_adaptive(p, value, room, &trials, &converged) :
			   run_trials(p, value, room, 0, trials);
	for (unsigned int o = 0; o < p->output_count && !error; o++) {
		summarise(p, value + o * room, trials, &results[o]);
		results[o].converged = converged;
	}
	free(value);
	return error;
}
