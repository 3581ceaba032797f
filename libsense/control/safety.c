// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sense/safety.h>

#include "base/error.h"

static const struct {
	const char *name, *sentence;
} causes[] = {
	{ "sensor-fault", "the controlled sensor is in fault" },
	{ "stale", "the newest sample is too old" },
	{ "divergence", "plant and model have parted" },
	{ "calibration", "the sensor's calibration has expired" },
	{ "deadlines", "the loop misses its deadlines" },
	{ "over-temperature", "the temperature is outside what is permitted" },
	{ "actuator", "the output cannot be written" },
};

#define CAUSES (sizeof(causes) / sizeof(*causes))

const char *sense_safety_cause_name(enum sense_safety_cause cause)
{
	for (unsigned int i = 0; i < CAUSES; i++)
		if ((uint32_t)cause == 1u << i)
			return causes[i].name;
	return "";
}

void sense_safety_limits_init(struct sense_safety_limits *limits)
{
	*limits = (struct sense_safety_limits){
		.stale_periods = 3, .divergence = 25, .divergence_steps = 600,
		.missed_deadlines = 3, .temperature_min = 0, .temperature_max = 60,
		.safe_output = 0,
	};
}

int sense_safety_init(struct sense_safety *safety, const struct sense_safety_limits *limits)
{
	if (!(limits->temperature_max > limits->temperature_min) || !(limits->stale_periods >= 1) ||
	    !(limits->divergence > 1) || !limits->missed_deadlines || !limits->divergence_steps ||
	    !isfinite(limits->safe_output))
		return sense_fail(EINVAL, "safety", "start from sense_safety_limits_init()",
				  "no loop can run within these safety limits");
	*safety = (struct sense_safety){ .limits = *limits };
	return 0;
}

int sense_safety_step(struct sense_safety *s, const struct sense_safety_facts *f,
		      struct sense_event *event)
{
	const struct sense_safety_limits *l = &s->limits;
	uint32_t now = 0, fresh;

	/* What cannot be compared (NaN) counts against the loop in every test below. */
	if (f->sensor_fault || !isfinite(f->temperature))
		now |= SENSE_SAFETY_SENSOR_FAULT;
	else if (f->temperature < l->temperature_min || f->temperature > l->temperature_max)
		now |= SENSE_SAFETY_OVER_TEMPERATURE;
	if (!(f->age_periods <= l->stale_periods))
		now |= SENSE_SAFETY_STALE;
	s->diverging = f->innovation_ratio <= l->divergence ? 0 : s->diverging + 1;
	if (s->diverging >= l->divergence_steps) {
		s->diverging = l->divergence_steps;
		now |= SENSE_SAFETY_DIVERGENCE;
	}
	if (f->calibration_expired)
		now |= SENSE_SAFETY_CALIBRATION;
	s->missed = f->deadline_missed ? s->missed + 1 : 0;
	if (s->missed >= l->missed_deadlines) {
		s->missed = l->missed_deadlines;
		now |= SENSE_SAFETY_DEADLINES;
	}
	if (f->output_failed)
		now |= SENSE_SAFETY_ACTUATOR;

	fresh = now & ~s->latched;
	s->present = now;
	s->latched |= now;
	if (event) {
		event->type = SENSE_EVENT_NONE;
		if (fresh) {
			unsigned int first = (unsigned int)__builtin_ctz(fresh);

			sense_event_init(event, SENSE_EVENT_SAFETY, SENSE_SEVERITY_CRITICAL,
					 causes[first].name,
					 "%s%s; output to its safe value of %g",
					 causes[first].sentence,
					 fresh & (fresh - 1) ? " (and more)" : "", l->safe_output);
			event->count = fresh;
		}
	}
	return s->latched != 0;
}

int sense_safety_acknowledge(struct sense_safety *s, const char *author, struct sense_event *event)
{
	if (!author || !author[0])
		return sense_fail(EINVAL, "safety", "say who acknowledges",
				  "a safety trip is acknowledged by a person, and none is named");
	if (!s->latched)
		return sense_fail(EALREADY, "safety", NULL, "no safety trip is latched");
	if (s->present) {
		unsigned int first = (unsigned int)__builtin_ctz(s->present);

		return sense_fail(EBUSY, causes[first].name, "remove the cause first",
				  "the safety trip cannot be acknowledged: %s",
				  causes[first].sentence);
	}
	if (event) {
		sense_event_init(event, SENSE_EVENT_SAFETY, SENSE_SEVERITY_NOTICE, "safety",
				 "safety trip acknowledged; the loop may run again");
		snprintf(event->author, sizeof(event->author), "%s", author);
		event->count = s->latched;
	}
	s->latched = 0;
	s->missed = s->diverging = 0;
	return 0;
}
