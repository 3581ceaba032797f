// SPDX-License-Identifier: GPL-2.0-or-later
#include "loop-plants.h"

#include <math.h>
#include <string.h>

#include <sense/deviation.h>

#define BAND		0.010	/* K */
#define AMBIENT_DEGC	24.0
#define EVENT		1800	/* s */
#define DOOR_SECONDS	10

/* The scenarios of the nominal bath's file. */
static const struct {
	double start, target;
	int duration, from;	/* s; figures begin at from */
} scenarios[SCENARIOS] = {
	[SETTLE_25] = { 23, 25, 6600, 4800 },
	[SETTLE_30] = { 23, 30, 6600, 4800 },
	[SETTLE_20] = { 21, 20, 6600, 4800 },
	[AMBIENT] = { 25, 25, 3600, EVENT },
	[DOOR] = { 30, 30, 3600, EVENT },
	/* Not one of the file's: a load that stays, so that no tuning bets on doors alone. */
	[LOAD] = { 25, 25, 3600, EVENT },
};

struct sense_chamber chamber_of(const struct lab_bath_parameters *p)
{
	return (struct sense_chamber){
		.c_air = p->c_air, .c_wall = p->c_wall, .c_sink = p->c_sink,
		.g_air_wall = p->g_air_wall, .g_wall_ambient = p->g_wall_ambient,
		.g_air_ambient = p->g_air_ambient, .g_sink = p->g_sink,
		.p0 = p->p0, .alpha = p->alpha, .resistance = p->resistance, .k = p->k,
		.delay = p->delay, .lag = p->lag,
		.current_min = p->current_min, .current_max = p->current_max, .slew = p->slew,
		.sensor_noise = p->sensor_noise, .ambient_noise = p->ambient_noise,
	};
}

static double factor(bool vertex, uint64_t *random)
{
	double x = (double)(lab_random_next(random) >> 11) * 0x1p-53;

	return vertex ? (x < 0.5 ? 0.7 : 1.3) : 0.7 + 0.6 * x;
}

struct lab_bath_parameters draw_plant(bool vertex, uint64_t *random)
{
	for (;;) {
		double f[8];
		struct lab_bath_factors factors;
		struct lab_bath_parameters p;

		for (int i = 0; i < 8; i++)
			f[i] = factor(vertex, random);
		factors = (struct lab_bath_factors){ f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7] };
		p = lab_bath_scale(&lab_bath_nominal, &factors);
		if (lab_bath_can_hold(&p, 18, 24) && lab_bath_can_hold(&p, 25, 29))
			return p;
	}
}

double start_of(enum scenario scenario)
{
	return scenarios[scenario].start;
}

struct figures run_scenario(enum scenario scenario, const struct lab_bath_parameters *plant,
			    uint64_t seed, double bath_step, const struct loop *loop)
{
	struct lab_bath bath;
	struct sense_deviation deviation, after;
	struct figures f = { .overshoot = 0 };
	double current = 0, last = 0, changes = 0, low = INFINITY, high = -INFINITY, block = 0;
	int steps = 0, blocked = 0;

	lab_bath_init(&bath, plant, scenarios[scenario].start, AMBIENT_DEGC, seed);
	bath.step = bath_step;
	sense_deviation_init(&deviation, BAND);
	sense_deviation_init(&after, BAND);
	for (int t = 0; t < scenarios[scenario].duration; t++) {
		double off;

		if (t == 300 && scenarios[scenario].target != scenarios[scenario].start)
			loop->set_point(loop->state, scenarios[scenario].target);
		if (t == EVENT && scenario == AMBIENT)
			lab_bath_step_ambient(&bath, 5, 60);
		if (t == EVENT && scenario == DOOR)
			lab_bath_open_door(&bath, DOOR_SECONDS);
		if (t == EVENT && scenario == LOAD)
			bath.p.p0 += 5;
		lab_bath_set_current(&bath, current);
		lab_bath_run(&bath, 1);
		current = loop->step(loop->state, lab_bath_measure(&bath),
				     lab_bath_measure_ambient(&bath));
		off = bath.air + bath.drift - scenarios[scenario].target;
		if (t >= scenarios[scenario].from) {
			sense_deviation_add(&deviation, t + 1, off);
			changes += (current - last) * (current - last);
			steps++;
			block += current / 20;
			if (++blocked == 20) {
				low = fmin(low, block);
				high = fmax(high, block);
				block = blocked = 0;
			}
		}
		if (scenario == DOOR && t >= EVENT) {
			f.dip = fmin(f.dip, off);
			if (t >= EVENT + DOOR_SECONDS) {
				sense_deviation_add(&after, t + 1, off);
				f.overshoot = fmax(f.overshoot, off);
			}
		}
		last = current;
	}
	f.rms = sense_deviation_get_rms(&deviation);
	f.max = deviation.max;
	f.within = sense_deviation_get_within(&deviation);
	f.integral = deviation.integral;
	f.back = scenario == DOOR ? sense_deviation_get_settling(&after, EVENT + DOOR_SECONDS) :
				    sense_deviation_get_settling(&deviation, EVENT);
	if (isnan(f.back))
		f.back = INFINITY;
	f.activity = sqrt(changes / steps);
	f.swing = high - low;
	return f;
}
