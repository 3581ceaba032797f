// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "bath.h"

static struct lab_bath quiet(double start, double ambient)
{
	struct lab_bath bath;

	lab_bath_init(&bath, &lab_bath_nominal, start, ambient, unit_seed());
	bath.wandering = false;
	return bath;
}

/* By hand: sum of the two balances at zero current, Ts from its own; the data say 12.4 K lift. */
static void settles_without_current(void)
{
	const struct lab_bath_parameters *p = &lab_bath_nominal;
	double wall = 1 / (1 / p->g_air_wall + 1 / p->g_wall_ambient);
	double module = 1 / (1 / p->k + 1 / p->g_sink);
	double lift = p->p0 / (p->g_air_ambient + wall + module);
	struct lab_bath bath = quiet(24, 24);

	lab_bath_run(&bath, 40 * 3600);
	CU_ASSERT_DOUBLE_EQUAL(bath.air - 24, lift, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(lift, 12.4, 0.1);
	CU_ASSERT_DOUBLE_EQUAL(bath.sensor, bath.air, 1e-9);
}

static void steady_current_holds(void)
{
	for (double air = 18; air <= 34; air += 4) {
		struct lab_bath bath = quiet(air, 24);
		double current = 0;

		CU_ASSERT_EQUAL(lab_bath_steady_current(&lab_bath_nominal, air, 24, &current), 0);
		lab_bath_set_current(&bath, current);
		lab_bath_run(&bath, 60 * 3600);
		CU_ASSERT_DOUBLE_EQUAL(bath.air, air, 1e-5);
	}
	double current;
	CU_ASSERT_NOT_EQUAL(lab_bath_steady_current(&lab_bath_nominal, -30, 24, &current), 0);
}

/* Heat in = heat stored, over a run with current, door and an ambient step, checked by trapezoid. */
static void conserves_energy(void)
{
	const struct lab_bath_parameters *p = &lab_bath_nominal;
	struct lab_bath bath = quiet(25, 24);
	double stored, in = 0, before = 0, after;

	stored = -(p->c_air * bath.air + p->c_wall * bath.wall + p->c_sink * bath.sink);
	lab_bath_set_current(&bath, -3);
	for (int i = 0; i < 72000; i++) {
		double electric;

		if (i == 20000)
			lab_bath_step_ambient(&bath, 3, 0);
		lab_bath_run(&bath, LAB_BATH_STEP);
		electric = p->resistance * bath.acting * bath.acting +
			   p->alpha * bath.acting * (bath.air - bath.sink);
		after = p->p0 + electric + p->g_air_ambient * (bath.ambient - bath.air) +
			p->g_wall_ambient * (bath.ambient - bath.wall) +
			p->g_sink * (bath.ambient - bath.sink);
		in += (i ? (before + after) / 2 : after) * LAB_BATH_STEP;
		before = after;
	}
	stored += p->c_air * bath.air + p->c_wall * bath.wall + p->c_sink * bath.sink;
	CU_ASSERT(fabs(stored) > 1000);
	CU_ASSERT_DOUBLE_EQUAL(in, stored, 5);
}

static void waits_for_the_delay(void)
{
	struct lab_bath bath = quiet(24, 24);
	double delay = -1;

	lab_bath_set_current(&bath, 2);
	for (int i = 1; i < 400 && delay < 0; i++) {
		lab_bath_run(&bath, LAB_BATH_STEP);
		if (bath.acting > 0)
			delay = i * LAB_BATH_STEP;
	}
	/* First felt in the step after the delay. */
	CU_ASSERT_DOUBLE_EQUAL(delay, lab_bath_nominal.delay + LAB_BATH_STEP, 1e-9);
	/* A delay that is no whole number of steps shifts the ramp by its fraction. */
	struct lab_bath_parameters p = lab_bath_nominal;
	struct lab_bath odd;

	p.delay = 4.52;
	lab_bath_init(&odd, &p, 24, 24, 1);
	bath = quiet(24, 24);
	lab_bath_set_current(&bath, 2);
	lab_bath_set_current(&odd, 2);
	lab_bath_run(&bath, 5.5);
	lab_bath_run(&odd, 5.5);
	CU_ASSERT_DOUBLE_EQUAL(bath.acting - odd.acting, 0.02 * p.slew, 1e-9);
}

static void obeys_limits_and_slew(void)
{
	struct lab_bath bath = quiet(24, 24);

	lab_bath_set_current(&bath, -9);
	CU_ASSERT_EQUAL(bath.request, -5);
	lab_bath_run(&bath, 2);
	CU_ASSERT_DOUBLE_EQUAL(bath.current, -2, 1e-9);
	lab_bath_run(&bath, 10);
	CU_ASSERT_DOUBLE_EQUAL(bath.current, -5, 1e-9);
	lab_bath_set_current(&bath, 9);
	lab_bath_run(&bath, 10);
	CU_ASSERT_DOUBLE_EQUAL(bath.current, 2, 1e-9);
	CU_ASSERT_NOT_EQUAL(lab_bath_set_current(&bath, NAN), 0);
	CU_ASSERT_EQUAL(bath.request, 2);
}

static void sensor_lags(void)
{
	struct lab_bath_parameters p = lab_bath_nominal;
	struct lab_bath bath;

	/* Air held by a huge mass: the sensor's answer to a step is 1 - exp(-t / lag). */
	p.c_air = 1e12;
	lab_bath_init(&bath, &p, 24, 24, 1);
	bath.wandering = false;
	bath.air = 25;
	lab_bath_run(&bath, p.lag);
	CU_ASSERT_DOUBLE_EQUAL(bath.sensor, 25 - exp(-1), 1e-6);
}

static void door_and_ambient(void)
{
	struct lab_bath bath = quiet(30, 24);
	double current, lowest = 30;

	lab_bath_steady_current(&lab_bath_nominal, 30, 24, &current);
	lab_bath_set_current(&bath, current);
	lab_bath_run(&bath, 60 * 3600);
	lab_bath_open_door(&bath, 10);
	for (int i = 0; i < 60; i++) {
		lab_bath_run(&bath, 1);
		lowest = fmin(lowest, bath.air);
	}
	/* The nominal file: 0.66 K at 30/24 degC for 10 s. */
	CU_ASSERT_DOUBLE_EQUAL(30 - lowest, 0.66, 0.02);
	bath = quiet(25, 24);
	lab_bath_step_ambient(&bath, 5, 60);
	lab_bath_run(&bath, 60);
	CU_ASSERT_DOUBLE_EQUAL(bath.ambient, 24 + 5 * (1 - exp(-1)), 1e-9);
	lab_bath_run(&bath, 600);
	CU_ASSERT_DOUBLE_EQUAL(bath.ambient, 29, 1e-3);
}

static double at_step(double step)
{
	struct lab_bath bath = quiet(23, 24);

	bath.step = step;
	for (int i = 0; i < 600; i++) {
		lab_bath_set_current(&bath, i / 100 % 2 ? 1.5 : -4);
		lab_bath_run(&bath, 10);
	}
	return bath.sensor;
}

/* A quarter of the step moves a run of 100 minutes by less than a tenth of the sensor's quantum. */
static void step_is_small_enough(void)
{
	double fine = at_step(LAB_BATH_STEP / 4), chosen = at_step(LAB_BATH_STEP);
	double coarse = at_step(LAB_BATH_STEP * 2);

	CU_ASSERT(fabs(chosen - fine) < lab_bath_nominal.sensor_quantum / 2);
	CU_ASSERT(fabs(coarse - fine) > fabs(chosen - fine));
	printf("(step %g s errs by %.1e K) ", LAB_BATH_STEP, fabs(chosen - fine));
}

static void same_seed_same_run(void)
{
	struct lab_bath a, b, c;
	double x = 0, y = 0, z = 0;

	lab_bath_init(&a, &lab_bath_nominal, 23, 24, 7);
	lab_bath_init(&b, &lab_bath_nominal, 23, 24, 7);
	lab_bath_init(&c, &lab_bath_nominal, 23, 24, 8);
	for (int i = 0; i < 1000; i++) {
		lab_bath_run(&a, 1);
		/* In other portions, and read more often: the plant must not notice. */
		for (int j = 0; j < 10; j++) {
			lab_bath_run(&b, 0.1);
			if (j < 9)
				lab_bath_measure(&c);
		}
		lab_bath_run(&c, 1);
		x = lab_bath_measure(&a);
		y = lab_bath_measure(&b);
		z = lab_bath_measure(&c);
	}
	CU_ASSERT_EQUAL(x, y);
	CU_ASSERT_EQUAL(a.air, b.air);
	CU_ASSERT_NOT_EQUAL(x, z);
	lab_bath_init(&b, &lab_bath_nominal, 23, 24, 8);
	lab_bath_run(&b, 1000);
	CU_ASSERT_DOUBLE_EQUAL(b.air, c.air, 0);
}

static void noise_is_as_stated(void)
{
	struct lab_bath bath = quiet(24, 24);
	double sum = 0, square = 0, ambient_square = 0, walk = 0;
	const int n = 20000;

	for (int i = 0; i < n; i++) {
		double x = lab_bath_measure(&bath) - bath.sensor;
		double y = lab_bath_measure_ambient(&bath) - bath.ambient;

		/* A whole number of quanta. */
		if (i < 100)
			CU_ASSERT_DOUBLE_EQUAL(remainder(x + bath.sensor, 1e-4), 0, 1e-9);
		sum += x;
		square += x * x;
		ambient_square += y * y;
	}
	/* Within five standard errors: sigma / sqrt(n), sigma / sqrt(2 n). */
	CU_ASSERT_DOUBLE_EQUAL(sum / n, 0, 5 * 0.0036 / sqrt(n));
	CU_ASSERT_DOUBLE_EQUAL(sqrt(square / n), 0.0036, 5 * 0.0036 / sqrt(2 * n));
	CU_ASSERT_DOUBLE_EQUAL(sqrt(ambient_square / n), 0.02, 5 * 0.02 / sqrt(2 * n));
	for (int i = 0; i < 200; i++) {
		lab_bath_init(&bath, &lab_bath_nominal, 24, 24, unit_seed() + (unsigned int)i);
		lab_bath_run(&bath, 900);
		walk += bath.wander * bath.wander;
	}
	/* 0.08 K/sqrt(h) over a quarter of an hour, 200 runs: five standard errors are 25 %. */
	CU_ASSERT_DOUBLE_EQUAL(sqrt(walk / 200), 0.04, 0.01);
}

static void scales_and_draws(void)
{
	struct lab_bath_factors f = { 1.1, 0.9, 1, 1, 1, 0.7, 1.3, 1 };
	struct lab_bath_parameters p = lab_bath_scale(&lab_bath_nominal, &f);
	double lowest = 1e9, highest = 0;

	CU_ASSERT_DOUBLE_EQUAL(p.c_wall, 1.1 * lab_bath_nominal.c_wall, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(p.g_sink, 0.9 * lab_bath_nominal.g_sink, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(p.delay, 0.7 * 4.5, 1e-12);
	CU_ASSERT_EQUAL(p.g_door, lab_bath_nominal.g_door);
	CU_ASSERT_EQUAL(p.sensor_noise, lab_bath_nominal.sensor_noise);
	CU_ASSERT(lab_bath_can_hold(&lab_bath_nominal, 18, 24));
	CU_ASSERT(lab_bath_can_hold(&lab_bath_nominal, 25, 29));
	CU_ASSERT_FALSE(lab_bath_can_hold(&lab_bath_nominal, 5, 24));
	/* Weak modules are mostly redrawn, so it takes many draws to see a weak one. */
	for (unsigned int i = 0; i < 4000; i++) {
		p = lab_bath_draw(&lab_bath_nominal, 0.3, unit_seed() + i);
		CU_ASSERT(lab_bath_can_hold(&p, 18, 24) && lab_bath_can_hold(&p, 25, 29));
		lowest = fmin(lowest, p.alpha);
		highest = fmax(highest, p.alpha);
	}
	CU_ASSERT(lowest >= 0.035 && lowest < 0.042);
	CU_ASSERT(highest <= 0.065 && highest > 0.058);
}

static void faster_than_real_time(void)
{
	struct lab_bath bath;
	clock_t begun = clock();
	double took;

	lab_bath_init(&bath, &lab_bath_nominal, 23, 24, 1);
	lab_bath_run(&bath, 36000);
	took = (double)(clock() - begun) / CLOCKS_PER_SEC;
	printf("(%.0f times real time) ", 36000 / fmax(took, 1e-6));
	CU_ASSERT(took < 36);
}

UNIT_TESTS = { UNIT(settles_without_current), UNIT(steady_current_holds), UNIT(conserves_energy),
	       UNIT(waits_for_the_delay), UNIT(obeys_limits_and_slew), UNIT(sensor_lags),
	       UNIT(door_and_ambient), UNIT(step_is_small_enough), UNIT(same_seed_same_run),
	       UNIT(noise_is_as_stated), UNIT(scales_and_draws), UNIT(faster_than_real_time),
	       UNIT_END };
UNIT_MAIN("bath")
