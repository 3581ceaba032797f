// SPDX-License-Identifier: GPL-2.0-or-later
/* Comparisons: made with a known sensor, the fit finds it again, within the uncertainty it states. */
#include "unit.h"

#include <math.h>
#include <string.h>

#include <sense/comparison.h>
#include <sense/error.h>

static double normal(unsigned int *seed)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += rand_r(seed) / (RAND_MAX + 1.0);
	return sum;
}

static const struct sense_rtd truth = { 99.99, 3.9080e-3, -5.78e-7, -4.2e-12 };

/* Without noise where @seed is NULL. */
static unsigned int observe(struct sense_comparison_point *p, double from, unsigned int *seed)
{
	double common = seed ? 0.002 * normal(seed) : 0;
	unsigned int n = 0;

	for (double t = from; t <= 150; t += 25, n++)
		p[n] = (struct sense_comparison_point){
			.nominal = t,
			.reference = t,
			.u_reference = hypot(0.002, 0.001),
			.u_common = 0.002,
			.u_input = 0.0004,
			.input = sense_rtd_resistance_ohm(
					 &truth, t + common + (seed ? 0.001 * normal(seed) : 0)) +
				 (seed ? 0.0004 * normal(seed) : 0),
		};
	return n;
}

static struct sense_comparison *compare(struct sense_sensor *sensor,
					enum sense_comparison_equation equation,
					unsigned int degree, const struct sense_comparison_point *p,
					unsigned int n)
{
	struct sense_comparison_setup setup = { sensor, equation, degree, 0, 2 };

	return sense_comparison_new(&setup, p, n);
}

static void finds_it_again(void)
{
	struct sense_sensor *sensor = sense_sensor_open("pt100");
	struct sense_comparison_point p[32];
	unsigned int n = observe(p, -50, NULL);
	struct sense_comparison *c = compare(sensor, SENSE_COMPARISON_RTD, 0, p, n);
	const struct sense_comparison_fit *fit;
	const struct sense_comparison_result *r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	fit = sense_comparison_get_fit(c);
	CU_ASSERT_EQUAL(fit->count, 4);
	CU_ASSERT_DOUBLE_EQUAL(fit->coefficients[0].value, truth.r0_ohm, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(fit->coefficients[1].value, truth.a, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(fit->coefficients[2].value, truth.b, 1e-14);
	CU_ASSERT_DOUBLE_EQUAL(fit->coefficients[3].value, truth.c, 1e-15);
	CU_ASSERT_EQUAL(fit->degrees_of_freedom, n - 4);
	CU_ASSERT(fit->chi2 < 1e-10);
	r = sense_comparison_get_result(c, 2); /* 0 degC: 10 mOhm less are 25.6 mK less */
	CU_ASSERT_DOUBLE_EQUAL(r->error, -0.01 / 0.39083, 1e-5);
	CU_ASSERT(isnan(r->en)); /* IEC 60751 states no uncertainty */
	/* What all points share, no fit can average away. */
	CU_ASSERT(r->u_fitted > 0.002 && r->u_fitted < 0.0025);
	sense_comparison_free(c);
	c = compare(sensor, SENSE_COMPARISON_R0, 0, p + 2, 1);
	CU_ASSERT_PTR_NULL(c);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "too few"));
	sense_sensor_unref(sensor);
}

/* Over many comparisons, what the fit says of itself is how it scatters. */
static void covariance_is_honest(void)
{
	struct sense_sensor *sensor = sense_sensor_open("pt100");
	unsigned int seed = unit_seed(), within[3] = { 0 }, trials = 2000;
	struct sense_comparison_point p[32];

	for (unsigned int i = 0; i < trials; i++) {
		unsigned int n = observe(p, 0, &seed);
		struct sense_comparison *c = compare(sensor, SENSE_COMPARISON_RTD, 0, p, n);

		CU_ASSERT_PTR_NOT_NULL_FATAL(c);
		for (unsigned int k = 0; k < 3; k++) {
			const struct sense_comparison_result *r =
				sense_comparison_get_result(c, 3 * k);
			/* the true value of this reading is what the truth makes of it */
			double t = sense_rtd_temperature_degC(&truth, r->point.input);

			within[k] += fabs(r->fitted - t) < 2 * r->u_fitted;
		}
		sense_comparison_free(c);
	}
	printf(" (%u, %u, %u in %u within U) ", within[0], within[1], within[2], trials);
	for (unsigned int k = 0; k < 3; k++)
		CU_ASSERT(within[k] > trials * 0.925 && within[k] < trials * 0.985);
	sense_sensor_unref(sensor);
}

