/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * monte-carlo.h - propagation of distributions: GUM-S1 (JCGM 101:2008) clause 7.
 */
#ifndef SENSE_CALIBRATE_MONTE_CARLO_H
#define SENSE_CALIBRATE_MONTE_CARLO_H

#include <sense/budget.h>

#include "calibrate/distribution.h"
#include "calibrate/expression.h"

/* Something drawn: adds to one input of the equations. */
struct sense_source {
	struct sense_distribution distribution;
	unsigned int input;
	int member; /* row in the correlation factor, or -1 when independent */
	int group; /* of correlated sources with a common t: who shares the chi squared */
};

struct sense_monte_carlo {
	const struct sense_expression *expression;
	const double *z; /* unknowns at the best estimates: where each trial starts */
	const struct sense_source *sources;
	unsigned int source_count;
	const double *factor; /* of the correlation matrix, @members square */
	unsigned int members;
	unsigned int output_count;
	const int *outputs; /* nodes */
	double p;
	bool shortest; /* which interval is lower, upper */
	uint64_t trials; /* or SENSE_BUDGET_ADAPTIVE */
	uint64_t seed;
	unsigned int digits; /* of u that count, for the adaptive tolerance */
	unsigned int threads; /* 0: one per processor */
	const char *where;
};

/* Most trials of an adaptive run, and most values kept (trials times outputs). */
#define SENSE_MONTE_CARLO_ADAPTIVE_MAX 10000000
#define SENSE_MONTE_CARLO_MAX	       100000000

/* One result per output. 0; -EDOM when a trial gives no number, -EINVAL, -ENOMEM; with messages. */
int sense_monte_carlo_run(const struct sense_monte_carlo *problem,
			  struct sense_budget_monte_carlo *results);

#endif
