// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

#include <sense/error.h>
#include "calibrate/thermocouple.h"
#include "shared.h"

static const char letters[] = "BEJKNRST";

/* NIST Monograph 175, tables of the reference functions, mV printed to 0.001. */
static const struct { char letter; double t, mV; } table[] = {
	{ 'B', 0, 0.000 }, { 'B', 100, 0.033 }, { 'B', 1000, 4.834 }, { 'B', 1820, 13.820 },
	{ 'E', -270, -9.835 }, { 'E', -100, -5.237 }, { 'E', 100, 6.319 }, { 'E', 1000, 76.373 },
	{ 'J', -210, -8.095 }, { 'J', 100, 5.269 }, { 'J', 760, 42.919 }, { 'J', 1200, 69.553 },
	{ 'K', -270, -6.458 }, { 'K', -200, -5.891 }, { 'K', 0, 0 }, { 'K', 25, 1.000 },
	{ 'K', 100, 4.096 }, { 'K', 1000, 41.276 }, { 'K', 1372, 54.886 },
	{ 'N', -270, -4.345 }, { 'N', 100, 2.774 }, { 'N', 1300, 47.513 },
	{ 'R', -50, -0.226 }, { 'R', 100, 0.647 }, { 'R', 1000, 10.506 }, { 'R', 1768, 21.101 },
	{ 'S', -50, -0.236 }, { 'S', 100, 0.646 }, { 'S', 1000, 9.587 }, { 'S', 1768, 18.693 },
	{ 'T', -270, -6.258 }, { 'T', -200, -5.603 }, { 'T', 100, 4.279 }, { 'T', 400, 20.872 },
};

static void meets_the_printed_tables(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct sense_thermocouple tc = { .letter = table[i].letter };

		CU_ASSERT_DOUBLE_EQUAL(sense_thermocouple_voltage_V(&tc, table[i].t) * 1e3, table[i].mV,
				       0.000501);
	}
}

/* The shared coefficients evaluated here, term by term, against the code's own. */
static void meets_the_shared_coefficients(void)
{
	FILE *file = shared_open("data/metrology/thermocouple_coeffs_nist.json");
	double worst = 0;
	json_t *root;

	if (!file)
		return;
	root = json_loadf(file, 0, NULL);
	fclose(file);
	CU_ASSERT_PTR_NOT_NULL_FATAL(root);
	for (const char *letter = letters; *letter; letter++) {
		struct sense_thermocouple tc = { .letter = *letter };
		json_t *type = json_object_getn(json_object_get(root, "types"), letter, 1), *piece;
		size_t i, k;

		CU_ASSERT_PTR_NOT_NULL_FATAL(type);
		json_array_foreach(json_object_get(type, "forward"), i, piece) {
			double lo = json_number_value(json_object_get(piece, "t_min_c"));
			double hi = json_number_value(json_object_get(piece, "t_max_c"));
			json_t *bump = json_object_get(piece, "exponential"), *c;

			for (int step = 1; step <= 500; step++) {
				double t = lo + (hi - lo) * step / 500, want = 0;

				json_array_foreach(json_object_get(piece, "coeffs"), k, c)
					want += json_number_value(c) * pow(t, k);
				if (bump)
					want += json_number_value(json_object_get(bump, "a0")) *
						exp(json_number_value(json_object_get(bump, "a1")) *
						    pow(t - json_number_value(json_object_get(bump, "a2")), 2));
				want -= sense_thermocouple_voltage_V(&tc, t) * 1e3;
				worst = fmax(worst, fabs(want));
			}
		}
	}
	json_decref(root);
	printf("\n= thermocouples beside the shared NIST coefficients: %.2g mV at most\n", worst);
	CU_ASSERT(worst < 1e-9);
}

static void inverse_is_solved(void)
{
	for (const char *letter = letters; *letter; letter++) {
		struct sense_thermocouple tc = { .letter = *letter };
		double min = sense_thermocouple_get_invertible_degC(&tc);
		double max = sense_thermocouple_get_max_degC(&tc), worst = 0;

		CU_ASSERT_EQUAL(sense_thermocouple_check(&tc), 0);
		for (int i = 0; i <= 50000; i++) {
			double t = i == 50000 ? max : min + (max - min) * i / 50000, e;

			e = fabs(sense_thermocouple_temperature_degC(&tc, sense_thermocouple_voltage_V(&tc, t), 0) - t);
			if (!(e <= worst))
				worst = e;
		}
		printf("\n= type %c inverse against forward, %g to %g degC: %.3g mK at most", *letter, min,
		       max, worst * 1e3);
		CU_ASSERT(worst <= 1e-3);
		CU_ASSERT(worst <= 2e-6);
	}
	printf("\n");
}