static struct sense_sensor *written(const struct sense_comparison *c, const char *expected)
{
	struct sense_comparison_file file = { .serial = "7 \"x\"",
					      .calibrated = 20777,
					      .valid_until = "2027-11-19" };
	struct sense_sensor *sensor;
	const char *kind;
	char *text;

	CU_ASSERT_EQUAL_FATAL(sense_comparison_get_file(c, &file, &kind, &text), 0);
	CU_ASSERT_STRING_EQUAL(kind, expected);
	sensor = sense_sensor_parse(kind, "new", text, strlen(text));
	if (!sensor)
		printf("\n%s\n%s\n", sense_error_last()->sentence, text);
	free(text);
	CU_ASSERT_PTR_NOT_NULL_FATAL(sensor);
	CU_ASSERT_STRING_EQUAL(sense_sensor_get_calibration(sensor)->serial, "7 \"x\"");
	return sensor;
}

/* What is written reads the values and uncertainties that the fit has. */
static void same(const struct sense_comparison *c, const struct sense_sensor *sensor,
		 double tolerance)
{
	for (unsigned int i = 0; i < sense_comparison_get_count(c); i++) {
		const struct sense_comparison_result *r = sense_comparison_get_result(c, i);
		struct sense_reading reading =
			sense_sensor_read(sensor, r->point.input, 0, INT64_MIN);

		CU_ASSERT_DOUBLE_EQUAL(reading.value, r->fitted, tolerance);
		/* beyond the outermost points by their noise, u grows */
		if (!(reading.flags & SENSE_READING_OUTSIDE))
			CU_ASSERT_DOUBLE_EQUAL(reading.u, r->u_fitted, 0.03 * r->u_fitted);
	}
}

static void files_say_the_same(void)
{
	struct sense_sensor *sensor = sense_sensor_open("pt100"), *fresh, *tc;
	struct sense_comparison_point p[32];
	unsigned int seed = unit_seed(), n = observe(p, -50, &seed);
	struct sense_comparison *c = compare(sensor, SENSE_COMPARISON_RTD, 0, p, n);
	struct sense_thermocouple k = { 'K', { 0, 0.05e-6, 2e-10 } };

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	fresh = written(c, "rtd");
	same(c, fresh, 1e-6);
	sense_sensor_unref(fresh);
	sense_comparison_free(c);
	c = compare(sensor, SENSE_COMPARISON_R0, 0, p, n);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	fresh = written(c, "rtd");
	same(c, fresh, 1e-6);
	sense_sensor_unref(fresh);
	sense_comparison_free(c);
	c = compare(sensor, SENSE_COMPARISON_POLYNOMIAL, 3, p, n);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	fresh = written(c, "table");
	same(c, fresh, 1e-9);
	sense_sensor_unref(fresh);
	sense_comparison_free(c);

	for (unsigned int i = 0; i < 5; i++)
		p[i] = (struct sense_comparison_point){
			.nominal = 100 * i,
			.reference = 100 * i,
			.u_reference = 0.05,
			.u_common = 0.03,
			.input = sense_thermocouple_voltage_V(&k, 100 * i),
			.u_input = 0.5e-6,
		};
	tc = sense_sensor_open("tc-K");
	c = compare(tc, SENSE_COMPARISON_DEVIATION, 2, p, 5);
	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	CU_ASSERT_DOUBLE_EQUAL(sense_comparison_get_fit(c)->coefficients[0].value, 0.05, 1e-6);
	CU_ASSERT_DOUBLE_EQUAL(sense_comparison_get_fit(c)->coefficients[1].value, 2e-4, 1e-8);
	fresh = written(c, "tc");
	same(c, fresh, 1e-6);
	sense_sensor_unref(fresh);
	sense_comparison_free(c);
	sense_sensor_unref(tc);
	sense_sensor_unref(sensor);
}

