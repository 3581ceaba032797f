/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * control/observer.h - the chamber's state, estimated: the nonlinear model runs on the current that
 * acted, and the measured temperature corrects it. An unknown heat into the air, a random walk,
 * stands for all that the model does not know, so the estimate has no steady error.
 */
#ifndef SENSE_CONTROL_OBSERVER_H
#define SENSE_CONTROL_OBSERVER_H

#include "control/chamber.h"

#define OBSERVER_HISTORY 1024	/* slots of current kept: delay and one period must fit */

/* Gains on air, wall, sensor (K/K) and heat (W/K). */
struct observer_gain {
	double air, wall, sensor, heat;
};

struct observer {
	struct sense_chamber p;
	double period, slot;		/* s */
	unsigned int slots;		/* per period */
	unsigned int steps;		/* of the model per period */
	unsigned int ahead;		/* of the model over the delay */
	struct chamber_state x;
	double heat;			/* W, unknown, into the air */
	double ambient;			/* degC, filtered */
	double current;			/* A, after slew, now */
	double history[OBSERVER_HISTORY];	/* A, mean of each slot; head is the newest */
	unsigned int head;
};

/* 0, -EINVAL when period and delay do not fit the history. */
int observer_init(struct observer *o, const struct sense_chamber *p, double period);
/* Nodes in balance with air, ambient and a current that has flowed for long. */
void observer_start(struct observer *o, double air, double ambient, double current);
/* One period of current towards @request, with range and slew. Returns the current at its end. */
double observer_push(struct observer *o, double request);
/* The model one period on; returns the innovation of @measured, K (0 when it is NaN). */
double observer_advance(struct observer *o, double measured);
void observer_correct(struct observer *o, const struct observer_gain *gain, double innovation);
/* The state when a current sent now begins to act. */
struct chamber_state observer_predict(const struct observer *o);

/*
 * Stationary Kalman gain of the model linearised at rest: @heat W^2/s and @air K^2/s are the
 * variances that unknown heat and air gain per second; the heat fades with @memory s (INFINITY:
 * never). @deviation (may be NULL): of the innovation, K. Set-up only.
 */
struct observer_gain observer_design(const struct sense_chamber *p, double period, double memory,
				     double heat, double air, double *deviation);

#endif
