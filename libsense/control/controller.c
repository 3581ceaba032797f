// SPDX-License-Identifier: LGPL-2.1-or-later
#include "control/controller.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/error.h"

#define SMOOTH_TIME	2.0	/* s, of the innovation */
#define QUICK_TIME	3.0	/* s, the ambient's movement: this filter against the next */
#define LATE_TIME	60.0
#define BUMP_TIME	30.0	/* s */
#define RATIO_TIME	60.0

/*
 * Both by random search on simulated plants of the lab bath's scaling rule (16 uniform, 16 vertices),
 * over settling, ambient step, door and a load that stays; judged on other seeds.
 */
void sense_controller_tuning_robust(struct sense_controller_tuning *tuning)
{
	*tuning = (struct sense_controller_tuning){
		.tau = 41.5, .tau_fast = 0.42,
		.heat_slow = 5.4e-4, .heat_medium = 5e-3, .heat_fast = 1.45,
		.air_slow = 1.76e-7, .air_fast = 3e-5, .memory_fast = 25,
		.threshold = 6, .ambient_threshold = 0.142,
		.hold_fast = 88, .fade_fast = 5.2, .hold_medium = 81, .fade_medium = 30,
		.ambient_time = 6.9, .error_limit = 1.76,
	};
}

void sense_controller_tuning_identified(struct sense_controller_tuning *tuning)
{
	*tuning = (struct sense_controller_tuning){
		.tau = 20, .tau_fast = 0.5,
		.heat_slow = 1.5e-4, .heat_medium = 4e-3, .heat_fast = 0.4,
		.air_slow = 4e-9, .air_fast = 3.5e-6, .memory_fast = 60,
		.threshold = 5.2, .ambient_threshold = 0.1,
		.hold_fast = 60, .fade_fast = 3, .hold_medium = 300, .fade_medium = 20,
		.ambient_time = 2, .error_limit = 0.45,
	};
}

/* Share by which a first-order filter of a time constant moves in one period. */
static double share(double period, double time)
{
	return time > 0 ? 1 - exp(-period / time) : 1;
}

static int tuning_check(const struct sense_controller_tuning *t)
{
	const double positive[] = { t->tau, t->tau_fast, t->heat_slow, t->heat_medium, t->heat_fast,
				    t->memory_fast, t->threshold, t->ambient_threshold, t->error_limit };
	const double more[] = { t->air_slow, t->air_fast, t->hold_fast, t->fade_fast,
				t->hold_medium, t->fade_medium, t->ambient_time };

	for (unsigned int i = 0; i < sizeof(positive) / sizeof(*positive); i++)
		if (!(positive[i] > 0) || !isfinite(positive[i]))
			return sense_fail(EINVAL, "controller", "start from a prepared tuning",
					  "a tuning value is %g and must be above 0", positive[i]);
	for (unsigned int i = 0; i < sizeof(more) / sizeof(*more); i++)
		if (!(more[i] >= 0) || !isfinite(more[i]))
			return sense_fail(EINVAL, "controller", "start from a prepared tuning",
					  "a tuning value is %g and must not be below 0", more[i]);
	return 0;
}

struct sense_controller *sense_controller_new(const struct sense_chamber *chamber,
					      const struct sense_controller_tuning *tuning,
					      double period)
{
	struct sense_controller *c = calloc(1, sizeof(*c));

	if (!c)
		return sense_fail_null(ENOMEM, "controller", NULL, "no memory for a controller");
	if (tuning)
		c->t = *tuning;
	else
		sense_controller_tuning_robust(&c->t);
	if (tuning_check(&c->t) || observer_init(&c->o, chamber, period)) {
		free(c);
		return NULL;
	}
	c->gain[SPEED_SLOW] = observer_design(chamber, period, INFINITY, c->t.heat_slow,
					      c->t.air_slow, &c->deviation);
	c->gain[SPEED_MEDIUM] = observer_design(chamber, period, INFINITY, c->t.heat_medium,
						c->t.air_slow, NULL);
	c->gain[SPEED_FAST] = observer_design(chamber, period, c->t.memory_fast, c->t.heat_fast,
					      c->t.air_fast, NULL);
	c->smooth = share(period, SMOOTH_TIME);
	c->smooth_deviation = c->deviation * sqrt(c->smooth / (2 - c->smooth));
	c->ambient_gain = share(period, c->t.ambient_time);
	c->ambient_quick = share(period, QUICK_TIME);
	c->ambient_late = share(period, LATE_TIME);
	c->forget = share(period, c->t.memory_fast);
	c->bump_keep = 1 - share(period, BUMP_TIME);
	c->ratio_gain = share(period, RATIO_TIME);
	sense_controller_start(c, 25, 25, 0);
	c->target = c->set_point = 25;
	return c;
}

