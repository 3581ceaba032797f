// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/identify.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sense/simulate.h>

#include "base/error.h"
#include "twin/model.h"
#include "twin/residuals.h"
#include "twin/search.h"
#include "twin/series.h"

#define MOST_MODES 3
#define FOLDS 4
/* A further parameter must raise the held-out log likelihood by this much. */
#define WORTH 0.5

/* Fit to the rows before each, judged by those up to the next. */
static const double fold_end[FOLDS + 1] = { 0.4, 0.55, 0.7, 0.85, 1 };

struct job {
	const struct sense_series *series;
	const struct sense_identify_options *options;
	const char *what;
	double begun, share; /* of the whole work */
	struct twin_data train, early[FOLDS]; /* all rows to fit, and growing first parts of them */
	int first, last, skip;
	uint64_t random;
};

/* SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): starts repeat from their seed. */
static double uniform(uint64_t *state)
{
	uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static int tell(struct job *job, double done)
{
	if (job->options->progress &&
	    job->options->progress(job->options->context, job->what, job->begun + job->share * done))
		return sense_fail(EINTR, "identify", NULL, "the identification was stopped");
	return 0;
}

struct search_progress {
	struct job *job;
	unsigned int start, starts;
};

static int search_told(void *context, int iteration, double criterion)
{
	struct search_progress *p = context;

	(void)criterion;
	return tell(p->job, (p->start + fmin(iteration / 40.0, 1)) / p->starts);
}

/* First start from what the data suggest, the others scattered around it. */
static void start_from(struct job *job, const struct twin_structure *s, unsigned int start,
		       double *theta)
{
	double period = (double)job->train.median_ns * 1e-9;
	double span = (double)(job->train.time_ns[job->train.count - 1] - job->train.time_ns[0]) * 1e-9;

	for (int i = 0; i < s->parameters; i++) {
		const struct twin_parameter *p = &s->parameter[i];
		double scatter = start ? 2 * uniform(&job->random) - 1 : 0;
		int mode;

		theta[i] = p->value;
		if (s->kind == TWIN_INNOVATIONS && sscanf(p->name, "tau_%d", &mode) == 1) {
			/* Spread between a few samples and a small part of the run. */
			double low = 5 * period, high = fmax(span / 15, 20 * period);

			theta[i] = low * pow(high / low, s->order > 1 ? (mode - 1.0) / (s->order - 1) :
									0.8);
			theta[i] *= exp(1.2 * scatter);
		} else if (s->kind == TWIN_INNOVATIONS && strncmp(p->name, "gain_", 5) == 0) {
			theta[i] = strcmp(strrchr(p->name, '_'), "_1") == 0 ? 1 + 4 * scatter : 0.1;
		} else if (p->fitted && p->positive) {
			theta[i] *= exp((s->kind == TWIN_INNOVATIONS ? 1 : 0.3) * scatter);
		}
		theta[i] = fmin(fmax(theta[i], p->lower), p->upper);
	}
}

/* Best of several starts. Failed starts do not matter while one succeeds. */
static int fit(struct job *job, const struct twin_structure *s, const struct twin_data *data,
	       const double *also, unsigned int starts, double *theta, struct twin_fit *best)
{
	struct search_progress progress = { .job = job, .starts = starts };
	struct twin_criterion c = { .skip = job->skip, .iterations = 120,
				    .horizon = (int)job->options->multi_step,
				    .weight = job->options->multi_step ? 1 : 0 };
	int code = 0, found = 0;

	for (progress.start = 0; progress.start < starts; progress.start++) {
		double at[TWIN_MAX_PARAMETERS];
		struct twin_fit one;

		if (progress.start == 0 && also)
			memcpy(at, also, sizeof(at));
		else
			start_from(job, s, progress.start, at);
		code = twin_search(s, at, data, &c, search_told, &progress, &one);
		if (code == -EINTR)
			return code;
		if (!code && (!found || one.criterion < best->criterion)) {
			*best = one;
			memcpy(theta, at, sizeof(at));
			found = 1;
		}
	}
	return found ? 0 : code;
}

static void name_columns(const struct job *job, struct twin_structure *s)
{
	memcpy(s->input, job->series->input, sizeof(s->input));
	memcpy(s->output, job->series->output, sizeof(s->output));
}

/* Log likelihood of each part of the rows under a fit to those before it, summed. */
static int held_out(struct job *job, const struct twin_structure *s, double *theta,
		    struct twin_fit *last, double *score)
{
	int code = 0;

	*score = 0;
	for (int i = 0; !code && i < FOLDS; i++) {
		double start[TWIN_MAX_PARAMETERS];
		int end = (int)(fold_end[i + 1] * job->train.count);

		memcpy(start, theta, sizeof(start));
		code = fit(job, s, &job->early[i], i ? start : NULL,
			   i ? 1 : job->options->starts ? job->options->starts : 4, theta, last);
		if (!code)
			*score -= twin_likelihood(s, theta, &job->train, job->early[i].count, end);
	}
	return code;
}

/* Order and curvature by held-out likelihood; @trail gets one line per candidate. */
static int choose(struct job *job, struct twin_structure *chosen, double *start, int *has_start,
		  json_t *trail)
{
	int outputs = (int)job->series->outputs, inputs = (int)job->series->inputs;
	int most = inputs ? MOST_MODES : 0, candidates = 1 + (1 + inputs) * most, tried = 0, code = 0;
	double best = -INFINITY;
	int parameters = 0;

	for (int order = 0; !code && order <= most; order++)
		for (int which = 0; !code && which <= (order ? inputs : 0); which++) {
			unsigned int curved = which ? 1u << (which - 1) : 0;
			struct twin_structure s;
			double theta[TWIN_MAX_PARAMETERS] = { 0 }, score;
			struct twin_fit one;
			char what[80];

			if (twin_structure_innovations(&s, order, inputs, outputs, curved))
				continue;
			snprintf(what, sizeof(what), "order %d%s", order,
				 curved ? " with a curved input" : "");
			job->what = what;
			job->begun = 0.7 * tried / candidates;
			job->share = 0.7 / candidates;
			tried++;
			code = held_out(job, &s, theta, &one, &score);
			if (code == -EINVAL) { /* too few rows for so many parameters */
				code = 0;
				continue;
			}
			if (code)
				break;
			json_array_append_new(
				trail,
				json_pack("{s:i,s:s,s:i,s:f,s:o}", "order", order, "curved",
					  which ? job->series->input[which - 1] : "", "parameters", one.free, "fitted_log_likelihood",
					  -one.likelihood, "held_out_log_likelihood",
					  isfinite(score) ? json_real(score) : json_null()));
			if (isfinite(score) &&
			    score > best + WORTH * (one.free > parameters ? one.free - parameters : 0)) {
				best = score;
				parameters = one.free;
				*chosen = s;
				memcpy(start, theta, sizeof(theta));
				*has_start = 1;
			}
		}
	if (!code && !*has_start)
		code = sense_fail(EDOM, "identify", "give more rows, or other columns",
				  "no structure could be fitted to the data");
	return code;
}

static int read_structure(struct job *job, struct twin_structure *s, json_t **network)
{
	const char *text = job->options->structure;
	int order, end = 0;

	if (sscanf(text, "innovations:%d%n", &order, &end) == 1 && !text[end])
		return twin_structure_innovations(s, order, (int)job->series->inputs,
						  (int)job->series->outputs,
						  job->series->inputs && order > 0);
	if (strncmp(text, "greybox:", 8) == 0) {
		json_error_t error;

		*network = json_load_file(text + 8, JSON_REJECT_DUPLICATES, &error);
		if (!*network)
			return sense_fail(EBADMSG, text + 8,
					  "Documentation/twin.md describes a network's file",
					  "%s: line %d, column %d: %s", text + 8, error.line,
					  error.column, error.text);
		memset(s, 0, sizeof(*s));
		s->inputs = (int)job->series->inputs;
		s->outputs = (int)job->series->outputs;
		name_columns(job, s);
		return model_network(s, *network, text + 8);
	}
	return sense_fail(EINVAL, "structure", "auto, innovations:N or greybox:FILE",
			  "there is no structure '%s'", text);
}

static void set_limits(const struct job *job, struct sense_model *m)
{
	const struct sense_series *s = job->series;

	for (unsigned int j = 0; j < s->outputs + s->inputs; j++) {
		int output = j < s->outputs;
		unsigned int i = output ? j : j - s->outputs, width = output ? s->outputs : s->inputs;
		const double *v = output ? s->y : s->u;
		double low = INFINITY, high = -INFINITY;

		for (int k = job->first; k < job->last; k++) {
			low = fmin(low, v[(unsigned int)k * width + i]);
			high = fmax(high, v[(unsigned int)k * width + i]);
		}
		if (output) {
			m->output_low[i] = low;
			m->output_high[i] = high;
		} else {
			m->input_low[i] = low;
			m->input_high[i] = high;
		}
	}
}

static json_t *report_json(const struct sense_simulate_report *r)
{
	return json_pack("{s:i,s:f,s:f,s:f,s:f,s:f}", "n", (int)r->n, "rms", r->rms, "max", r->max,
			 "bias", r->bias, "within_0.010", r->within, "coverage_95", r->coverage);
}

/* One step ahead over the rows behind the training's, where there are any. */
static void validate(const struct job *job, struct sense_model *m)
{
	struct sense_simulate_options o = { .from = (double)job->last / job->series->count };
	struct sense_simulate_report r;

	if (job->last < (int)job->series->count &&
	    !sense_simulate(m, job->series, 0, &o, &r, NULL, NULL) && r.n)
		json_object_set_new(m->validation, "one_step_after_training", report_json(&r));
}

static int keep(struct job *job, struct sense_model *m, const struct twin_fit *f, json_t *trail)
{
	const struct sense_series *s = job->series;

	m->free = f->free;
	memcpy(m->which, f->which, sizeof(m->which));
	memcpy(m->covariance, f->covariance, sizeof(m->covariance));
	m->period_s = (double)job->train.median_ns * 1e-9;
	set_limits(job, m);
	m->training = json_pack("{s:s,s:i,s:i,s:i,s:f,s:f}", "digest",
				sense_series_get_digest(s, (unsigned int)job->first,
							(unsigned int)job->last),
				"first_row", job->first, "rows", job->last - job->first, "skipped_rows",
				(int)s->skipped, "from", job->options->train_from, "to",
				job->options->train_to);
	m->identification = json_pack(
		"{s:s,s:s,s:i,s:i,s:i,s:i,s:f,s:b,s:b,s:O}", "method",
		job->options->multi_step ? "prediction error, maximum likelihood with multi-step share" :
					   "prediction error, maximum likelihood",
		"structure", job->options->structure ? job->options->structure : "auto", "starts",
		(int)(job->options->starts ? job->options->starts : 4), "seed",
		(int)job->options->seed, "multi_step", (int)job->options->multi_step, "iterations",
		f->iterations, "log_likelihood", -f->likelihood, "converged", f->converged,
		"ill_determined", f->singular, "candidates", trail);
	m->validation = twin_residuals(&m->structure, m->theta, &job->train, job->skip);
	if (!m->training || !m->identification || !m->validation)
		return sense_fail(ENOMEM, "identify", NULL, "no memory for the model's figures");
	return 0;
}

static int run(struct job *job, struct sense_model *m)
{
	const char *structure = job->options->structure;
	double theta[TWIN_MAX_PARAMETERS];
	json_t *trail = json_array();
	struct twin_fit f;
	int has_start = 0, code;

	if (!structure || strcmp(structure, "auto") == 0)
		code = choose(job, &m->structure, theta, &has_start, trail);
	else
		code = read_structure(job, &m->structure, &m->network);
	name_columns(job, &m->structure);
	job->what = "final fit";
	job->begun = has_start ? 0.7 : 0;
	job->share = 1 - job->begun;
	if (!code)
		code = fit(job, &m->structure, &job->train, has_start ? theta : NULL,
			   job->options->starts ? job->options->starts : 4, m->theta, &f);
	if (!code)
		code = keep(job, m, &f, trail);
	if (!code)
		code = model_finish(m, "the fitted model");
	if (!code) {
		validate(job, m);
		code = model_finish(m, "the fitted model");
	}
	json_decref(trail);
	return code;
}

struct sense_model *sense_identify(const struct sense_series *series,
				   const struct sense_identify_options *options)
{
	struct job job = { .series = series, .options = options, .random = options->seed };
	struct sense_model *m;
	int code;

	if (!(options->train_from >= 0 && options->train_from < options->train_to &&
	      options->train_to <= 1))
		return sense_fail_null(EINVAL, "train", "give two fractions such as 0:0.5",
				       "%g:%g is no part of the rows", options->train_from,
				       options->train_to);
	job.first = (int)(options->train_from * series->count);
	job.last = (int)(options->train_to * series->count);
	if (job.last - job.first < 50)
		return sense_fail_null(EINVAL, "train", "give more rows",
				       "%d rows are too few to identify a model from",
				       job.last - job.first);
	/* The state settles first: 30 rows, or as many as a thirtieth of them. */
	job.skip = (job.last - job.first) / 30 > 30 ? (job.last - job.first) / 30 : 10;
	m = calloc(1, sizeof(*m));
	if (!m)
		return sense_fail_null(ENOMEM, "identify", NULL, "no memory for a model");
	code = twin_data_set(&job.train, job.last - job.first, (int)series->inputs,
			     (int)series->outputs, series->time_ns + job.first,
			     series->y + (size_t)job.first * series->outputs,
			     series->u + (size_t)job.first * series->inputs);
	for (int i = 0; !code && i < FOLDS; i++)
		code = twin_data_set(&job.early[i], (int)(fold_end[i] * job.train.count),
				     (int)series->inputs, (int)series->outputs, job.train.time_ns,
				     job.train.y, job.train.u);
	if (!code)
		code = run(&job, m);
	twin_data_release(&job.train);
	for (int i = 0; i < FOLDS; i++)
		twin_data_release(&job.early[i]);
	if (code) {
		sense_model_free(m);
		return NULL;
	}
	return m;
}
