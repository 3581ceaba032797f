// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>

#include <sense/conformity.h>
#include <sense/error.h>

#include "calibrate/distribution.h"

static struct sense_conformity_question question(double value, double u, double lower, double upper,
						 enum sense_decision_rule rule)
{
	return (struct sense_conformity_question){ value, u,	INFINITY, 2,   lower,
						   upper, rule, 1,	  NAN, NAN };
}

static void accepts_by_the_rule(void)
{
	struct sense_conformity_question q =
		question(0.0045, 0.0025, -0.01, 0.01, SENSE_RULE_SIMPLE);
	struct sense_conformity a;

	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), 0);
	CU_ASSERT(a.conforming && a.statement == SENSE_STATEMENT_PASS && a.guard == 0);
	q.rule = SENSE_RULE_GUARDED;
	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), 0);
	CU_ASSERT(a.conforming);
	CU_ASSERT_DOUBLE_EQUAL(a.acceptance_upper, 0.005, 1e-15);
	q.value = 0.0055;
	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), 0);
	CU_ASSERT(!a.conforming && a.statement == SENSE_STATEMENT_CONDITIONAL_PASS);
	q.value = 0.0149;
	q.rule = SENSE_RULE_GUARDED_REJECTION;
	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), 0);
	CU_ASSERT(a.conforming && a.statement == SENSE_STATEMENT_CONDITIONAL_FAIL);
	q.value = -0.0151;
	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), 0);
	CU_ASSERT(!a.conforming && a.statement == SENSE_STATEMENT_FAIL);
}

/* JCGM 106 7.3 and table 1: on the limit one half; 1.64 u inside 0.95 for one limit. */
static void probabilities(void)
{
	struct sense_conformity_question q = question(10, 1, -INFINITY, 10, SENSE_RULE_SIMPLE);
	struct sense_conformity a;

	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), 0);
	CU_ASSERT_DOUBLE_EQUAL(a.probability, 0.5, 1e-15);
	q.value = 10 - 1.6448536269514722;
	sense_conformity_decide(&q, &a);
	CU_ASSERT_DOUBLE_EQUAL(a.probability, 0.95, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(a.specific_risk, 0.05, 1e-12);
	q = question(0, 1, -1.959963984540054, 1.959963984540054, SENSE_RULE_SIMPLE);
	sense_conformity_decide(&q, &a);
	CU_ASSERT_DOUBLE_EQUAL(a.probability, 0.95, 1e-12);
	q.dof = 1; /* Cauchy */
	sense_conformity_decide(&q, &a);
	CU_ASSERT_DOUBLE_EQUAL(a.probability, 2 * atan(1.959963984540054) / M_PI, 1e-12);
	q.u = 0;
	sense_conformity_decide(&q, &a);
	CU_ASSERT_EQUAL(a.probability, 1);
}

/* Global risks (JCGM 106 9.5.2) against simulated items and measurements. */
static void global_risks(void)
{
	struct sense_conformity_question q =
		question(1500, 0.04, 1499.8, 1500.2, SENSE_RULE_SIMPLE);
	const unsigned int n = 1000000;

	q.process_mean = 1500;
	q.process_deviation = 0.12;
	for (int guarded = 0; guarded < 2; guarded++) {
		struct sense_conformity a;
		unsigned int consumer = 0, producer = 0;

		q.rule = guarded ? SENSE_RULE_GUARDED : SENSE_RULE_SIMPLE;
		CU_ASSERT_EQUAL_FATAL(sense_conformity_decide(&q, &a), 0);
		for (unsigned int i = 0; i < n; i++) {
			struct sense_random random = sense_random_at(unit_seed(), 0, i);
			double item =
				q.process_mean + q.process_deviation * sense_random_normal(&random);
			double y = item + q.u * sense_random_normal(&random);
			int good = item >= q.lower && item <= q.upper;
			int accepted = y >= a.acceptance_lower && y <= a.acceptance_upper;

			consumer += !good && accepted;
			producer += good && !accepted;
		}
		CU_ASSERT_DOUBLE_EQUAL(a.global_consumer_risk, (double)consumer / n,
				       6 * sqrt(a.global_consumer_risk / n));
		CU_ASSERT_DOUBLE_EQUAL(a.global_producer_risk, (double)producer / n,
				       6 * sqrt(a.global_producer_risk / n));
	}
}

static void refuses_nonsense(void)
{
	struct sense_conformity_question good = question(0, 1, -5, 5, SENSE_RULE_GUARDED), q;
	struct sense_conformity a;

	q = good;
	q.u = -1;
	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), -EINVAL);
	q = good;
	q.lower = 5;
	q.upper = -5;
	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), -EINVAL);
	q = good;
	q.lower = -INFINITY;
	q.upper = INFINITY;
	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), -EINVAL);
	q = good;
	q.u = 3; /* U = 6: a guard band wider than the limits */
	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), -EINVAL);
	CU_ASSERT_STRING_NOT_EQUAL(sense_error_last()->remedy, "");
	q = good;
	q.process_mean = 1;
	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), -EINVAL);
	q = good;
	q.dof = 0.5;
	CU_ASSERT_EQUAL(sense_conformity_decide(&q, &a), -EINVAL);
}

UNIT_TESTS = { UNIT(accepts_by_the_rule), UNIT(probabilities), UNIT(global_risks),
	       UNIT(refuses_nonsense), UNIT_END };
UNIT_MAIN("conformity")
