// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The deviation controller on simulated plants that it does not know: given the nominal model only,
 * every figure beside its target; and the PID, by SIMC and then by search on the same plants.
 * SENSE_FULL=1: 16 uniform plants, 4 vertices, 100 for limit cycles; else about a tenth.
 */
#include <math.h>
#include <string.h>

#include <sense/controller.h>
#include <sense/pid.h>

#include "../bench/loop-plants.h"
#include "unit.h"

#define MOST 32

static struct sense_chamber chamber;
static struct lab_bath_parameters plants[MOST];
static int count;
static uint64_t seeds[4];

static double step(void *state, double measured, double ambient)
{
	struct sense_controller_output out;

	sense_controller_step(state, measured, ambient, &out);
	return out.current;
}

static void set_point(void *state, double target)
{
	sense_controller_set_point(state, target, 0);
}

static struct figures run(enum scenario k, const struct lab_bath_parameters *plant, uint64_t seed)
{
	struct sense_controller *c = sense_controller_new(&chamber, NULL, 1);
	struct loop loop = { c, step, set_point };
	struct figures f;

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	sense_controller_start(c, start_of(k), 24, 0);
	sense_controller_set_point(c, start_of(k), 0);
	sense_controller_set_mode(c, SENSE_CONTROLLER_AUTO);
	f = run_scenario(k, plant, seed, LAB_BATH_STEP, &loop);
	sense_controller_free(c);
	return f;
}

static double pid_step(void *state, double measured, double ambient)
{
	return sense_pid_step(state, measured, ambient);
}

static void pid_set_point(void *state, double target)
{
	sense_pid_set_point(state, target);
}

static struct figures run_pid(enum scenario k, const struct lab_bath_parameters *plant,
			      uint64_t seed, const struct sense_pid_tuning *tuning)
{
	struct sense_pid *pid = sense_pid_new(&chamber, tuning, 1);
	struct loop loop = { pid, pid_step, pid_set_point };
	struct figures f;

	CU_ASSERT_PTR_NOT_NULL_FATAL(pid);
	sense_pid_start(pid, start_of(k), 24, 0);
	f = run_scenario(k, plant, seed, LAB_BATH_STEP, &loop);
	sense_pid_free(pid);
	return f;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *x, int n)
{
	qsort(x, (size_t)n, sizeof(*x), rising);
	return (x[n / 2] + x[(n - 1) / 2]) / 2;
}

static int full(void)
{
	const char *text = getenv("SENSE_FULL");

	return text && text[0] == '1';
}

static void draw(void)
{
	int uniform = full() ? 16 : 2, vertices = full() ? 4 : 1;

	lab_random_seed(seeds, unit_seed());
	chamber = chamber_of(&lab_bath_nominal);
	for (count = 0; count < uniform + vertices; count++)
		plants[count] = draw_plant(count >= uniform, seeds);
}

static double door_integral, activity;

