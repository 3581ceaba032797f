// SPDX-License-Identifier: GPL-2.0-or-later
/* sense loop - close a control loop on a simulated plant and report its deviation. */
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sense/chamber.h>
#include <sense/controller.h>
#include <sense/deviation.h>
#include <sense/pid.h>
#include <sense/safety.h>

#include "command.h"
#include "flags.h"
#include "plant.h"
#include "say.h"

enum { KEY_MODEL = 256, KEY_PLANT, KEY_SET_POINT, KEY_CONTROL, KEY_PERIOD, KEY_TUNING, KEY_FROM,
       KEY_START, KEY_DURATION, KEY_SEED };

static const struct flag flags[] = {
	{ KEY_MODEL, "model", "FILE", "parameters of the chamber (JSON), as sense-loop(1) describes" },
	{ KEY_PLANT, "plant", "COMMAND", "the plant; without it the lab's bath, simulated" },
	{ KEY_SET_POINT, "set-point", "T", "degC" },
	{ KEY_CONTROL, "control", "NAME", "auto (the deviation controller) or pid" },
	{ KEY_PERIOD, "period", "S", "control period, s (1)" },
	{ KEY_TUNING, "tuning", "NAME", "robust: nominal model; identified: model of this very plant" },
	{ KEY_FROM, "from", "S", "judge from this time on, s; else from settling on" },
	{ KEY_START, "start", "T", "the lab bath's temperature at the start, degC (23)" },
	{ KEY_DURATION, "duration", "TIME", "of the lab bath's run (2h)" },
	{ KEY_SEED, "seed", "N", "of the lab bath's noise (1)" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "simulate --model FILE --set-point T [OPTION]...",
	.about = "Control a simulated plant, faster than real time, and report how far its true\n"
		 "temperature was from the set point. The plant is a program that prints lines\n"
		 "'t y_measured y_true ambient' (s, degC) and reads a line 'u' (A) after each, until it\n"
		 "ends; y_true may be nan.",
	.flags = flags,
	.notes = "Examples:\n"
		 "  sense loop simulate --model bath.json --set-point 25\n"
		 "  sense loop simulate --model bath.json --plant './chamber --seed 3' --set-point 20 \\\n"
		 "        --control pid --json",
};

#define BAND	0.010	/* K */
#define STAY	300.0	/* s inside the band that make a loop settled */
#define GAP	10.0	/* periods without a reading that a simulated run may have */

struct request {
	const char *model, *plant;
	double set_point, period, from, start, duration;
	uint64_t seed;
	int pid, identified;
};

/* One loop: either controller behind one step. */
struct loop {
	struct sense_chamber chamber;
	struct sense_controller *controller;
	struct sense_pid *pid;
	struct sense_safety safety;
	uint32_t tripped;	/* causes */
	unsigned long guarded, saturated;
};

/* What the run found; deviations in K, times in s from the first reading. */
struct report {
	struct sense_deviation judged, all;
	double entered, settled;	/* NaN: not */
	double left;			/* when it left the band after settling; NaN: inside */
	double recovery;		/* the longest so far */
	int excursions;
	int truth_unknown;
	unsigned long missing;
};

static int parse(struct request *r, int argc, char **argv)
{
	int key, code = 0;

	*r = (struct request){ .set_point = NAN, .period = 1, .from = NAN, .start = 23,
			       .duration = 7200, .seed = 1 };
	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		switch (key) {
		case KEY_MODEL:
			r->model = optarg;
			break;
		case KEY_PLANT:
			r->plant = optarg;
			break;
		case KEY_SET_POINT:
			code = flags_real("set-point", optarg, -273.15, 1000, &r->set_point);
			break;
		case KEY_CONTROL:
			r->pid = strcmp(optarg, "pid") == 0;
			if (!r->pid && strcmp(optarg, "auto") != 0)
				code = say_fail(EXIT_USAGE, "auto or pid", "there is no control '%s'",
						optarg);
			break;
		case KEY_TUNING:
			r->identified = strcmp(optarg, "identified") == 0;
			if (!r->identified && strcmp(optarg, "robust") != 0)
				code = say_fail(EXIT_USAGE, "robust or identified",
						"there is no tuning '%s'", optarg);
			break;
		case KEY_PERIOD:
			code = flags_real("period", optarg, 0.05, 60, &r->period);
			break;
		case KEY_FROM:
			code = flags_real("from", optarg, 0, 1e9, &r->from);
			break;
		case KEY_START:
			code = flags_real("start", optarg, -50, 150, &r->start);
			break;
		case KEY_DURATION:
			code = flags_seconds("duration", optarg, &r->duration);
			break;
		case KEY_SEED:
			code = flags_uint("seed", optarg, 0, UINT64_MAX, &r->seed);
			break;
		}
	}
	if (code)
		return code;
	if (key == FLAGS_STOP)
		return FLAGS_STOP;
	code = flags_operands(&usage, argc, 1, 1);
	if (code)
		return code;
	if (strcmp(argv[optind], "simulate") != 0)
		return say_fail(EXIT_USAGE, "sense loop simulate", "sense loop cannot '%s'",
				argv[optind]);
	if (!r->model)
		return say_fail(EXIT_USAGE, "--model bath.json", "which model the controller uses is missing");
	if (isnan(r->set_point))
		return say_fail(EXIT_USAGE, "--set-point 25", "the set point is missing");
	return 0;
}

