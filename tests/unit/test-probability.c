// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>

#include "calibrate/probability.h"

/* GUM (JCGM 100:2008) table G.2. */
static void t_factors_of_the_gum(void)
{
	static const struct {
		double dof, p6827, p90, p95, p9545, p99, p9973;
	} rows[] = {
		{ 1, 1.84, 6.31, 12.71, 13.97, 63.66, 235.80 },
		{ 2, 1.32, 2.92, 4.30, 4.53, 9.92, 19.21 },
		{ 5, 1.11, 2.02, 2.57, 2.65, 4.03, 5.51 },
		{ 16, 1.03, 1.75, 2.12, 2.17, 2.92, 3.54 },
		{ 50, 1.01, 1.68, 2.01, 2.05, 2.68, 3.16 },
		{ 100, 1.005, 1.660, 1.984, 2.025, 2.626, 3.077 },
		{ INFINITY, 1.000, 1.645, 1.960, 2.000, 2.576, 3.000 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double tolerance = rows[i].dof >= 100 ? 0.00051 : 0.0051;

		CU_ASSERT_DOUBLE_EQUAL(sense_coverage_factor(0.6827, rows[i].dof), rows[i].p6827,
				       tolerance);
		CU_ASSERT_DOUBLE_EQUAL(sense_coverage_factor(0.90, rows[i].dof), rows[i].p90,
				       tolerance);
		CU_ASSERT_DOUBLE_EQUAL(sense_coverage_factor(0.95, rows[i].dof), rows[i].p95,
				       tolerance);
		CU_ASSERT_DOUBLE_EQUAL(sense_coverage_factor(0.9545, rows[i].dof), rows[i].p9545,
				       tolerance);
		CU_ASSERT_DOUBLE_EQUAL(sense_coverage_factor(0.99, rows[i].dof), rows[i].p99,
				       tolerance);
		CU_ASSERT_DOUBLE_EQUAL(sense_coverage_factor(0.9973, rows[i].dof), rows[i].p9973,
				       rows[i].dof == 1 ? 0.02 : tolerance);
	}
}

/* With one and two degrees of freedom there are closed forms. */
static void closed_forms(void)
{
	for (double p = 0.001; p < 1; p += 0.0417) {
		double a = 4 * p * (1 - p);

		CU_ASSERT_DOUBLE_EQUAL(sense_t_quantile(p, 1) / tan(M_PI * (p - 0.5)), 1, 1e-11);
		if (fabs(p - 0.5) > 1e-3)
			CU_ASSERT_DOUBLE_EQUAL(
				sense_t_quantile(p, 2) / (2 * (p - 0.5) * sqrt(2 / a)), 1, 1e-11);
		CU_ASSERT_DOUBLE_EQUAL(sense_normal_cdf(sense_normal_quantile(p)), p, 1e-15);
		CU_ASSERT_DOUBLE_EQUAL(sense_t_cdf(sense_t_quantile(p, 7.3), 7.3), p, 1e-13);
	}
	CU_ASSERT_DOUBLE_EQUAL(sense_normal_quantile(0.975), 1.959963984540054, 1e-14);
	CU_ASSERT_DOUBLE_EQUAL(sense_normal_quantile(1e-10), -6.361340902404056, 1e-12);
	/* No step where the t gives way to the normal. */
	CU_ASSERT_DOUBLE_EQUAL(sense_t_quantile(0.975, 9e7), sense_t_quantile(0.975, 1.1e8), 1e-7);
	CU_ASSERT_DOUBLE_EQUAL(sense_incomplete_beta(2, 3, 0.4), 0.5248, 1e-13);
}

UNIT_TESTS = { UNIT(t_factors_of_the_gum), UNIT(closed_forms), UNIT_END };
UNIT_MAIN("probability")
