// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <string.h>

#include "calibrate/distribution.h"
#include "calibrate/budget-model.h"

/* Known answers published with Philox4x32-10 (Salmon et al., SC11). */
static void philox_known_answers(void)
{
	static const uint32_t zero[4] = { 0 }, ones[4] = { ~0u, ~0u, ~0u, ~0u };
	static const uint32_t expect[2][4] = { { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 },
					       { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } };
	struct sense_philox a = sense_philox(0, zero), b = sense_philox(UINT64_MAX, ones);

	CU_ASSERT_EQUAL(memcmp(a.word, expect[0], sizeof(a.word)), 0);
	CU_ASSERT_EQUAL(memcmp(b.word, expect[1], sizeof(b.word)), 0);
}

static const struct {
	enum sense_distribution_kind kind;
	double dof, shape;
} kinds[] = {
	{ SENSE_DISTRIBUTION_NORMAL, INFINITY, 0 },
	{ SENSE_DISTRIBUTION_T, 9, 0 },
	{ SENSE_DISTRIBUTION_RECTANGULAR, INFINITY, 0 },
	{ SENSE_DISTRIBUTION_RECTANGULAR, 8, 0 },
	{ SENSE_DISTRIBUTION_TRIANGULAR, INFINITY, 0 },
	{ SENSE_DISTRIBUTION_ARCSINE, INFINITY, 0 },
	{ SENSE_DISTRIBUTION_TRAPEZOIDAL, INFINITY, 0.4 },
	{ SENSE_DISTRIBUTION_CURVILINEAR_TRAPEZOID, INFINITY, 0.3 },
	{ SENSE_DISTRIBUTION_EXPONENTIAL, INFINITY, 0 },
	{ SENSE_DISTRIBUTION_GAMMA, INFINITY, 3 },
};

/* Mean and deviation of many draws, and how many lie below the quantiles. */
static void draws_follow_their_law(void)
{
	const unsigned int n = 200000;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct sense_distribution d = sense_budget_distribution(
			kinds[i].kind, 5, 0.7, kinds[i].dof, kinds[i].shape);
		double sum = 0, squares = 0, deviation = sense_distribution_deviation(&d);
		double q10 = sense_distribution_quantile(&d, 0.1),
		       q80 = sense_distribution_quantile(&d, 0.8);
		unsigned int below10 = 0, below80 = 0;

		for (unsigned int t = 0; t < n; t++) {
			struct sense_random random = sense_random_at(unit_seed(), (uint32_t)i, t);
			double x = sense_distribution_draw(&d, &random) - 5;

			sum += x;
			squares += x * x;
			below10 += x + 5 < q10;
			below80 += x + 5 < q80;
		}
		CU_ASSERT_DOUBLE_EQUAL(sense_distribution_mean(&d), 5, 1e-12);
		CU_ASSERT_DOUBLE_EQUAL(sum / n, 0, 5.5 * deviation / sqrt(n));
		CU_ASSERT_DOUBLE_EQUAL(sqrt(squares / n) / deviation, 1, 0.02);
		if (kinds[i].kind == SENSE_DISTRIBUTION_GAMMA)
			continue;
		CU_ASSERT_DOUBLE_EQUAL((double)below10 / n, 0.1, 5.5 * sqrt(0.1 * 0.9 / n));
		CU_ASSERT_DOUBLE_EQUAL((double)below80 / n, 0.8, 5.5 * sqrt(0.8 * 0.2 / n));
	}
}

static void names_both_ways(void)
{
	for (int kind = 0; sense_distribution_get_name((enum sense_distribution_kind)kind)[0];
	     kind++)
		CU_ASSERT_EQUAL(sense_distribution_find(sense_distribution_get_name(
					(enum sense_distribution_kind)kind)),
				kind);
	CU_ASSERT(sense_distribution_find("bell") < 0);
}

UNIT_TESTS = { UNIT(philox_known_answers), UNIT(draws_follow_their_law), UNIT(names_both_ways),
	       UNIT_END };
UNIT_MAIN("distribution")