static int loop_new(struct loop *loop, const struct request *r)
{
	struct sense_controller_tuning tuning;
	struct sense_pid_tuning simc;
	struct sense_safety_limits limits;

	if (sense_chamber_load(&loop->chamber, r->model))
		return say_library();
	if (r->pid) {
		sense_pid_tuning_simc(&simc, &loop->chamber, r->period);
		loop->pid = sense_pid_new(&loop->chamber, &simc, r->period);
	} else {
		if (r->identified)
			sense_controller_tuning_identified(&tuning);
		else
			sense_controller_tuning_robust(&tuning);
		loop->controller = sense_controller_new(&loop->chamber, &tuning, r->period);
	}
	if (!loop->pid && !loop->controller)
		return say_library();
	sense_safety_limits_init(&limits);
	if (sense_safety_init(&loop->safety, &limits))
		return say_library();
	return 0;
}

static int loop_start(struct loop *loop, const struct request *r, const struct plant_reading *first)
{
	double steady;

	if (sense_chamber_steady(&loop->chamber, r->set_point, first->ambient, &steady))
		return say_library_as(EXIT_NO);
	if (loop->pid ? sense_pid_start(loop->pid, first->measured, first->ambient, 0) ||
				sense_pid_set_point(loop->pid, r->set_point) :
			sense_controller_start(loop->controller, first->measured, first->ambient, 0) ||
				sense_controller_set_point(loop->controller, r->set_point, 0) ||
				sense_controller_set_mode(loop->controller, SENSE_CONTROLLER_AUTO))
		return say_library_as(EXIT_ENVIRONMENT);
	return 0;
}

/* The current for the next period; @age in periods of the newest valid measurement. */
static double loop_step(struct loop *loop, double measured, double ambient, double age,
			double newest)
{
	struct sense_controller_output out = { .innovation_ratio = 1 };
	struct sense_safety_facts facts = { .temperature = newest, .age_periods = age };
	struct sense_event event;

	if (loop->pid) {
		out.current = sense_pid_step(loop->pid, measured, ambient);
	} else {
		sense_controller_step(loop->controller, measured, ambient, &out);
		loop->guarded += out.guarded != 0;
		loop->saturated += out.saturated != 0;
	}
	facts.innovation_ratio = out.innovation_ratio;
	if (!sense_safety_step(&loop->safety, &facts, &event))
		return out.current;
	if (event.type == SENSE_EVENT_SAFETY)
		say_note("safety: %s", event.message);
	loop->tripped = loop->safety.latched;
	if (loop->controller)
		sense_controller_applied(loop->controller, loop->safety.limits.safe_output);
	return loop->safety.limits.safe_output;
}

static void judge(struct report *report, const struct request *r, double time, double off)
{
	int inside = fabs(off) <= BAND;

	sense_deviation_add(&report->all, time, off);
	if (!inside)
		report->entered = NAN;
	else if (isnan(report->entered))
		report->entered = time;
	if (isnan(report->settled)) {
		if (inside && time - report->entered >= STAY)
			report->settled = report->entered;
	} else if (!inside && isnan(report->left)) {
		report->left = time;
		report->excursions++;
	} else if (!isnan(report->left) && inside && time - report->entered >= STAY / 5) {
		report->recovery = fmax(report->recovery, report->entered - report->left);
		report->left = NAN;
	}
	if (isnan(r->from) ? !isnan(report->settled) : time >= r->from)
		sense_deviation_add(&report->judged, time, off);
}

static int run(struct loop *loop, struct plant *plant, const struct request *r,
	       struct report *report)
{
	struct plant_reading at, last = { .time = NAN };
	double begin = NAN, newest = NAN, ambient = NAN, heard = NAN, current = 0;
	int code;

	while ((code = plant_read(plant, &at)) > 0) {
		double truth = isnan(at.truth) ? at.measured : at.truth;
		long gap;

		if (!isfinite(at.time) || at.time <= last.time) {
			plant_write(plant, 0);
			return say_fail(EXIT_ENVIRONMENT, "times must rise",
					"the plant's time %g s does not follow %g s", at.time, last.time);
		}
		if (isnan(last.time)) {
			code = loop_start(loop, r, &at);
			if (code) {
				plant_write(plant, 0);
				return code;
			}
			begin = at.time - r->period;
			last.time = begin;
			newest = at.measured;
		}
		gap = lround((at.time - last.time) / r->period);
		if (gap < 1 || gap > GAP || fabs(at.time - last.time - gap * r->period) > 0.05 * r->period) {
			plant_write(plant, 0);
			return say_fail(EXIT_ENVIRONMENT, "give its step with --period",
					"the plant's times %g s and %g s are no %g s apart", last.time,
					at.time, r->period);
		}
		/* Periods of which nothing was heard: the model runs on. */
		for (; gap > 1; gap--) {
			report->missing++;
			loop_step(loop, NAN, ambient, (at.time - heard) / r->period - gap + 1, newest);
		}
		if (isfinite(at.measured)) {
			newest = at.measured;
			heard = at.time;
		} else {
			report->missing++;
			at.measured = NAN;
		}
		ambient = at.ambient;
		report->truth_unknown |= isnan(at.truth);
		judge(report, r, at.time - begin, truth - r->set_point);
		current = loop_step(loop, at.measured, ambient, (at.time - heard) / r->period, newest);
		code = plant_write(plant, current);
		if (code)
			return -code;
		last = at;
	}
	return -code;
}