void sense_controller_free(struct sense_controller *controller)
{
	free(controller);
}

int sense_controller_start(struct sense_controller *c, double measured, double ambient,
			   double current)
{
	if (!isfinite(measured) || !isfinite(ambient) || !isfinite(current))
		return sense_fail(EINVAL, "controller", "wait for a valid measurement",
				  "cannot start from %g degC, ambient %g degC and %g A", measured,
				  ambient, current);
	observer_start(&c->o, measured, ambient, current);
	c->manual = c->before = c->o.current;
	c->fast = c->slow = ambient;
	c->innovation = 0;
	c->rest = c->o.heat;
	c->ratio = 1;
	c->fast_left = c->medium_left = c->rest_left = c->since_turn = 0;
	c->turns = 0;
	c->turn_sign = 0;
	c->bump = 0;
	c->bump_due = 0;
	return 0;
}

static double clamp(double x, double limit)
{
	return x > limit ? limit : x < -limit ? -limit : x;
}

/* What a hold that has @left s gives when its last @fade s fade. */
static double weight(double left, double fade)
{
	return left <= 0 ? 0 : left >= fade ? 1 : left / fade;
}

/* Fast when the innovation says so, unless the plant only oscillates. */
static void judge_innovation(struct sense_controller *c, double innovation)
{
	double period = c->o.period, limit = c->t.threshold * c->smooth_deviation;
	int sign;

	c->innovation += c->smooth * (innovation - c->innovation);
	c->fast_left -= period;
	c->rest_left -= period;
	c->since_turn += period;
	if (c->since_turn > GUARD_WHILE)
		c->turns = 0;
	sign = c->innovation > limit ? 1 : c->innovation < -limit ? -1 : 0;
	if (!sign)
		return;
	if (sign != c->turn_sign) {
		c->turns++;
		c->turn_sign = sign;
		c->since_turn = 0;
	}
	if (c->turns >= GUARD_TURNS) {
		c->turns = 0;
		c->rest_left = GUARD_REST;
	}
	c->fast_left = c->rest_left > 0 ? 0 : c->t.hold_fast;
}

static void judge_ambient(struct sense_controller *c, double ambient)
{
	c->medium_left -= c->o.period;
	if (ambient != ambient)
		return;
	c->o.ambient += c->ambient_gain * (ambient - c->o.ambient);
	c->fast += c->ambient_quick * (ambient - c->fast);
	c->slow += c->ambient_late * (ambient - c->slow);
	if (fabs(c->fast - c->slow) > c->t.ambient_threshold)
		c->medium_left = c->t.hold_medium;
}

static double between(double a, double b, double weight)
{
	return a + weight * (b - a);
}

static struct observer_gain mix(const struct observer_gain *a, const struct observer_gain *b,
				double weight)
{
	return (struct observer_gain){ between(a->air, b->air, weight),
				       between(a->wall, b->wall, weight),
				       between(a->sensor, b->sensor, weight),
				       between(a->heat, b->heat, weight) };
}

/* The set point one period on; returns its rate, K/s. */
static double move_set_point(struct sense_controller *c)
{
	double move = c->rate * c->o.period, gap = c->target - c->set_point;

	if (c->rate > 0 && fabs(gap) > move) {
		c->set_point += gap > 0 ? move : -move;
		return gap > 0 ? c->rate : -c->rate;
	}
	c->set_point = c->target;
	return 0;
}

/* The current that lets the air approach the set point with time constant tau. */
static double law(struct sense_controller *c, const struct chamber_state *x, double tau,
		  double rate, int *saturated)
{
	const struct sense_chamber *p = &c->o.p;
	double error = clamp(x->air - c->set_point, c->t.error_limit);
	double heat = p->c_air * (rate - error / tau) -
		      chamber_passive_heat(p, x->air, x->wall, c->o.ambient) - c->o.heat;
	double current = chamber_current_for(p, x->air, x->sink, heat);

	*saturated = current >= p->current_max || current <= p->current_min;
	return current;
}

void sense_controller_step(struct sense_controller *c, double measured, double ambient,
			   struct sense_controller_output *out)
{
	double innovation, fast, medium, rate, current, present = c->o.current;
	struct observer_gain gain;
	struct chamber_state x;
	int saturated = 0;

