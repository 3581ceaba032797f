// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <string.h>

#include <sense/error.h>
#include "calibrate/tabulate.h"

static double input_of(const struct sense_sensor *s, double y)
{
	return s->equation == &sensor_thermocouple ? sense_thermocouple_voltage_V(&s->thermocouple, y)
						   : s->equation->input(s, y, NAN);
}

/* No sample anywhere is further off than what was proven; and the proof is worth having. */
static void holds_what_it_proves(struct sense_sensor *s, double most)
{
	struct curve *curve = tabulate_inverse(s), *again = tabulate_inverse(s);
	double worst = 0, lo, hi;

	CU_ASSERT_PTR_NOT_NULL_FATAL(curve);
	CU_ASSERT_PTR_NOT_NULL_FATAL(again);
	CU_ASSERT_STRING_EQUAL(curve->digest, again->digest);
	for (int i = 0; i <= 300000; i++) {
		double y = s->y_min + (s->y_max - s->y_min) * (i < 300000 ? (double)rand() / RAND_MAX : 1);
		double e = fabs(curve_at(curve, input_of(s, y))[0] - y);

		if (!(e <= worst))
			worst = e;
	}
	printf("\n= table of %-6s %4u segments, error proven below %.3g uK, seen %.3g uK", s->name, curve->segments,
	       curve->error * 1e6, worst * 1e6);
	CU_ASSERT(worst <= curve->error);
	CU_ASSERT(curve->error <= most);
	lo = fmin(input_of(s, s->y_min), input_of(s, s->y_max));
	hi = fmax(input_of(s, s->y_min), input_of(s, s->y_max));
	CU_ASSERT(isnan(curve_at(curve, lo - 1e-9 * (hi - lo))[0]));
	CU_ASSERT(isnan(curve_at(curve, hi + 1e-9 * (hi - lo))[0]));
	CU_ASSERT(isnan(curve_at(curve, NAN)[0]));
	CU_ASSERT(isnan(curve_at(curve, INFINITY)[0]));
	CU_ASSERT(isnan(curve_at(curve, -INFINITY)[1]));
	CU_ASSERT_FALSE(isnan(curve_at(curve, lo)[0]));
	CU_ASSERT_FALSE(isnan(curve_at(curve, hi)[0]));
	curve_free(curve);
	curve_free(again);
	sense_sensor_unref(s);
}

static void tables_of_all_equations(void)
{
	static const char *const names[] = { "tc-B", "tc-E", "tc-J", "tc-K", "tc-N", "tc-R", "tc-S", "tc-T" };
	static const struct sense_sprt sprt[] = {
		{ 25.4783, { 1, -1.2e-4, 8e-6, { 3.4e-7, -1e-9, 1e-10, 1e-11, 1e-12 }, 0 },
		  { 6, -1.5e-4, -9e-6, { 2e-6 }, -3e-6 } },
		{ 25.4783, { 4, -1.2e-4, 8e-6, { 0 }, 0 }, { 7, -1.5e-4, -9e-6, { 2e-6 }, 0 } },
		{ 25.4783, { 0 }, { 8, -1.5e-4, -9e-6, { 0 }, 0 } },
	};
	struct sense_thermistor ntc;

	srand(unit_seed());
	holds_what_it_proves(sense_sensor_open("pt100"), 1e-6);
	/* 1.3 uK of it is the step between the two reference functions at 0.01 degC */
	for (int i = 0; i < 3; i++)
		holds_what_it_proves(sense_sensor_new_sprt(&sprt[i]), 5e-6);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		holds_what_it_proves(sense_sensor_open(names[i]), 5e-5);
	CU_ASSERT_EQUAL(sense_thermistor_from_beta(&ntc, 10000, 25, 3977, -40, 125), 0);
	holds_what_it_proves(sense_sensor_new_thermistor(&ntc), 1e-6);
	printf("\n");
}

/* A wrong slope enclosure or a wrong forward function must show as a large bound or a failure. */
static double square_root(const void *self, double x)
{
	return sqrt(x);
}

static double wrong_square(const void *self, double y)
{
	return y * y + 1e-3;
}

static struct interval square_slope(const void *self, struct interval x, struct interval y)
{
	return (struct interval){ 2 * y.lo, 2 * y.hi };
}

static void proof_can_fail(void)
{
	struct curve_source source = { .x_min = 1, .x_max = 4, .y_min = 1, .y_max = 2.1, .value = square_root,
				       .forward = wrong_square, .enclose = square_slope, .tolerance = 1e-6 };
	struct curve *curve = curve_make(&source);

	CU_ASSERT_PTR_NOT_NULL_FATAL(curve);
	CU_ASSERT(curve->error > 2e-4);
	curve_free(curve);
	source.x_min = -1;
	CU_ASSERT_PTR_NULL(curve_make(&source));
	CU_ASSERT_EQUAL(sense_error_last()->code, EDOM);
}

UNIT_TESTS = { UNIT(tables_of_all_equations), UNIT(proof_can_fail), UNIT_END };
UNIT_MAIN("curve")