static void scatter_counts(void)
{
	struct sense_sensor *sensor = sense_sensor_open("pt100");
	struct sense_comparison_point p[32];
	unsigned int n = observe(p, 0, NULL);
	struct sense_comparison *good = compare(sensor, SENSE_COMPARISON_RTD, 0, p, n), *bad;

	p[3].input += 0.02; /* 50 mK where 1 mK is stated */
	bad = compare(sensor, SENSE_COMPARISON_RTD, 0, p, n);
	CU_ASSERT_PTR_NOT_NULL_FATAL(bad);
	CU_ASSERT_EQUAL(sense_comparison_get_fit(good)->inflation, 1);
	CU_ASSERT(sense_comparison_get_fit(bad)->inflation > 10);
	CU_ASSERT_DOUBLE_EQUAL(sense_comparison_get_result(bad, 0)->u_fitted /
				       sense_comparison_get_result(good, 0)->u_fitted,
			       sense_comparison_get_fit(bad)->inflation, 0.01);
	sense_comparison_free(good);
	sense_comparison_free(bad);
	sense_sensor_unref(sensor);
}

static void refused(struct sense_sensor *sensor, enum sense_comparison_equation equation,
		    const struct sense_comparison_point *p, unsigned int n, int code,
		    const char *sentence)
{
	CU_ASSERT_PTR_NULL(compare(sensor, equation, 2, p, n));
	CU_ASSERT_EQUAL(sense_error_last()->code, code);
	if (!strstr(sense_error_last()->sentence, sentence))
		printf("\n%s\n", sense_error_last()->sentence);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, sentence));
}

static void refusals(void)
{
	struct sense_sensor *sensor = sense_sensor_open("pt100");
	struct sense_comparison_point p[32];
	unsigned int n = observe(p, 0, NULL);
	double kept;

	refused(sensor, SENSE_COMPARISON_RTD, p, 3, EINVAL, "too few");
	refused(sensor, SENSE_COMPARISON_RTD, p, 0, EINVAL, "0 points");
	refused(sensor, SENSE_COMPARISON_DEVIATION, p, n, EINVAL, "not for a sensor of kind rtd");
	kept = p[2].input;
	p[2].input = p[4].input;
	p[4].input = kept;
	refused(sensor, SENSE_COMPARISON_RTD, p, n, EDOM, "do not go one way");
	refused(sensor, SENSE_COMPARISON_NONE, p, n, EDOM, "do not go one way");
	n = observe(p, 0, NULL);
	p[1].input = 1e6;
	refused(sensor, SENSE_COMPARISON_NONE, p, n, EDOM, "no value for a reading");
	n = observe(p, 0, NULL);
	p[1].u_reference = 0;
	refused(sensor, SENSE_COMPARISON_NONE, p, n, EINVAL, "uncertainties at 25");
	n = observe(p, 0, NULL);
	p[1].u_common = 1;
	refused(sensor, SENSE_COMPARISON_NONE, p, n, EINVAL, "uncertainties at 25");
	sense_sensor_unref(sensor);
}

static void reference_in_force(void)
{
	struct sense_certificate *c =
		sense_certificate_load("Documentation/examples/calibration/reference.xml");
	struct sense_comparison_point p = { .reference = 20, .u_reference = 0.001 };
	int32_t day;

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	sense_day_parse("2026-11-20", &day);
#define CHECK(serial, when) \
	sense_comparison_check_reference(c, serial, when, "\\degreecelsius", &p, 1)
	CU_ASSERT_EQUAL(CHECK("SPRT-25", day), 0);
	CU_ASSERT_EQUAL(CHECK(NULL, day), 0);
	CU_ASSERT_EQUAL(CHECK("SPRT-26", day), -ENOENT);
	CU_ASSERT_EQUAL(CHECK(NULL, day + 365), -EKEYEXPIRED);
	CU_ASSERT_EQUAL(CHECK(NULL, day - 365), -EAGAIN);
	p.reference = 160.002;
	CU_ASSERT_EQUAL(CHECK(NULL, day), 0); /* the end of the range, by its uncertainty */
	p.reference = 160.004;
	CU_ASSERT_EQUAL(CHECK(NULL, day), -ERANGE);
	p.reference = -41;
	CU_ASSERT_EQUAL(CHECK(NULL, day), -ERANGE);
	sense_certificate_unref(c);
}

UNIT_TESTS = { UNIT(finds_it_again),
	       UNIT(covariance_is_honest),
	       UNIT(files_say_the_same),
	       UNIT(scatter_counts),
	       UNIT(refusals),
	       UNIT(reference_in_force),
	       UNIT_END };
UNIT_MAIN("comparison")
