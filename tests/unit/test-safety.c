// SPDX-License-Identifier: GPL-2.0-or-later
/* Every transition of the safety state machine, each cause by itself. */
#include <math.h>
#include <string.h>

#include <sense/safety.h>

#include "unit.h"

static const struct sense_safety_facts good = {
	.temperature = 25, .age_periods = 1, .innovation_ratio = 1,
};

static struct sense_safety fresh(void)
{
	struct sense_safety_limits limits;
	struct sense_safety safety;

	sense_safety_limits_init(&limits);
	CU_ASSERT_EQUAL_FATAL(sense_safety_init(&safety, &limits), 0);
	return safety;
}

/* Trips at exactly the given step, is latched, cannot be acknowledged, then can. */
static void provoke(struct sense_safety_facts bad, uint32_t cause, unsigned int steps)
{
	struct sense_safety s = fresh();
	struct sense_event event;

	for (unsigned int i = 1; i < steps; i++) {
		CU_ASSERT_EQUAL(sense_safety_step(&s, &bad, &event), 0);
		CU_ASSERT_EQUAL(event.type, SENSE_EVENT_NONE);
	}
	CU_ASSERT_EQUAL(sense_safety_step(&s, &bad, &event), 1);
	CU_ASSERT_EQUAL(event.type, SENSE_EVENT_SAFETY);
	CU_ASSERT_EQUAL(event.severity, SENSE_SEVERITY_CRITICAL);
	CU_ASSERT_EQUAL(event.count, cause);
	CU_ASSERT_STRING_EQUAL(event.object,
			       sense_safety_cause_name((enum sense_safety_cause)cause));
	CU_ASSERT_EQUAL(s.latched, cause);
	CU_ASSERT_EQUAL(sense_safety_step(&s, &bad, &event), 1);
	CU_ASSERT_EQUAL(event.type, SENSE_EVENT_NONE);	/* said once */
	CU_ASSERT_EQUAL(sense_safety_acknowledge(&s, "ada", &event), -EBUSY);
	CU_ASSERT_EQUAL(sense_safety_step(&s, &good, &event), 1);	/* latched */
	CU_ASSERT_EQUAL(sense_safety_acknowledge(&s, "", &event), -EINVAL);
	CU_ASSERT_EQUAL(sense_safety_acknowledge(&s, NULL, &event), -EINVAL);
	CU_ASSERT_EQUAL(sense_safety_acknowledge(&s, "ada", &event), 0);
	CU_ASSERT_STRING_EQUAL(event.author, "ada");
	CU_ASSERT_EQUAL(event.count, cause);
	CU_ASSERT_EQUAL(sense_safety_step(&s, &good, &event), 0);
	CU_ASSERT_EQUAL(sense_safety_acknowledge(&s, "ada", NULL), -EALREADY);
}

#define WITH(field, value) ({ struct sense_safety_facts f = good; f.field = value; f; })

static void each_cause(void)
{
	provoke(WITH(sensor_fault, 1), SENSE_SAFETY_SENSOR_FAULT, 1);
	provoke(WITH(temperature, NAN), SENSE_SAFETY_SENSOR_FAULT, 1);
	provoke(WITH(temperature, INFINITY), SENSE_SAFETY_SENSOR_FAULT, 1);
	provoke(WITH(temperature, 60.001), SENSE_SAFETY_OVER_TEMPERATURE, 1);
	provoke(WITH(temperature, -0.001), SENSE_SAFETY_OVER_TEMPERATURE, 1);
	provoke(WITH(age_periods, 3.01), SENSE_SAFETY_STALE, 1);
	provoke(WITH(age_periods, NAN), SENSE_SAFETY_STALE, 1);
	provoke(WITH(calibration_expired, 1), SENSE_SAFETY_CALIBRATION, 1);
	provoke(WITH(output_failed, 1), SENSE_SAFETY_ACTUATOR, 1);
	provoke(WITH(deadline_missed, 1), SENSE_SAFETY_DEADLINES, 3);
	provoke(WITH(innovation_ratio, 26), SENSE_SAFETY_DIVERGENCE, 600);
	provoke(WITH(innovation_ratio, NAN), SENSE_SAFETY_DIVERGENCE, 600);
}

static void at_the_limit_is_inside(void)
{
	struct sense_safety s = fresh();
	struct sense_safety_facts f = good;

	f.age_periods = 3;
	f.temperature = 60;
	f.innovation_ratio = 25;
	for (int i = 0; i < 2000; i++) {
		f.deadline_missed = i % 3 != 0;	/* two on end, never three */
		CU_ASSERT_EQUAL(sense_safety_step(&s, &f, NULL), 0);
	}
}

static void a_second_cause_is_said(void)
{
	struct sense_safety s = fresh();
	struct sense_safety_facts f = good;
	struct sense_event event;

	f.sensor_fault = 1;
	sense_safety_step(&s, &f, &event);
	f.calibration_expired = 1;
	CU_ASSERT_EQUAL(sense_safety_step(&s, &f, &event), 1);
	CU_ASSERT_EQUAL(event.count, SENSE_SAFETY_CALIBRATION);
	f.calibration_expired = 0;
	sense_safety_step(&s, &f, &event);
	CU_ASSERT_EQUAL(sense_safety_acknowledge(&s, "ada", NULL), -EBUSY);
	CU_ASSERT_EQUAL(s.latched, SENSE_SAFETY_SENSOR_FAULT | SENSE_SAFETY_CALIBRATION);
}

static void refuses_limits(void)
{
	struct sense_safety_limits limits;
	struct sense_safety s;

	sense_safety_limits_init(&limits);
	limits.temperature_min = limits.temperature_max;
	CU_ASSERT_EQUAL(sense_safety_init(&s, &limits), -EINVAL);
	sense_safety_limits_init(&limits);
	limits.safe_output = NAN;
	CU_ASSERT_EQUAL(sense_safety_init(&s, &limits), -EINVAL);
}

UNIT_TESTS = { UNIT(each_cause), UNIT(at_the_limit_is_inside), UNIT(a_second_cause_is_said),
	       UNIT(refuses_limits), UNIT_END };
UNIT_MAIN("safety")
