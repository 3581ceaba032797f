// SPDX-License-Identifier: GPL-2.0-or-later
/* The deviation controller and its PID peer on the simulated bath: what must hold on any plant. */
#include <math.h>
#include <string.h>

#include <sense/controller.h>
#include <sense/pid.h>

#include "bath.h"
#include "control/controller.h"
#include "unit.h"

static struct sense_chamber nominal(void)
{
	const struct lab_bath_parameters *p = &lab_bath_nominal;

	return (struct sense_chamber){
		p->c_air, p->c_wall, p->c_sink, p->g_air_wall, p->g_wall_ambient, p->g_air_ambient,
		p->g_sink, p->p0, p->alpha, p->resistance, p->k, p->delay, p->lag, p->current_min,
		p->current_max, p->slew, p->sensor_noise, p->ambient_noise };
}

static struct sense_controller *made(double start)
{
	struct sense_chamber chamber = nominal();
	struct sense_controller *c = sense_controller_new(&chamber, NULL, 1);

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	sense_controller_start(c, start, 24, 0);
	sense_controller_set_point(c, start, 0);
	sense_controller_set_mode(c, SENSE_CONTROLLER_AUTO);
	return c;
}

static double step(struct sense_controller *c, struct lab_bath *bath,
		   struct sense_controller_output *out)
{
	lab_bath_run(bath, 1);
	sense_controller_step(c, lab_bath_measure(bath), lab_bath_measure_ambient(bath), out);
	lab_bath_set_current(bath, out->current);
	return bath->air + bath->drift;
}

static void holds_the_nominal_bath(void)
{
	struct sense_controller *c = made(23);
	struct sense_controller_output out;
	struct lab_bath bath;
	double worst = 0;

	lab_bath_init(&bath, &lab_bath_nominal, 23, 24, unit_seed());
	sense_controller_set_point(c, 25, 0);
	for (int t = 0; t < 5400; t++) {
		double off = step(c, &bath, &out) - 25;

		if (t >= 3600)
			worst = fmax(worst, fabs(off));
	}
	CU_ASSERT(worst < 0.005);
	CU_ASSERT_DOUBLE_EQUAL(out.air, bath.air + bath.drift, 0.005);
	sense_controller_free(c);
}

/* The same readings give the same bits; a state carried on too. */
static void repeats_bit_by_bit(void)
{
	struct sense_controller *a = made(23), *b = made(23);
	struct sense_controller_output x, y;
	struct lab_bath bath;
	int same = 1;

	lab_bath_init(&bath, &lab_bath_nominal, 23, 24, unit_seed());
	sense_controller_set_point(a, 20, 0.01);
	sense_controller_set_point(b, 20, 0.01);
	for (int t = 0; t < 2000; t++) {
		double measured, ambient;

		lab_bath_run(&bath, 1);
		measured = t % 97 == 5 ? NAN : lab_bath_measure(&bath);
		ambient = lab_bath_measure_ambient(&bath);
		sense_controller_step(a, measured, ambient, &x);
		sense_controller_step(b, measured, ambient, &y);
		same &= memcmp(&x.current, &y.current, sizeof(double)) == 0;
		lab_bath_set_current(&bath, x.current);
		if (t == 1000) {	/* a struct copy is the whole state */
			struct sense_controller copy = *a;

			*b = copy;
		}
	}
	CU_ASSERT(same);
	sense_controller_free(a);
	sense_controller_free(b);
}

/* Neither mode changes nor a new controller move the output by more than a step's noise. */
static void changes_without_a_bump(void)
{
	struct sense_controller *c = made(25), *other;
	struct sense_chamber chamber = nominal();
	struct sense_controller_output out;
	struct lab_bath bath;
	double before;

	lab_bath_init(&bath, &lab_bath_nominal, 25, 24, unit_seed());
	for (int t = 0; t < 3000; t++)
		step(c, &bath, &out);
	before = out.current;
	sense_controller_set_mode(c, SENSE_CONTROLLER_MANUAL);
	step(c, &bath, &out);
	CU_ASSERT_DOUBLE_EQUAL(out.current, before, 1e-12);
	sense_controller_set_manual(c, before - 0.3);
	for (int t = 0; t < 60; t++)
		step(c, &bath, &out);
	CU_ASSERT_DOUBLE_EQUAL(out.current, before - 0.3, 1e-12);
	before = out.current;
	sense_controller_set_mode(c, SENSE_CONTROLLER_AUTO);
	step(c, &bath, &out);
	CU_ASSERT_DOUBLE_EQUAL(out.current, before, 1e-12);
	for (int t = 0; t < 1000; t++)
		step(c, &bath, &out);
	before = out.current;
	chamber.c_air *= 1.2;
	chamber.alpha *= 0.9;
	other = sense_controller_new(&chamber, NULL, 1);
	CU_ASSERT_EQUAL(sense_controller_adopt(other, c), 0);
	step(other, &bath, &out);
	CU_ASSERT_DOUBLE_EQUAL(out.current, before, 1e-9);
	CU_ASSERT_EQUAL(sense_controller_get_set_point(other), 25);
	sense_controller_free(c);
	sense_controller_free(other);
}