	judge_ambient(c, ambient);
	innovation = observer_advance(&c->o, measured);
	judge_innovation(c, innovation);
	fast = weight(c->fast_left, c->t.fade_fast);
	medium = weight(c->medium_left, c->t.fade_medium);
	/* What an event brings, it takes away again; what was there before it stays. */
	if (fast > 0)
		c->o.heat += fast * c->forget * (c->rest - c->o.heat);
	else
		c->rest = c->o.heat;
	gain = mix(&c->gain[SPEED_SLOW], &c->gain[SPEED_MEDIUM], medium);
	gain = mix(&gain, &c->gain[SPEED_FAST], fast);
	if (measured == measured) {
		double z = innovation / c->deviation;

		observer_correct(&c->o, &gain, innovation);
		c->ratio += c->ratio_gain * (z * z - c->ratio);
	}
	x = observer_predict(&c->o);
	rate = move_set_point(c);
	if (c->mode == SENSE_CONTROLLER_AUTO) {
		current = law(c, &x, c->t.tau * between(1, c->t.tau_fast, fast), rate, &saturated);
		if (c->bump_due)
			c->bump = present - current;
		c->bump_due = 0;
		current += c->bump;
		c->bump *= c->bump_keep;
	} else {
		current = c->manual;
	}
	if (current > c->o.p.current_max)
		current = c->o.p.current_max;
	else if (current < c->o.p.current_min)
		current = c->o.p.current_min;
	c->before = present;
	observer_push(&c->o, current);
	*out = (struct sense_controller_output){
		.current = current,
		.air = c->o.x.air,
		.predicted = x.air,
		.set_point = c->set_point,
		.innovation = innovation,
		.innovation_ratio = c->ratio,
		.heat = c->o.heat,
		.speed = between(medium, 2, fast),
		.saturated = saturated,
		.guarded = c->rest_left > 0,
	};
}

void sense_controller_applied(struct sense_controller *c, double current)
{
	struct observer *o = &c->o;

	/* Undo the period that the step foresaw, then foresee the other. */
	o->current = c->before;
	o->head = (o->head + OBSERVER_HISTORY - o->slots) % OBSERVER_HISTORY;
	observer_push(o, current);
}

int sense_controller_set_point(struct sense_controller *c, double target, double rate)
{
	if (!isfinite(target) || !(rate >= 0) || !isfinite(rate))
		return sense_fail(EINVAL, "controller", "a temperature in degC, a rate of 0 or more",
				  "set point %g degC at %g K/s is none", target, rate);
	c->target = target;
	c->rate = rate;
	return 0;
}

double sense_controller_get_set_point(const struct sense_controller *c)
{
	return c->set_point;
}

int sense_controller_set_mode(struct sense_controller *c, enum sense_controller_mode mode)
{
	if (mode == c->mode)
		return 0;
	if (mode == SENSE_CONTROLLER_MANUAL)
		c->manual = c->o.current;
	else if (mode == SENSE_CONTROLLER_AUTO)
		c->bump_due = 1;
	else
		return sense_fail(EINVAL, "controller", NULL, "mode %d is none", (int)mode);
	c->bump = 0;
	c->mode = mode;
	return 0;
}

enum sense_controller_mode sense_controller_get_mode(const struct sense_controller *c)
{
	return c->mode;
}

int sense_controller_set_manual(struct sense_controller *c, double current)
{
	if (!isfinite(current))
		return sense_fail(EINVAL, "controller", NULL, "%g A is no current", current);
	c->manual = current;
	return 0;
}

int sense_controller_adopt(struct sense_controller *c, const struct sense_controller *from)
{
	struct chamber_state x = from->o.x;

	if (c->o.period != from->o.period)
		return sense_fail(EINVAL, "controller", "the same period",
				  "a controller of period %g s cannot take over from one of %g s",
				  c->o.period, from->o.period);
	sense_controller_start(c, x.air, from->o.ambient, from->o.current);
	c->o.x.sensor = x.sensor;
	for (unsigned int i = 0; i < OBSERVER_HISTORY; i++)
		c->o.history[i] = from->o.history[i];
	c->o.head = from->o.head;
	c->fast = from->fast;
	c->slow = from->slow;
	c->target = from->target;
	c->rate = from->rate;
	c->set_point = from->set_point;
	c->mode = from->mode;
	c->manual = from->manual;
	c->bump_due = c->mode == SENSE_CONTROLLER_AUTO;
	return 0;
}
