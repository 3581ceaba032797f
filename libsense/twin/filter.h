/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * filter.h - the Kalman filter of a system, for intervals that were discretised at set-up.
 *
 * The per-step functions use only + - * / in source order: the same numbers give the same bits.
 * Kalman, J. Basic Eng. 82 (1960) 35; measurements one after another (their noises are
 * independent), Bierman, Factorization Methods (1977), chapter II.
 */
#ifndef SENSE_TWIN_FILTER_H
#define SENSE_TWIN_FILTER_H

#include "twin/system.h"

#define TWIN_MAX_DELAY 64 /* whole intervals */

struct twin_state {
	double x[TWIN_MAX_STATES];
	double p[TWIN_MAX_STATES * TWIN_MAX_STATES];
	/* Inputs of the intervals past, newest first; as many as the delay needs. */
	double input[(TWIN_MAX_DELAY + 2) * TWIN_MAX_INPUTS];
};

struct twin_filter {
	const struct twin_system *system;
	const struct twin_interval *interval; /* borrowed table */
	int delay; /* whole intervals */
};

/* State before anything was measured but y, u of the first sample. */
void twin_filter_start(const struct twin_filter *filter, struct twin_state *state, const double *y,
		       const double *u);

/* Over interval @index with input @u held. @covariance 0: the state alone. */
void twin_filter_predict(const struct twin_filter *filter, struct twin_state *state, int index,
			 const double *u, int covariance);

/*
 * Take in @y, one value per output; NaN is not measured and skipped. @e and @s (may be NULL) get
 * innovation and its variance, given the outputs before it; NaN where skipped.
 */
void twin_filter_correct(const struct twin_filter *filter, struct twin_state *state,
			 const double *y, double *e, double *s);

/* C x, and C P C' without the readout's noise. */
double twin_filter_output(const struct twin_filter *filter, const struct twin_state *state,
			  int output);
double twin_filter_variance(const struct twin_filter *filter, const struct twin_state *state,
			    int output);

#endif
