/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * evaluate.h - a system run over data: innovations, their variances, errors at a horizon.
 */
#ifndef SENSE_TWIN_EVALUATE_H
#define SENSE_TWIN_EVALUATE_H

#include <stdint.h>

#include "twin/filter.h"

/* Columns of numbers at rising times; row-major y (count x outputs), u (count x inputs). */
struct twin_data {
	int count, inputs, outputs;
	const int64_t *time_ns;
	const double *y, *u;
	int distinct; /* intervals */
	double *interval_s;
	int *index; /* of the interval that ends with row k; [0] unused */
	int64_t median_ns;
};

/* Find the distinct intervals, those within a thousandth of the median taken as one. */
int twin_data_set(struct twin_data *data, int count, int inputs, int outputs,
		  const int64_t *time_ns, const double *y, const double *u);
void twin_data_release(struct twin_data *data);

struct twin_run {
	int horizon; /* steps; 0: none */
	int known; /* inputs over the horizon are the recorded ones, not held */
	double *e, *s; /* count x outputs: innovation and variance; [0] is NaN */
	double *far; /* count x outputs: error of the prediction made horizon rows before; NaN */
	double *far_s; /* its variance with readout noise; NULL: not asked */
};

/* 0, -EDOM when the system cannot be run over these intervals or grows without bound. */
int twin_evaluate(const struct twin_system *system, const struct twin_data *data,
		  const struct twin_run *run);
/* Predict all rows behind @from with no measurement, inputs known. @far as above. */
int twin_evaluate_free(const struct twin_system *system, const struct twin_data *data, int from,
		       double *far, double *far_s);

#endif