static void cold_junction_adds_up(void)
{
	for (const char *letter = letters; *letter; letter++) {
		struct sense_thermocouple tc = { .letter = *letter };
		double v = sense_thermocouple_voltage_V(&tc, 312.5) - sense_thermocouple_voltage_V(&tc, 23.1);

		CU_ASSERT_DOUBLE_EQUAL(sense_thermocouple_temperature_degC(&tc, v, 23.1), 312.5, 1e-6);
	}
}

static void slopes_and_enclosures(void)
{
	for (const char *letter = letters; *letter; letter++) {
		struct sense_thermocouple tc = { .letter = *letter, .deviation = { 1e-6, 2e-8, 1e-11, -1e-14 } };
		double min = sense_thermocouple_get_invertible_degC(&tc);
		double max = sense_thermocouple_get_max_degC(&tc);

		for (double t = min + 0.1; t < max - 2; t += 1.77) {
			struct interval s = thermocouple_slope(&tc, (struct interval){ t, t + 0.5 });
			double a, b, middle, unused;

			thermocouple_voltage(&tc, t + 0.25, &middle);
			a = thermocouple_voltage(&tc, t + 0.249, &unused);
			b = thermocouple_voltage(&tc, t + 0.251, &unused);
			CU_ASSERT_DOUBLE_EQUAL(middle, (b - a) / 0.002, 2e-3 * middle + 1e-10);
			for (int i = 0; i <= 10; i++) {
				thermocouple_voltage(&tc, t + 0.05 * i, &a);
				CU_ASSERT(s.lo <= a * (1 + 1e-12) && a <= s.hi * (1 + 1e-12));
			}
		}
	}
}

/* The pieces were made to meet: a slip in any coefficient of either parts them. */
static void pieces_meet(void)
{
	static const struct { char letter; double t; } joins[] = {
		{ 'B', 630.615 }, { 'E', 0 }, { 'J', 760 }, { 'K', 0 }, { 'N', 0 }, { 'R', 1064.18 },
		{ 'R', 1664.5 }, { 'S', 1064.18 }, { 'S', 1664.5 }, { 'T', 0 },
	};

	for (size_t i = 0; i < sizeof(joins) / sizeof(joins[0]); i++) {
		struct sense_thermocouple tc = { .letter = joins[i].letter };
		double t = joins[i].t, slope, e = thermocouple_voltage(&tc, t, &slope) * 1e3;
		double above = sense_thermocouple_voltage_V(&tc, t + 1e-6) * 1e3 - slope * 1e3 * 1e-6;

		CU_ASSERT_DOUBLE_EQUAL(above, e, 1e-7);
	}
}

static void refuses(void)
{
	struct sense_thermocouple k = { .letter = 'K' }, b = { .letter = 'B' }, x = { .letter = 'X' };

	CU_ASSERT(isnan(sense_thermocouple_voltage_V(&k, -270.1)));
	CU_ASSERT(isnan(sense_thermocouple_voltage_V(&k, 1372.1)));
	CU_ASSERT(isnan(sense_thermocouple_temperature_degC(&k, -6.459e-3, 0)));
	CU_ASSERT(isnan(sense_thermocouple_temperature_degC(&k, 54.89e-3, 0)));
	CU_ASSERT(isnan(sense_thermocouple_temperature_degC(&k, 1e-3, -300)));
	CU_ASSERT(isnan(sense_thermocouple_temperature_degC(&k, NAN, 20)));
	/* Type B gives no voltage worth the name below 42 degC: two temperatures share it. */
	CU_ASSERT(isnan(sense_thermocouple_temperature_degC(&b, -1e-6, 0)));
	CU_ASSERT(isnan(sense_thermocouple_temperature_degC(&b, 0, 0)));
	CU_ASSERT_EQUAL(sense_thermocouple_check(&x), -EINVAL);
	CU_ASSERT(isnan(sense_thermocouple_voltage_V(&x, 20)));
	CU_ASSERT(isnan(sense_thermocouple_temperature_degC(&x, 0, 0)));
	k.deviation[1] = -1e-4;
	CU_ASSERT_EQUAL(sense_thermocouple_check(&k), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->remedy, "volts"));
}

UNIT_TESTS = { UNIT(meets_the_printed_tables), UNIT(meets_the_shared_coefficients),
	       UNIT(inverse_is_solved), UNIT(cold_junction_adds_up), UNIT(slopes_and_enclosures), UNIT(pieces_meet),
	       UNIT(refuses), UNIT_END };
UNIT_MAIN("thermocouple")