static void given_the_nominal_model(void)
{
	double rms = 0, max = 0, within = 1, peak = 0, overshoot = 0, back[MOST], integral[MOST];
	double moves[MOST];
	int ambient_back = 0, door_back = 0;

	draw();
	for (int i = 0; i < count; i++) {
		struct figures f;

		for (int k = SETTLE_25; k <= SETTLE_20; k++) {
			f = run((enum scenario)k, &plants[i], lab_random_next(seeds));
			rms = fmax(rms, f.rms);
			max = fmax(max, f.max);
			within = fmin(within, f.within);
			if (k == SETTLE_25)
				moves[i] = f.activity;
		}
		f = run(AMBIENT, &plants[i], lab_random_next(seeds));
		peak = fmax(peak, f.max);
		ambient_back += f.back <= 120;
		f = run(DOOR, &plants[i], lab_random_next(seeds));
		overshoot = fmax(overshoot, f.overshoot);
		door_back += f.back <= 180;
		back[i] = f.back;
		integral[i] = f.integral;
		CU_ASSERT(f.dip < -0.3);	/* the loop answers it a little already */
	}
	door_integral = median(integral, count);
	activity = median(moves, count);
	printf("\n= simulated plants: %d, nominal model; worst of each unless said (target)\n"
	       "= settled: inside 10 mK %.2f %% (100), rms %.2f mK (2), max %.2f mK\n"
	       "= ambient step: peak %.1f mK (20), back in 120 s on %d %% (95)\n"
	       "= door: overshoot %.1f mK (50), back in 180 s on %d %% (90), median %.0f s (120)\n",
	       count, within * 100, rms * 1e3, max * 1e3, peak * 1e3, 100 * ambient_back / count,
	       overshoot * 1e3, 100 * door_back / count, median(back, count));
	CU_ASSERT_EQUAL(within, 1);
	CU_ASSERT(rms <= 0.002);
	CU_ASSERT(peak <= 0.020);
	CU_ASSERT(overshoot <= 0.050);
	if (full()) {	/* shares and medians of three plants say nothing */
		CU_ASSERT(ambient_back >= 0.95 * count);
		CU_ASSERT(door_back >= 0.90 * count);
		CU_ASSERT(median(back, count) <= 120);
	}
}

/* The median door integral of a PID; infinite when a plant is not back within ten minutes. */
static double pid_integral(const struct sense_pid_tuning *tuning, uint64_t seed)
{
	double integral[MOST];

	for (int i = 0; i < count; i++) {
		struct figures f = run_pid(DOOR, &plants[i], seed + (uint64_t)i, tuning);

		integral[i] = f.integral;
	}
	return median(integral, count);
}

static void beside_a_pid(void)
{
	struct sense_pid_tuning simc, best, tried;
	uint64_t seed = lab_random_next(seeds);
	double least, first, moves[MOST], ratio;

	sense_pid_tuning_simc(&simc, &chamber, 1);
	best = simc;
	first = least = pid_integral(&simc, seed);
	for (int round = 0; round < (full() ? 2 : 1); round++)
		for (int i = 0; i < 4; i++)
			for (int up = 0; up < 2; up++)
				for (;;) {
					double *field[] = { &tried.gain, &tried.integral,
							    &tried.derivative, &tried.filter };
					double now;

					tried = best;
					*field[i] *= up ? 1.3 : 1 / 1.3;
					now = pid_integral(&tried, seed);
					if (!(now < 0.995 * least))
						break;
					least = now;
					best = tried;
				}
	for (int i = 0; i < count; i++)
		moves[i] = run_pid(SETTLE_25, &plants[i], seed + 100 + (uint64_t)i, &best).activity;
	ratio = activity / median(moves, count);
	printf("\n= PID, door integral: SIMC %.2f K s, after search %.2f K s; ours is %.2f of it (0.9)\n"
	       "= actuator activity at rest: ours is %.3f of the PID's (0.25)\n",
	       first, least, door_integral / least, ratio);
	CU_ASSERT(ratio <= 0.25);
	/* Not met yet (0.94 to 0.96 seen), so the whole count fails here; a tenth is too few to judge by. */
	CU_ASSERT(door_integral <= 0.9 * least || !full());
}

static void no_limit_cycle(void)
{
	int n = full() ? 100 : 8, cycles = 0;

	for (int i = 0; i < n; i++) {
		struct lab_bath_parameters plant = draw_plant(i % 2, seeds);
		struct figures f = run(DOOR, &plant, lab_random_next(seeds));
		struct figures rest = run(SETTLE_20, &plant, lab_random_next(seeds));

		/* Excited by the door it comes to rest, and rest is quiet. */
		cycles += !(f.back < 900) || rest.swing > 0.5 || rest.max > 0.010;
	}
	printf("\n= limit cycles: %d of %d plants (0)\n", cycles, n);
	CU_ASSERT_EQUAL(cycles, 0);
}

UNIT_TESTS = { UNIT(given_the_nominal_model), UNIT(beside_a_pid), UNIT(no_limit_cycle), UNIT_END };
UNIT_MAIN("loop")
