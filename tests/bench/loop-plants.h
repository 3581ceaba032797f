/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop-plants.h - simulated plants drawn by the lab bath's scaling rule, the scenarios in which a
 * controller is judged on them, and the figures of one run.
 */
#ifndef LOOP_PLANTS_H
#define LOOP_PLANTS_H

#include <stdbool.h>

#include <sense/chamber.h>
#include "bath.h"

enum scenario { SETTLE_25, SETTLE_30, SETTLE_20, AMBIENT, DOOR, LOAD, SCENARIOS };

/* Something that turns a measurement into a current, once per second. */
struct loop {
	void *state;
	double (*step)(void *state, double measured, double ambient);
	void (*set_point)(void *state, double target);
};

/* K and s; over the settled window in the settling scenarios, from the event on in the others. */
struct figures {
	double rms, max, within;
	double back;		/* s after event or door's closing until inside 10 mK for good; or inf */
	double overshoot;	/* K, on the side opposite to the door's */
	double dip;		/* K, the door's own */
	double integral;	/* K s, of |deviation| */
	double activity;	/* A, rms of the change of the asked current per step */
	double swing;		/* A, peak to peak of the asked current, medians of 20 s, at rest */
};

struct sense_chamber chamber_of(const struct lab_bath_parameters *p);
/* Uniform within +-30 %, or (vertex) every factor 0.7 or 1.3; redrawn until it can hold. */
struct lab_bath_parameters draw_plant(bool vertex, uint64_t *random);
double start_of(enum scenario scenario);
struct figures run_scenario(enum scenario scenario, const struct lab_bath_parameters *plant,
			    uint64_t seed, double bath_step, const struct loop *loop);

#endif
