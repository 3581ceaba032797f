// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include <sense/pid.h>

#include "base/error.h"
#include "control/observer.h"

#define AMBIENT_TIME 20.0	/* s, of the ambient reading's filter: as the robust controller's */

struct sense_pid {
	struct observer model;	/* runs open loop on the measured air: wall and sink for feed-forward */
	struct sense_pid_tuning t;
	double ambient_gain, derivative_gain;
	double target, integral;	/* degC, W */
	double filtered, current;
};

void sense_pid_tuning_simc(struct sense_pid_tuning *tuning, const struct sense_chamber *p,
			   double period)
{
	double delay = p->delay + period / 2;
	double series_gain = p->c_air / (2 * delay), series_integral = 8 * delay;
	double ratio = 1 + p->lag / series_integral;

	/* From the series form, in which SIMC speaks, to the parallel one. */
	tuning->gain = series_gain * ratio;
	tuning->integral = series_integral * ratio;
	tuning->derivative = p->lag / ratio;
	tuning->filter = tuning->derivative / 5;
}

struct sense_pid *sense_pid_new(const struct sense_chamber *chamber,
				const struct sense_pid_tuning *tuning, double period)
{
	struct sense_pid *pid;

	if (!(tuning->gain > 0) || !(tuning->integral > 0) || !(tuning->derivative >= 0) ||
	    !(tuning->filter >= 0) || !isfinite(tuning->gain + tuning->derivative + tuning->filter))
		return sense_fail_null(EINVAL, "pid", "gain and integral time above 0",
				       "gain %g W/K, integral %g s, derivative %g s are no tuning",
				       tuning->gain, tuning->integral, tuning->derivative);
	pid = calloc(1, sizeof(*pid));
	if (!pid)
		return sense_fail_null(ENOMEM, "pid", NULL, "no memory for a controller");
	pid->t = *tuning;
	if (observer_init(&pid->model, chamber, period)) {
		free(pid);
		return NULL;
	}
	pid->ambient_gain = 1 - exp(-period / AMBIENT_TIME);
	pid->derivative_gain = tuning->filter > 0 ? 1 - exp(-period / tuning->filter) : 1;
	sense_pid_start(pid, 25, 25, 0);
	pid->target = 25;
	return pid;
}

void sense_pid_free(struct sense_pid *pid)
{
	free(pid);
}

/* Heat that the passive parts ask of the module, W. */
static double forward(const struct sense_pid *pid)
{
	const struct observer *m = &pid->model;

	return -chamber_passive_heat(&m->p, pid->target, m->x.wall, m->ambient);
}

int sense_pid_start(struct sense_pid *pid, double measured, double ambient, double current)
{
	if (!isfinite(measured) || !isfinite(ambient) || !isfinite(current))
		return sense_fail(EINVAL, "pid", "wait for a valid measurement",
				  "cannot start from %g degC, ambient %g degC and %g A", measured,
				  ambient, current);
	observer_start(&pid->model, measured, ambient, current);
	pid->target = pid->filtered = measured;
	pid->current = current;
	pid->integral = chamber_module_heat(&pid->model.p, measured, pid->model.x.sink, current) -
			forward(pid);
	return 0;
}

int sense_pid_set_point(struct sense_pid *pid, double target)
{
	if (!isfinite(target))
		return sense_fail(EINVAL, "pid", "a temperature in degC", "set point %g is none",
				  target);
	pid->target = target;
	return 0;
}

double sense_pid_step(struct sense_pid *pid, double measured, double ambient)
{
	struct observer *m = &pid->model;
	const struct sense_pid_tuning *t = &pid->t;
	double error, slope, heat, asked, given;

	if (ambient == ambient)
		m->ambient += pid->ambient_gain * (ambient - m->ambient);
	if (measured != measured) {
		observer_advance(m, NAN);
		observer_push(m, pid->current);
		return pid->current;
	}
	observer_advance(m, measured);
	m->x.air = measured;
	slope = pid->filtered;
	pid->filtered += pid->derivative_gain * (measured - pid->filtered);
	slope = (pid->filtered - slope) / m->period;
	error = pid->target - measured;
	asked = t->gain * (error - t->derivative * slope) + pid->integral + forward(pid);
	pid->current = chamber_current_for(&m->p, measured, m->x.sink, asked);
	given = chamber_module_heat(&m->p, measured, m->x.sink, pid->current);
	/* The integral waits while the output cannot follow and it would only ask for more. */
	heat = t->gain * error * m->period / t->integral;
	if (fabs(asked - given) < 1e-6 * (1 + fabs(asked)) || (asked > given) != (heat > 0))
		pid->integral += heat;
	observer_push(m, pid->current);
	return pid->current;
}
