// SPDX-License-Identifier: GPL-2.0-or-later
/* The deviation's figures against hand-computed ones. */
#include <math.h>

#include <sense/deviation.h>

#include "unit.h"

static void figures(void)
{
	const double values[] = { 0.5, 0.02, -0.008, -0.012, 0.004, 0.010 };
	struct sense_deviation d;

	sense_deviation_init(&d, 0.010);
	CU_ASSERT(isnan(sense_deviation_get_rms(&d)));
	for (int i = 0; i < 6; i++)
		CU_ASSERT_EQUAL(sense_deviation_add(&d, 10 + 2 * i, values[i]), 0);
	CU_ASSERT_EQUAL(d.n, 6);
	CU_ASSERT_EQUAL(d.max, 0.5);
	CU_ASSERT_DOUBLE_EQUAL(sense_deviation_get_rms(&d), sqrt(0.250724 / 6), 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sense_deviation_get_mean(&d), 0.514 / 6, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sense_deviation_get_fluctuation(&d), 0.512, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sense_deviation_get_within(&d), 0.5, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(d.integral, 2 * 0.054, 1e-12);
	/* Outside for the last time at 16 s, inside from 18 s on. */
	CU_ASSERT_EQUAL(sense_deviation_get_settling(&d, 10), 8);
	CU_ASSERT_EQUAL(sense_deviation_get_settling(&d, 17), 0);
	CU_ASSERT_EQUAL(sense_deviation_add(&d, 22, -0.0101), 0);
	CU_ASSERT(isnan(sense_deviation_get_settling(&d, 10)));
}

static void refuses(void)
{
	struct sense_deviation d;

	sense_deviation_init(&d, 0.010);
	CU_ASSERT_EQUAL(sense_deviation_add(&d, 1, 0), 0);
	CU_ASSERT_EQUAL(sense_deviation_add(&d, 1, 0), -EINVAL);
	CU_ASSERT_EQUAL(sense_deviation_add(&d, NAN, 0), -EINVAL);
	CU_ASSERT_EQUAL(d.n, 1);
	/* No number is no deviation, and not inside. */
	CU_ASSERT_EQUAL(sense_deviation_add(&d, 2, NAN), 0);
	CU_ASSERT_EQUAL(sense_deviation_get_within(&d), 0.5);
	CU_ASSERT_EQUAL(sense_deviation_get_rms(&d), 0);
	CU_ASSERT(isnan(sense_deviation_get_settling(&d, 0)));
}

UNIT_TESTS = { UNIT(figures), UNIT(refuses), UNIT_END };
UNIT_MAIN("deviation")
