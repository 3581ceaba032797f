/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * simulate.h - a model judged by data: how far its prediction is from what was measured.
 */
#ifndef SENSE_SIMULATE_H
#define SENSE_SIMULATE_H

#include <sense/api.h>
#include <sense/model.h>
#include <sense/series.h>

SENSE_BEGIN_DECLS

/** What is compared with the measured value of a row. */
enum sense_simulate_mode {
	SENSE_SIMULATE_PREDICTION, /**< made `horizon` rows before from all measured until then */
	SENSE_SIMULATE_FREE_RUN, /**< nothing measured after the first row that is judged */
	SENSE_SIMULATE_OBSERVER, /**< estimate with the row itself taken in */
};

struct sense_simulate_options {
	double from; /**< fraction of the rows that only warm up; judged is the rest */
	enum sense_simulate_mode mode;
	unsigned int horizon; /**< rows ahead; 0: 1 */
	int inputs_known; /**< over the horizon the recorded inputs; else the last known are held */
	double tolerance; /**< for `within`; 0: 0.010 */
};

struct sense_simulate_report {
	unsigned int n; /**< rows judged */
	double rms, max, bias; /**< of measured - simulated, output's unit */
	double within; /**< fraction of |error| <= tolerance */
	double noise; /**< standard deviation of the readout in the model */
	double outside_validity; /**< fraction of rows with a value outside the model's limits */
	double coverage; /**< fraction of |error| <= 1.96 u, readout noise included */
	double mean_u; /**< root mean square of u */
};

/**
 * sense_simulate() - run over the whole series, judge from `from` on.
 * @output: which output is judged
 * @value, @u: if not NULL, one per row: simulated value and its standard uncertainty as a measured
 *	value; NaN before `from` and where nothing was simulated
 *
 * Names of outputs and inputs must be the model's, in any order of inputs. 0, -EINVAL, -EDOM.
 */
SENSE_API int sense_simulate(const struct sense_model *model, const struct sense_series *series,
			     unsigned int output, const struct sense_simulate_options *options,
			     struct sense_simulate_report *report, double *value, double *u);

/**
 * sense_simulate_baseline() - the model-free comparator: a local linear trend (level and slope that
 * walk) whose Kalman filter is tuned to least squared one-step error on the rows before `from`.
 *
 * Harvey, Forecasting, Structural Time Series Models and the Kalman Filter (1989), 2.3. -EINVAL with
 * fewer than 100 rows to tune on.
 */
SENSE_API int sense_simulate_baseline(const struct sense_series *series, unsigned int output,
				      const struct sense_simulate_options *options,
				      struct sense_simulate_report *report);

SENSE_END_DECLS

#endif
