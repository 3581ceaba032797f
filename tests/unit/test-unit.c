// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <string.h>

#include <sense/error.h>
#include <sense/unit.h>

static double convert(const char *from, const char *to, double value)
{
	struct sense_unit a, b;
	double result = NAN;

	CU_ASSERT_EQUAL_FATAL(sense_unit_parse(from, &a), 0);
	CU_ASSERT_EQUAL_FATAL(sense_unit_parse(to, &b), 0);
	CU_ASSERT_EQUAL(sense_unit_convert(&a, &b, value, &result), 0);
	return result;
}

static const char *symbol(const char *text)
{
	static struct sense_unit unit;

	CU_ASSERT_EQUAL_FATAL(sense_unit_parse(text, &unit), 0);
	return unit.symbol;
}

static void converts(void)
{
	CU_ASSERT_DOUBLE_EQUAL(convert("\\kelvin", "\\degreecelsius", 273.16), 0.01, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(convert("\\degreecelsius", "\\kelvin", 20), 293.15, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(convert("\\milli\\kelvin", "\\kelvin", 12), 0.012, 1e-15);
	CU_ASSERT_DOUBLE_EQUAL(
		convert("\\kilogram\\metre\\tothe{2}\\ampere\\tothe{-2}\\second\\tothe{-3}",
			"\\milli\\ohm", 0.1),
		100, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(convert("\\percent", "\\one", 45), 0.45, 1e-15);
	CU_ASSERT_DOUBLE_EQUAL(convert("\\hecto\\pascal", "\\bar", 1000), 1, 1e-15);
	CU_ASSERT_DOUBLE_EQUAL(convert("\\kilo\\metre\\per\\hour", "\\metre\\per\\second", 36), 10,
			       1e-12);
	/* Everything after \per is below the line. */
	CU_ASSERT_DOUBLE_EQUAL(convert("\\joule\\per\\kilogram\\kelvin",
				       "\\metre\\tothe{2}\\second\\tothe{-2}\\kelvin\\tothe{-1}",
				       7),
			       7, 0);
	CU_ASSERT_DOUBLE_EQUAL(convert("\\micro\\gram\\per\\metre\\tothe{3}",
				       "\\kilogram\\per\\metre\\tothe{3}", 40),
			       40e-9, 1e-20);
	CU_ASSERT_DOUBLE_EQUAL(convert("\\litre\\per\\minute", "\\metre\\tothe{3}\\per\\hour", 100),
			       6, 1e-12);
	/* A coefficient per degree is one per kelvin: no zero point. */
	CU_ASSERT_DOUBLE_EQUAL(convert("\\degreecelsius\\tothe{-1}", "\\kelvin\\tothe{-1}", 3.9e-3),
			       3.9e-3, 0);
	CU_ASSERT_DOUBLE_EQUAL(convert("\\volt\\per\\hertz\\tothe{0.5}",
				       "\\nano\\volt\\per\\hertz\\tothe{0.5}", 1e-9),
			       1, 1e-12);
}

static void converts_differences_without_zero(void)
{
	struct sense_unit celsius, millikelvin;
	double result;

	sense_unit_parse("\\degreecelsius", &celsius);
	sense_unit_parse("\\milli\\kelvin", &millikelvin);
	CU_ASSERT_EQUAL(sense_unit_convert_difference(&celsius, &millikelvin, 0.5, &result), 0);
	CU_ASSERT_DOUBLE_EQUAL(result, 500, 1e-9);
}

static void says_what_differs(void)
{
	struct sense_unit a, b;
	double result;

	sense_unit_parse("\\ohm", &a);
	sense_unit_parse("\\kelvin", &b);
	CU_ASSERT_EQUAL(sense_unit_convert(&a, &b, 1, &result), -EDOM);
	CU_ASSERT_STRING_EQUAL(sense_error_last()->sentence,
			       "a value in Ω cannot be expressed in K");
	sense_unit_parse("\\radian", &a);
	sense_unit_parse("\\one", &b);
	CU_ASSERT_EQUAL(sense_unit_same_dimension(&a, &b), 0);
	sense_unit_parse("\\decibel", &a);
	CU_ASSERT_EQUAL(sense_unit_same_dimension(&a, &b), 0);
}

static void writes_symbols(void)
{
	CU_ASSERT_STRING_EQUAL(symbol("\\degreecelsius"), "°C");
	CU_ASSERT_STRING_EQUAL(symbol("\\milli\\ohm"), "mΩ");
	CU_ASSERT_STRING_EQUAL(symbol("\\one"), "1");
	CU_ASSERT_STRING_EQUAL(
		symbol("\\kilogram\\metre\\tothe{2}\\ampere\\tothe{-2}\\second\\tothe{-3}"), "Ω");
	CU_ASSERT_STRING_EQUAL(symbol("\\newton\\metre"), "N·m");
	CU_ASSERT_STRING_EQUAL(symbol("\\metre\\per\\second\\tothe{2}"), "m·s⁻²");
	CU_ASSERT_STRING_EQUAL(symbol(" \\kelvin\\tothe{-1} "), "K⁻¹");
}

static void refuses(void)
{
	static const char *const bad[] = { "",
					   " ",
					   "kelvin",
					   "\\smoot",
					   "\\milli",
					   "\\kelvin x",
					   "\\kelvin\\tothe{}",
					   "\\kelvin\\tothe{2",
					   "\\per",
					   "\\metre\\tothe{1e9}",
					   "\\kelvin\\tothe{nan}",
					   "\\milli\\milli\\metre",
					   "\\" };
	struct sense_unit unit;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(sense_unit_parse(bad[i], &unit), -EINVAL);
}

UNIT_TESTS = { UNIT(converts),		UNIT(converts_differences_without_zero),
	       UNIT(says_what_differs), UNIT(writes_symbols),
	       UNIT(refuses),		UNIT_END };
UNIT_MAIN("unit")
