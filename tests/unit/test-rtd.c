// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>

#include "calibrate/rtd.h"

/* IEC 60751:2008, Table 1: resistance of a 100 ohm thermometer, printed to 0.01 ohm. */
static const struct { double t, r; } table[] = {
	{ -200, 18.52 }, { -150, 39.72 }, { -100, 60.26 }, { -50, 80.31 }, { -10, 96.09 },
	{ 0, 100.00 }, { 10, 103.90 }, { 20, 107.79 }, { 25, 109.73 }, { 50, 119.40 },
	{ 100, 138.51 }, { 150, 157.33 }, { 200, 175.86 }, { 300, 212.05 }, { 400, 247.09 },
	{ 500, 280.98 }, { 600, 313.71 }, { 700, 345.28 }, { 800, 375.70 }, { 850, 390.48 },
};

static void meets_the_printed_table(void)
{
	struct sense_rtd rtd = sense_rtd_iec60751(100);

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		CU_ASSERT_DOUBLE_EQUAL(sense_rtd_resistance_ohm(&rtd, table[i].t), table[i].r, 0.005);
		/* R(-200 degC) is 18.5201 ohm: its printed value lies just outside. */
		if (table[i].t == -200)
			continue;
		/* half a unit of the last place is 0.017 degC at the 0.29 ohm/degC of 850 degC */
		CU_ASSERT_DOUBLE_EQUAL(sense_rtd_temperature_degC(&rtd, table[i].r), table[i].t, 0.02);
	}
}

static double worst_round_trip(const struct sense_rtd *rtd)
{
	double worst = 0;

	for (int i = 0; i <= 1050000; i += 7) {
		double t = -200 + i * 0.001;
		double e = fabs(sense_rtd_temperature_degC(rtd, sense_rtd_resistance_ohm(rtd, t)) - t);

		if (!(e <= worst))
			worst = e;
	}
	return worst;
}

static void inverse_is_solved(void)
{
	/* The last two: individual thermometers off the standard by more than any class allows. */
	struct sense_rtd rtd[] = { sense_rtd_iec60751(100), sense_rtd_iec60751(1000),
				   { 99.9874, 3.98481e-3, -5.8702e-7, -4.5e-12 },
				   { 100.3, 3.85e-3, -5.5e-7, -3.6e-12 } };

	for (size_t i = 0; i < sizeof(rtd) / sizeof(rtd[0]); i++) {
		double worst = worst_round_trip(&rtd[i]);

		printf("\n= CVD round trip, R0 %g ohm: %.3g uK at most", rtd[i].r0_ohm, worst * 1e6);
		CU_ASSERT(sense_rtd_is_monotonic(&rtd[i]));
		CU_ASSERT(worst <= 1e-6);
		CU_ASSERT(worst <= 1e-9);
	}
	printf("\n");
}

static void does_not_extrapolate(void)
{
	struct sense_rtd rtd = sense_rtd_iec60751(100);

	CU_ASSERT(isnan(sense_rtd_resistance_ohm(&rtd, -200.001)));
	CU_ASSERT(isnan(sense_rtd_resistance_ohm(&rtd, 850.001)));
	CU_ASSERT(isnan(sense_rtd_resistance_ohm(&rtd, NAN)));
	CU_ASSERT(isnan(sense_rtd_temperature_degC(&rtd, 18.51)));
	CU_ASSERT(isnan(sense_rtd_temperature_degC(&rtd, 390.49)));
	CU_ASSERT(isnan(sense_rtd_temperature_degC(&rtd, NAN)));
	CU_ASSERT(isnan(sense_rtd_temperature_degC(&rtd, INFINITY)));
	CU_ASSERT_DOUBLE_EQUAL(sense_rtd_temperature_degC(&rtd, sense_rtd_resistance_ohm(&rtd, -200)),
			       -200, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(sense_rtd_temperature_degC(&rtd, sense_rtd_resistance_ohm(&rtd, 850)),
			       850, 1e-9);
}

static void slope_is_the_derivative(void)
{
	struct sense_rtd rtd = sense_rtd_iec60751(100);

	for (double t = -199; t < 849; t += 13) {
		double numeric = (sense_rtd_resistance_ohm(&rtd, t + 0.5) -
				  sense_rtd_resistance_ohm(&rtd, t - 0.5));

		CU_ASSERT_DOUBLE_EQUAL(sense_rtd_slope(&rtd, t), numeric, 1e-6);
	}
}

static void refuses_what_turns_back(void)
{
	CU_ASSERT_FALSE(sense_rtd_is_monotonic(&(struct sense_rtd){ 100, 3.9e-3, -5e-6, 0 }));
	CU_ASSERT_FALSE(sense_rtd_is_monotonic(&(struct sense_rtd){ 0, 3.9e-3, -5e-7, 0 }));
	CU_ASSERT_FALSE(sense_rtd_is_monotonic(&(struct sense_rtd){ 100, -3.9e-3, 0, 0 }));
	CU_ASSERT_FALSE(sense_rtd_is_monotonic(&(struct sense_rtd){ 100, 3.9e-3, -5e-7, 1e-9 }));
	CU_ASSERT_FALSE(sense_rtd_is_monotonic(&(struct sense_rtd){ 100, NAN, -5e-7, 0 }));
}

UNIT_TESTS = { UNIT(meets_the_printed_table), UNIT(inverse_is_solved), UNIT(does_not_extrapolate),
	       UNIT(slope_is_the_derivative), UNIT(refuses_what_turns_back), UNIT_END };
UNIT_MAIN("rtd")
