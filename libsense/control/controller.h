/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * control/controller.h - the deviation controller's inside.
 */
#ifndef SENSE_CONTROL_CONTROLLER_H
#define SENSE_CONTROL_CONTROLLER_H

#include <sense/controller.h>

#include "control/observer.h"

enum { SPEED_SLOW, SPEED_MEDIUM, SPEED_FAST, SPEEDS };

/*
 * Withholds fast from a plant that oscillates under it: so many changes of sign of the smoothed
 * innovation beyond the threshold, none later than a while after the one before, are no event.
 */
#define GUARD_TURNS	6	/* a door makes two or three */
#define GUARD_WHILE	200.0	/* s */
#define GUARD_REST	1800.0	/* s without fast */

struct sense_controller {
	struct observer o;
	struct sense_controller_tuning t;
	struct observer_gain gain[SPEEDS];
	double deviation;	/* K, standard deviation of the innovation at rest */
	double smooth, smooth_deviation;	/* of the smoothed innovation: factor, K */
	double forget;		/* share of an event's heat that fast forgets per period */
	double ambient_gain, ambient_quick, ambient_late, bump_keep, ratio_gain;
	/* state */
	enum sense_controller_mode mode;
	double manual;		/* A */
	double before;		/* A, where the current stood before the last step */
	double target, rate, set_point;
	double innovation;	/* K, smoothed */
	double ratio;
	double rest;		/* W, the unknown heat before the event */
	double fast, slow;	/* degC, ambient by a fast and a slow filter */
	double fast_left, medium_left;	/* s */
	double bump;		/* A, added to the law's output, fading */
	int bump_due;		/* the law's next output is to equal the present current */
	int turn_sign;
	unsigned int turns;
	double since_turn, rest_left;	/* s */
};

#endif