/* An hour at the actuator's limit leaves nothing behind: no overshoot when it ends. */
static void does_not_wind_up(void)
{
	struct sense_controller *c = made(25);
	struct sense_controller_output out;
	struct lab_bath bath;
	double most = -INFINITY, least = INFINITY;
	int saturated = 0;

	lab_bath_init(&bath, &lab_bath_nominal, 25, 24, unit_seed());
	sense_controller_set_point(c, 60, 0);	/* out of reach */
	for (int t = 0; t < 3600; t++) {
		step(c, &bath, &out);
		saturated += out.saturated;
		CU_ASSERT_FATAL(out.current >= -5 && out.current <= 2);
	}
	CU_ASSERT(saturated > 1000);
	sense_controller_set_point(c, 25, 0);
	for (int t = 0; t < 7200; t++) {
		double air = step(c, &bath, &out);

		least = fmin(least, air);
		if (t > 6000)
			most = fmax(most, air);
	}
	CU_ASSERT(least > 25 - 0.15);
	CU_ASSERT(most < 25.010);
	sense_controller_free(c);
}

static void follows_a_ramp(void)
{
	struct sense_controller *c = made(25);
	struct sense_controller_output out;
	struct lab_bath bath;
	double worst = 0;

	lab_bath_init(&bath, &lab_bath_nominal, 25, 24, unit_seed());
	for (int t = 0; t < 3000; t++)
		step(c, &bath, &out);
	sense_controller_set_point(c, 27, 0.001);
	for (int t = 0; t < 2400; t++) {
		double air = step(c, &bath, &out);

		if (t > 600 && t < 1900)
			worst = fmax(worst, fabs(air - out.set_point));
	}
	CU_ASSERT_EQUAL(out.set_point, 27);
	CU_ASSERT(worst < 0.020);
	sense_controller_free(c);
}

static void runs_on_without_readings(void)
{
	struct sense_controller *c = made(25);
	struct sense_controller_output out;
	struct lab_bath bath;

	lab_bath_init(&bath, &lab_bath_nominal, 25, 24, unit_seed());
	for (int t = 0; t < 3000; t++)
		step(c, &bath, &out);
	for (int t = 0; t < 60; t++) {
		lab_bath_run(&bath, 1);
		sense_controller_step(c, NAN, NAN, &out);
		CU_ASSERT_FATAL(isfinite(out.current));
		lab_bath_set_current(&bath, out.current);
	}
	CU_ASSERT_DOUBLE_EQUAL(bath.air + bath.drift, 25, 0.010);
	sense_controller_free(c);
}

static void pid_holds_too(void)
{
	struct sense_chamber chamber = nominal();
	struct sense_pid_tuning tuning;
	struct sense_pid *pid;
	struct lab_bath bath;
	double worst = 0;

	sense_pid_tuning_simc(&tuning, &chamber, 1);
	pid = sense_pid_new(&chamber, &tuning, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(pid);
	lab_bath_init(&bath, &lab_bath_nominal, 25, 24, unit_seed());
	sense_pid_start(pid, 25, 24, 0);
	for (int t = 0; t < 5400; t++) {
		lab_bath_run(&bath, 1);
		lab_bath_set_current(&bath, sense_pid_step(pid, lab_bath_measure(&bath),
							   lab_bath_measure_ambient(&bath)));
		if (t > 3600)
			worst = fmax(worst, fabs(bath.air + bath.drift - 25));
	}
	CU_ASSERT(worst < 0.030);
	tuning.gain = NAN;
	CU_ASSERT_PTR_NULL(sense_pid_new(&chamber, &tuning, 1));
	sense_pid_free(pid);
}

static void refuses(void)
{
	struct sense_chamber chamber = nominal();
	struct sense_controller *c = made(25);
	double current;

	CU_ASSERT_EQUAL(sense_controller_set_point(c, NAN, 0), -EINVAL);
	CU_ASSERT_EQUAL(sense_controller_set_point(c, 25, -1), -EINVAL);
	CU_ASSERT_EQUAL(sense_controller_set_manual(c, NAN), -EINVAL);
	CU_ASSERT_EQUAL(sense_controller_start(c, NAN, 24, 0), -EINVAL);
	CU_ASSERT_EQUAL(sense_chamber_steady(&chamber, 80, 24, &current), -ERANGE);
	CU_ASSERT_EQUAL(sense_chamber_steady(&chamber, 25, 24, &current), 0);
	CU_ASSERT(current < 0 && current > -5);
	CU_ASSERT_PTR_NULL(sense_controller_new(&chamber, NULL, 0));
	chamber.c_air = -1;
	CU_ASSERT_PTR_NULL(sense_controller_new(&chamber, NULL, 1));
	sense_controller_free(c);
}

UNIT_TESTS = { UNIT(holds_the_nominal_bath), UNIT(repeats_bit_by_bit), UNIT(changes_without_a_bump),
	       UNIT(does_not_wind_up), UNIT(follows_a_ramp), UNIT(runs_on_without_readings),
	       UNIT(pid_holds_too), UNIT(refuses), UNIT_END };
UNIT_MAIN("controller")
