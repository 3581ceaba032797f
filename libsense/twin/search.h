/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * search.h - parameters that make the innovations likely.
 *
 * Minimises  sum (ln S + e^2 / S) / 2  over the innovations e and their variances S (Ljung, System
 * Identification, 2nd ed. 1999, 7.2 and 7.4), plus, where a horizon is set, a share for the squared
 * errors of the prediction that many rows ahead with the input held, by Fisher scoring with
 * Levenberg-Marquardt's damping (same book, 10.2).
 */
#ifndef SENSE_TWIN_SEARCH_H
#define SENSE_TWIN_SEARCH_H

#include "twin/evaluate.h"
#include "twin/structure.h"

struct twin_criterion {
	int skip; /* first rows, while the state settles */
	int horizon;
	double weight; /* of the horizon's share; 1: each independent error counts as one row */
	int iterations; /* at most */
};

/* 0 or -EINTR, which ends the search. */
typedef int (*twin_search_progress)(void *context, int iteration, double criterion);

struct twin_fit {
	double criterion;
	double likelihood; /* sum (ln S + e^2 / S) / 2, from skip on */
	int rows, iterations, converged;
	/* Of the searched coordinates (ln value where positive), fitted ones only; row-major. */
	int free;
	int which[TWIN_MAX_PARAMETERS];
	double covariance[TWIN_MAX_PARAMETERS * TWIN_MAX_PARAMETERS];
	int singular; /* the data do not tell some parameter */
};

/* @theta: start, overwritten by the best found. 0, or -errno. */
int twin_search(const struct twin_structure *structure, double *theta, const struct twin_data *data,
		const struct twin_criterion *criterion, twin_search_progress progress,
		void *context, struct twin_fit *fit);

/* -log likelihood of rows [from, to) when the filter runs from row 0. NAN when it cannot. */
double twin_likelihood(const struct twin_structure *structure, const double *theta,
		       const struct twin_data *data, int from, int to);

#endif
