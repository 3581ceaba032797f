/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * system.h - a linear system in continuous time, and the same over one interval.
 *
 *	dx = (F x + B v) dt + dw,  E dw dw' = Q dt,  y = C x + e,  var e = r
 *
 * v are the inputs, held between samples and late by delay_s. A Peltier element's heats stand
 * behind the measured inputs: see peltier below. Matrices are row-major.
 */
#ifndef SENSE_TWIN_SYSTEM_H
#define SENSE_TWIN_SYSTEM_H

#define TWIN_MAX_STATES 16
#define TWIN_MAX_INPUTS 8
#define TWIN_MAX_OUTPUTS 4
/* Inputs, the heats of a Peltier element, and the constant 1. */
#define TWIN_MAX_COLUMNS (TWIN_MAX_INPUTS + 3)

struct twin_system {
	int states, inputs, outputs;
	int columns; /* of B: inputs, +2 with a Peltier element, +1 for the constant */
	double f[TWIN_MAX_STATES * TWIN_MAX_STATES]; /* states x states, 1/s */
	double b[TWIN_MAX_STATES * TWIN_MAX_COLUMNS]; /* states x columns */
	double c[TWIN_MAX_OUTPUTS * TWIN_MAX_STATES];
	double q[TWIN_MAX_STATES * TWIN_MAX_STATES]; /* symmetric, >= 0, per second */
	double r[TWIN_MAX_OUTPUTS];
	double delay_s;
	double curvature[TWIN_MAX_INPUTS]; /* v = u + curvature u^2: of a Peltier current, mostly */

	/* Where the state starts: x = gain u(0) + level y(0), covariance diagonal. */
	double start_input[TWIN_MAX_STATES * TWIN_MAX_INPUTS];
	double start_output[TWIN_MAX_STATES * TWIN_MAX_OUTPUTS];
	double start_offset[TWIN_MAX_STATES];
	double start_variance[TWIN_MAX_STATES];

	/*
	 * Peltier element, -1 for none: with current i = u[peltier_input] two columns behind
	 * the inputs' carry the heats s T i + R i^2 / 2 into its cold face and -s T i + R i^2 / 2 into
	 * its hot one, T the face's temperature in K as estimated when the interval begins.
	 */
	int peltier_input, cold_state, hot_state;
	double seebeck_v_per_k, resistance_ohm;
};

/* Over one interval: x' = phi x + early v(previous) + late v(now) + w, var w = q. */
struct twin_interval {
	double phi[TWIN_MAX_STATES * TWIN_MAX_STATES];
	double early[TWIN_MAX_STATES * TWIN_MAX_COLUMNS];
	double late[TWIN_MAX_STATES * TWIN_MAX_COLUMNS];
	double q[TWIN_MAX_STATES * TWIN_MAX_STATES];
};

/*
 * phi = exp(F t), gamma = int exp(F s) ds B, q = int exp(F s) Q exp(F' s) ds for a time t > 0.
 * Van Loan, IEEE Trans. AC 23 (1978) 395, on a step so short that the series converges at once,
 * then doubled: phi phi, phi gamma + gamma, phi q phi' + q. Any of gamma and q may be NULL.
 */
void twin_discretise(const struct twin_system *system, double t_s, double *phi, double *gamma,
		     double *q);

/*
 * The interval's matrices with the part of the delay that is no whole interval: the held input
 * changes delay_s after the interval began. 0, or -EDOM when the delay's @fraction_s is not within.
 */
int twin_interval_set(const struct twin_system *system, double t_s, double fraction_s,
		      struct twin_interval *interval);

#endif