static json_t *real(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *figures(const struct sense_deviation *d)
{
	return json_pack("{s:I, s:o, s:o, s:{s:o}, s:o, s:o, s:o}", "n", (json_int_t)d->n, "rms",
			 real(sense_deviation_get_rms(d)), "max", real(d->n ? d->max : NAN),
			 "within", "0.010", real(sense_deviation_get_within(d)), "mean",
			 real(sense_deviation_get_mean(d)), "fluctuation",
			 real(sense_deviation_get_fluctuation(d)), "iae",
			 real(d->n ? d->integral : NAN));
}

static int print(const struct request *r, const struct loop *loop, const struct report *report)
{
	const struct sense_deviation *d = &report->judged;
	double recovery = isnan(report->left) ? report->recovery : NAN;
	json_t *top, *trips;

	if (!say_is_json()) {
		printf("%s, set point %g degC, %s\n", r->pid ? "PID" : "deviation controller",
		       r->set_point, r->plant ? "simulated plant" : "lab bath (simulated)");
		if (isnan(report->settled))
			printf("not settled within %g mK\n", BAND * 1e3);
		else
			printf("settled after %.0f s; longest recovery %.0f s of %d\n", report->settled,
			       recovery, report->excursions);
		if (d->n)
			printf("n %llu  rms %.2f mK  max %.2f mK  inside 10 mK %.2f %%\n"
			       "fluctuation %.2f mK  mean %.2f mK  integral %.3f K s\n",
			       (unsigned long long)d->n, sense_deviation_get_rms(d) * 1e3, d->max * 1e3,
			       sense_deviation_get_within(d) * 100,
			       sense_deviation_get_fluctuation(d) * 1e3,
			       sense_deviation_get_mean(d) * 1e3, d->integral);
		if (report->truth_unknown)
			printf("judged on measured values where the plant gave no true one\n");
		return say_done(stdout, "standard output");
	}
	top = figures(d);
	trips = json_array();
	for (uint32_t i = 0; i < 32; i++)
		if (loop->tripped & 1u << i)
			json_array_append_new(trips, json_string(sense_safety_cause_name(
							     (enum sense_safety_cause)(1u << i))));
	json_object_set_new(top, "controller", json_string(r->pid ? "pid" : "auto"));
	json_object_set_new(top, "set_point", json_real(r->set_point));
	json_object_set_new(top, "settling_s", real(report->settled));
	json_object_set_new(top, "recovery_s",
			    isnan(report->settled) ? json_null() : real(recovery));
	json_object_set_new(top, "excursions", json_integer(report->excursions));
	json_object_set_new(top, "judged_on", json_string(report->truth_unknown ? "measured" : "true"));
	json_object_set_new(top, "missing", json_integer((json_int_t)report->missing));
	json_object_set_new(top, "safety", trips);
	json_object_set_new(top, "whole_run", figures(&report->all));
	json_object_set_new(top, "plant", json_string(r->plant ? r->plant : "lab bath (simulated)"));
	return say_json(top);
}

int command_loop(int argc, char **argv)
{
	struct loop loop = { 0 };
	struct report report = { .entered = NAN, .settled = NAN, .left = NAN };
	struct request r;
	struct plant *plant;
	int code = parse(&r, argc, argv), status;

	if (code == FLAGS_STOP)
		return flags_exit();
	if (code)
		return code;
	sense_deviation_init(&report.judged, BAND);
	sense_deviation_init(&report.all, BAND);
	code = loop_new(&loop, &r);
	if (!code) {
		plant = r.plant ? plant_run(r.plant) :
				  plant_bath(r.start, r.duration, r.period, r.seed);
		code = plant ? run(&loop, plant, &r, &report) : EXIT_ENVIRONMENT;
		status = plant ? plant_close(plant) : 0;
		if (!code && status)
			code = say_fail(EXIT_ENVIRONMENT, "run it by hand",
					"the plant '%s' ended with status %d", r.plant, status);
		if (!code && !report.all.n)
			code = say_fail(EXIT_ENVIRONMENT, "run it by hand",
					"the plant '%s' printed nothing", r.plant);
	}
	if (!code)
		code = print(&r, &loop, &report);
	sense_controller_free(loop.controller);
	sense_pid_free(loop.pid);
	return code;
}
