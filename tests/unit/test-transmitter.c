// SPDX-License-Identifier: GPL-2.0-or-later
/* Current loops and bridges. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include <sense/bridge.h>
#include <sense/current-loop.h>
#include <sense/error.h>

static void linear(void)
{
	struct sense_current_loop loop = sense_current_loop_linear(0, 12.5);

	CU_ASSERT_EQUAL(sense_current_loop_check(&loop), 0);
	CU_ASSERT_DOUBLE_EQUAL(sense_current_loop_value(&loop, 4e-3), 0, 1e-15);
	CU_ASSERT_DOUBLE_EQUAL(sense_current_loop_value(&loop, 12e-3), 6.25, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sense_current_loop_value(&loop, 20.5e-3), 12.890625, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sense_current_loop_value(&loop, 3.8e-3), -0.15625, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sense_current_loop_current_A(&loop, 6.25), 12e-3, 1e-15);
	/* NAMUR NE 43: no value in 3.6 mA (broken) nor 21 mA (failure) */
	CU_ASSERT(isnan(sense_current_loop_value(&loop, 3.6e-3)));
	CU_ASSERT(isnan(sense_current_loop_value(&loop, 21e-3)));
	CU_ASSERT(isnan(sense_current_loop_value(&loop, NAN)));
	CU_ASSERT(isnan(sense_current_loop_current_A(&loop, 13)));
	CU_ASSERT(isnan(sense_current_loop_current_A(&loop, -1)));
}

static void table(void)
{
	struct sense_current_loop loop = { 4, { 4e-3, 8e-3, 12e-3, 20e-3 }, { 10, 9, 5, -2 } };

	CU_ASSERT_EQUAL(sense_current_loop_check(&loop), 0);
	CU_ASSERT_DOUBLE_EQUAL(sense_current_loop_value(&loop, 8e-3), 9, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sense_current_loop_value(&loop, 10e-3), 7, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(sense_current_loop_value(&loop, 16e-3), 1.5, 1e-12);
	for (double i = 3.8e-3; i < 20.5e-3; i += 0.1e-3)
		CU_ASSERT_DOUBLE_EQUAL(sense_current_loop_current_A(&loop, sense_current_loop_value(&loop, i)),
				       i, 1e-15);
	loop.value[2] = 9.5;
	CU_ASSERT_EQUAL(sense_current_loop_check(&loop), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "between 8 and 12 mA"));
	loop = (struct sense_current_loop){ 2, { 4e-3, 25e-3 }, { 0, 1 } };
	CU_ASSERT_EQUAL(sense_current_loop_check(&loop), -EINVAL);
	loop.count = 1;
	CU_ASSERT_EQUAL(sense_current_loop_check(&loop), -EINVAL);
}

static void weighs(void)
{
	struct sense_bridge cell = { .rated_kg = 500, .sensitivity = 2e-3, .zero = 1e-5,
				     .tc_sensitivity = 17e-6, .tc_zero = 2e-8, .reference_degC = 20,
				     .min_degC = -10, .max_degC = 40, .min_kg = -5, .max_kg = 550 };

	CU_ASSERT_EQUAL(sense_bridge_check(&cell), 0);
	CU_ASSERT_DOUBLE_EQUAL(sense_bridge_mass_kg(&cell, 1.01e-3, 20), 250, 1e-9);
	/* at 30 degC: zero 1.02e-5, sensitivity 2.00034e-3 */
	CU_ASSERT_DOUBLE_EQUAL(sense_bridge_mass_kg(&cell, 1.01e-3, 30), 500 * 0.9998e-3 / 2.00034e-3, 1e-9);
	for (double m = -5; m <= 550; m += 7.5)
		CU_ASSERT_DOUBLE_EQUAL(sense_bridge_mass_kg(&cell, sense_bridge_output_V_V(&cell, m, 33), 33),
				       m, 1e-9);
	CU_ASSERT(isnan(sense_bridge_mass_kg(&cell, 2.3e-3, 20)));
	CU_ASSERT(isnan(sense_bridge_mass_kg(&cell, 1e-3, 41)));
	CU_ASSERT(isnan(sense_bridge_output_V_V(&cell, 551, 20)));
	cell.tc_sensitivity = -0.2;
	CU_ASSERT_EQUAL(sense_bridge_check(&cell), -EINVAL);
	cell.sensitivity = 0;
	CU_ASSERT_EQUAL(sense_bridge_check(&cell), -EINVAL);
}

UNIT_TESTS = { UNIT(linear), UNIT(table), UNIT(weighs), UNIT_END };
UNIT_MAIN("transmitter")
