// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <string.h>

#include <sense/error.h>
#include "calibrate/thermistor.h"

/* YSI (Omega) 44004, 2252 ohm at 25 degC: the manufacturer's table, printed to 0.1 ohm or so. */
static const double ysi_t[] = { 0, 25, 70 }, ysi_r[] = { 7355, 2252, 394.5 };

static void three_points(void)
{
	struct sense_thermistor ntc;

	CU_ASSERT_EQUAL_FATAL(sense_thermistor_from_points(&ntc, ysi_t, ysi_r), 0);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_DOUBLE_EQUAL(sense_thermistor_temperature_degC(&ntc, ysi_r[i]), ysi_t[i], 1e-9);
	/* Between them the same table: 50 degC is 811.3 ohm, 10 degC is 4482 ohm. */
	CU_ASSERT_DOUBLE_EQUAL(sense_thermistor_temperature_degC(&ntc, 811.3), 50, 0.02);
	CU_ASSERT_DOUBLE_EQUAL(sense_thermistor_temperature_degC(&ntc, 4482), 10, 0.02);
	CU_ASSERT_DOUBLE_EQUAL(ntc.c[1], 2.34e-4, 0.05e-4);	/* B, C of such a thermistor */
	CU_ASSERT_DOUBLE_EQUAL(ntc.c[3], 1.03e-7, 0.05e-7);
}

static void round_trip(void)
{
	struct sense_thermistor ntc[3];
	double worst = 0;

	CU_ASSERT_EQUAL(sense_thermistor_from_points(&ntc[0], ysi_t, ysi_r), 0);
	CU_ASSERT_EQUAL(sense_thermistor_from_beta(&ntc[1], 10000, 25, 3977, -40, 125), 0);
	ntc[2] = (struct sense_thermistor){ .c = { 1.1e-3, 2.3e-4, 6e-7, 9e-8 } };
	CU_ASSERT_EQUAL(sense_thermistor_set_range(&ntc[2], -20, 80), 0);
	for (int k = 0; k < 3; k++) {
		double hot = sense_thermistor_temperature_degC(&ntc[k], ntc[k].r_min_ohm);
		double cold = sense_thermistor_temperature_degC(&ntc[k], ntc[k].r_max_ohm);

		for (int i = 0; i <= 5000; i++) {
			double t = cold + (hot - cold) * i / 5000;
			double e = fabs(sense_thermistor_temperature_degC(&ntc[k],
						sense_thermistor_resistance_ohm(&ntc[k], t)) - t);

			if (!(e <= worst))
				worst = e;
		}
		CU_ASSERT(isnan(sense_thermistor_resistance_ohm(&ntc[k], hot + 0.01)));
		CU_ASSERT(isnan(sense_thermistor_resistance_ohm(&ntc[k], cold - 0.01)));
		CU_ASSERT(isnan(sense_thermistor_temperature_degC(&ntc[k], ntc[k].r_min_ohm * 0.999)));
		CU_ASSERT(isnan(sense_thermistor_temperature_degC(&ntc[k], ntc[k].r_max_ohm * 1.001)));
		CU_ASSERT(isnan(sense_thermistor_temperature_degC(&ntc[k], NAN)));
	}
	printf("\n= thermistor round trip: %.3g uK at most\n", worst * 1e6);
	CU_ASSERT(worst <= 1e-6);
}

static void beta_as_defined(void)
{
	struct sense_thermistor ntc;

	CU_ASSERT_EQUAL_FATAL(sense_thermistor_from_beta(&ntc, 10000, 25, 3977, -40, 125), 0);
	CU_ASSERT_DOUBLE_EQUAL(sense_thermistor_temperature_degC(&ntc, 10000), 25, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(sense_thermistor_resistance_ohm(&ntc, 85),
			       10000 * exp(3977 * (1 / 358.15 - 1 / 298.15)), 1e-6);
}

static void enclosures(void)
{
	struct sense_thermistor ntc;

	CU_ASSERT_EQUAL_FATAL(sense_thermistor_from_points(&ntc, ysi_t, ysi_r), 0);
	for (double r = 400; r < 7000; r *= 1.03) {
		struct interval x = { r, r * 1.01 }, t = { sense_thermistor_temperature_degC(&ntc, x.hi),
							   sense_thermistor_temperature_degC(&ntc, x.lo) };
		struct interval s = thermistor_slope(&ntc, x, t);
		double numeric = (t.lo - t.hi) / (x.hi - x.lo);

		CU_ASSERT(s.lo <= numeric && numeric <= s.hi);
		CU_ASSERT(s.lo / s.hi < 1.05);
	}
}

static void refuses(void)
{
	struct sense_thermistor ntc = { .c = { 1.1e-3, 2.3e-4, 0, 9e-8 } };
	double bad_r[] = { 7355, 2252, 2300 };

	CU_ASSERT_EQUAL(sense_thermistor_check(&ntc), -EINVAL);
	CU_ASSERT_EQUAL(sense_thermistor_set_range(&ntc, 50, 20), -EINVAL);
	CU_ASSERT_EQUAL(sense_thermistor_from_points(&ntc, ysi_t, bad_r), -EINVAL);
	CU_ASSERT_EQUAL(sense_thermistor_from_beta(&ntc, 10000, 25, -1, 0, 50), -EINVAL);
	ntc.c[1] = -2.3e-4;
	CU_ASSERT_EQUAL(sense_thermistor_set_range(&ntc, 0, 50), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "0 to 50 degC"));
}

UNIT_TESTS = { UNIT(three_points), UNIT(round_trip), UNIT(beta_as_defined), UNIT(enclosures),
	       UNIT(refuses), UNIT_END };
UNIT_MAIN("thermistor")
