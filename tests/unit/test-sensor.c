// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <string.h>

#include <sense/error.h>
#include <sense/sensor.h>

static struct sense_sensor *parse(const char *kind, const char *text)
{
	return sense_sensor_parse(kind, "file", text, strlen(text));
}

static void expect(const char *kind, const char *text, double x, double auxiliary, double y, double within)
{
	struct sense_sensor *s = parse(kind, text);
	struct sense_reading reading, back;

	if (!s)
		printf("\n%s: %s\n", sense_error_last()->object, sense_error_last()->sentence);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	reading = sense_sensor_read(s, x, auxiliary, INT64_MIN);
	CU_ASSERT_DOUBLE_EQUAL(reading.value, y, within);
	back = sense_sensor_invert(s, reading.value, auxiliary, INT64_MIN);
	CU_ASSERT_DOUBLE_EQUAL(back.value, x, 1e-9 * fabs(x) + 1e-15);
	sense_sensor_unref(s);
}

static void files_of_every_kind(void)
{
	expect("rtd", "sensor: rtd\nr0: 100\n", 138.5055, NAN, 100, 1e-4);
	expect("rtd", "r0: 99.99\na: 3.9085e-3\nb: -5.77e-7\nc: -4.2e-12\nrange: [-50, 250]\n",
	       99.99, NAN, 0, 1e-9);
	expect("rtd", "points:\n- [-50, 80.3063]\n- [-20, 92.1599]\n- [0, 100]\n- [50, 119.3971]\n- [100, 138.5055]\n",
	       109.7347, NAN, 25, 2e-3);
	expect("sprt", "r_tpw: 25.5\nlow: {subrange: 4, a: -1.2e-4, b: 8.0e-6}\n"
	       "high: {subrange: 8, a: -1.5e-4, b: -9.0e-6}\n", 25.5, NAN, 0.01, 2e-6);
	expect("sprt", "r_tpw: 25.5\nhigh:\n  subrange: 8\n  points:\n  - [231.928, 1.8926]\n  - [419.527, 2.5685]\n",
	       25.5 * 2.5685, NAN, 419.527, 1e-6);
	expect("tc", "type: K\n", 4.096e-3, 0, 100, 0.02);
	expect("tc", "type: K\ndeviation_uV: [0, 0.1]\n", 4.096e-3 + 10e-6, 0, 100, 0.02);
	expect("ntc", "beta: 3977\nr0: 10000\nrange: [-40, 125]\n", 10000, NAN, 25, 1e-9);
	expect("ntc", "points:\n- [0, 7355]\n- [25, 2252]\n- [70, 394.5]\n", 2252, NAN, 25, 1e-9);
	expect("ntc", "steinhart_hart: [1.1e-3, 2.3e-4, 9.0e-8]\nrange: [0, 60]\n", 10000, NAN, 30.92, 0.01);
	expect("ma", "unit: m3/h\nlow: 0\nhigh: 12.5\n", 12e-3, NAN, 6.25, 1e-12);
	expect("ma", "unit: m\npoints: [[4, 0], [12, 1], [20, 3]]\n", 16e-3, NAN, 2, 1e-12);
	expect("bridge", "rated_kg: 500\nsensitivity_mV_V: 2\n", 1e-3, 20, 250, 1e-9);
	expect("table", "unit: hPa\ninput_unit: V\npoints: [[0, 900], [1, 950], [2, 1100]]\n", 1.5, NAN, 1025, 1e-9);
	expect("table", "unit: hPa\ninput_unit: V\nfit: spline\npoints: [[0, 900], [1, 1000], [2, 1100]]\n",
	       1.5, NAN, 1050, 1e-9);
	expect("table", "unit: hPa\ninput_unit: V\nfit: polynomial\ndegree: 1\ncommon_u: 0.1\n"
	       "points: [[0, 900, 0.2], [1, 1000, 0.2], [2, 1100, 0.3]]\n", 1.5, NAN, 1050, 1e-9);
	expect("linear", "unit: Pa\ngain: 0.5\nzero: 100\nrange: [0, 2000]\n", 1000, NAN, 600, 1e-9);
	expect("linear", "unit: hPa\ninput_unit: Pa\ngain: 0.01\nrange: [900, 1100]\n", 1e5, NAN, 1000,
	       1e-9);
}

/* A straight line in a small unit: outside, grown and impossible in their turn. */
static void straight_line(void)
{
	static const char text[] = "unit: kg/m3\nrange: [0, 100e-9]\nlimits: [0, 1e-6]\n"
				   "uncertainty: {u: 1e-9, relative: 0.05}\n";
	struct sense_sensor *s = sense_sensor_parse("linear", "pm.yaml", text, strlen(text));
	struct sense_reading r;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_STRING_EQUAL(sense_sensor_get_input_unit(s), "kg/m3");
	r = sense_sensor_read(s, 20e-9, NAN, INT64_MIN);
	CU_ASSERT_DOUBLE_EQUAL(r.value, 20e-9, 1e-20);
	CU_ASSERT_DOUBLE_EQUAL(r.u, sqrt(2) * 1e-9, 1e-20);
	CU_ASSERT_EQUAL(r.flags, 0);
	/* Half a microgram beyond is beyond, small as the number is. */
	r = sense_sensor_read(s, 100.5e-9, NAN, INT64_MIN);
	CU_ASSERT_EQUAL(r.flags, SENSE_READING_OUTSIDE);
	r = sense_sensor_read(s, 130e-9, NAN, INT64_MIN);
	CU_ASSERT_DOUBLE_EQUAL(r.u, sqrt(1e-18 + 42.25e-18 + 300e-18), 1e-18);
	CU_ASSERT_EQUAL(r.flags, SENSE_READING_OUTSIDE);
	r = sense_sensor_read(s, 1.1e-6, NAN, INT64_MIN);
	CU_ASSERT(isnan(r.value));
	CU_ASSERT_EQUAL(r.flags, SENSE_READING_IMPOSSIBLE);
	sense_sensor_unref(s);
}

static void named(void)
{
	static const char *const names[] = { "pt100", "pt500", "pt1000", "tc-B", "tc-E", "tc-J", "tc-K",
					     "tc-N", "tc-R", "tc-S", "tc-T" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct sense_sensor *s = sense_sensor_open(names[i]);

		CU_ASSERT_PTR_NOT_NULL_FATAL(s);
		CU_ASSERT_STRING_EQUAL(sense_sensor_get_name(s), names[i]);
		CU_ASSERT_EQUAL(strlen(sense_sensor_get_digest(s)), 64);
		CU_ASSERT(sense_sensor_read(s, i < 3 ? 150 * (i == 0 ? 1 : i == 1 ? 5 : 10) : 5e-3, 0,
					    INT64_MIN).flags == SENSE_READING_UNCALIBRATED);
		sense_sensor_unref(s);
	}
	CU_ASSERT_PTR_NULL(sense_sensor_open("pt99"));
	CU_ASSERT_PTR_NULL(sense_sensor_open("tc-X"));
	CU_ASSERT_PTR_NULL(sense_sensor_open("rtd:/nowhere/file"));
	CU_ASSERT_EQUAL(sense_error_last()->code, ENOENT);
	CU_ASSERT_PTR_NULL(sense_sensor_open("rtd:/"));
}

static void uncertainty_adds_up(void)
{
	const char *text = "r0: 100\nrange: [0, 100]\nuncertainty: {U: 0.010, k: 2, input: 0.0005, drift_per_year: 0.004}\n"
			   "calibrated: 2026-01-01\nvalid_until: 2026-12-31\nserial: A1\n";
	struct sense_sensor *s = parse("rtd", text);
	int64_t year = INT64_C(31556952000000000), made;
	struct sense_reading r;
	double slope = 0.39083, u;

	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	made = sense_sensor_get_calibration(s)->calibrated_ns;
	CU_ASSERT_EQUAL(made, (INT64_C(1767225600) + 37) * 1000000000);
	CU_ASSERT_EQUAL(sense_sensor_get_calibration(s)->valid_until_ns - made, INT64_C(365) * 86400 * 1000000000);
	r = sense_sensor_read(s, 100, NAN, INT64_MIN);
	u = hypot(0.005, 0.0005 / slope);
	CU_ASSERT_DOUBLE_EQUAL(r.u, u, 1e-9);
	CU_ASSERT_EQUAL(r.flags, 0);
	r = sense_sensor_read(s, 100, NAN, made + year / 2);
	CU_ASSERT_DOUBLE_EQUAL(r.u, hypot(u, 0.002), 1e-9);
	CU_ASSERT_EQUAL(r.flags, 0);
	r = sense_sensor_read(s, 100, NAN, made + year);
	CU_ASSERT_EQUAL(r.flags, SENSE_READING_EXPIRED);
	/* 10 degC beyond the calibrated range: flagged, u grown by 10 / sqrt 3 */
	r = sense_sensor_invert(s, 110, NAN, INT64_MIN);
	r = sense_sensor_read(s, r.value, NAN, INT64_MIN);
	CU_ASSERT_EQUAL(r.flags, SENSE_READING_OUTSIDE);
	CU_ASSERT_DOUBLE_EQUAL(r.value, 110, 1e-9);
	CU_ASSERT_DOUBLE_EQUAL(r.u, 10 / sqrt(3), 1e-4);
	r = sense_sensor_read(s, 10, NAN, INT64_MIN);
	CU_ASSERT_EQUAL(r.flags, SENSE_READING_IMPOSSIBLE);
	CU_ASSERT(isnan(r.value) && isnan(r.u));
	sense_sensor_unref(s);

	s = parse("rtd", "r0: 100\nrange: [0, 100]\noutside: refuse\nuncertainty: {points: [[0, 0.004], [100, 0.008]], k: 2}\n");
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	r = sense_sensor_read(s, 138.5055 + 1, NAN, INT64_MIN);
	CU_ASSERT_EQUAL(r.flags, SENSE_READING_OUTSIDE);
	CU_ASSERT(isnan(r.value));
	r = sense_sensor_read(s, 100, NAN, INT64_MIN);
	CU_ASSERT_DOUBLE_EQUAL(r.u, 0.002, 1e-12);
	r = sense_sensor_read(s, 119.3971, NAN, INT64_MIN);
	CU_ASSERT_DOUBLE_EQUAL(r.u, 0.003, 1e-6);
	sense_sensor_unref(s);

	/* cold junction: 0.5 degC of it is 0.5 E'(25) / E'(t) at the measuring junction */
	s = parse("tc", "type: K\nuncertainty: {u: 0.1, auxiliary: 0.5}\n");
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	r = sense_sensor_read(s, 0, 25, INT64_MIN);
	CU_ASSERT_DOUBLE_EQUAL(r.u, hypot(0.1, 0.5), 1e-9);
	sense_sensor_unref(s);
	/* bridge: zero 1e-5 mV/V per degC of 2 mV/V at 500 kg is 0.0025 kg per degC */
	s = parse("bridge", "rated_kg: 500\nsensitivity_mV_V: 2\ntc_zero_mV_V: 1.0e-5\ntemperature_range: [0, 40]\n"
		  "uncertainty: {u: 0.001, auxiliary: 1}\n");
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	r = sense_sensor_read(s, 1e-3, 20, INT64_MIN);
	CU_ASSERT_DOUBLE_EQUAL(r.u, hypot(0.001, 0.0025), 1e-9);
	sense_sensor_unref(s);
}

static void digests_tell_apart(void)
{
	struct sense_sensor *a = parse("rtd", "r0: 100\n"), *b = parse("rtd", "# a remark\nr0:   100.0\n");
	struct sense_sensor *c = parse("rtd", "r0: 100.00000000000001421\n"), *d = parse("rtd", "r0: 100\nserial: x\n");

	CU_ASSERT_STRING_EQUAL(sense_sensor_get_digest(a), sense_sensor_get_digest(b));
	CU_ASSERT_STRING_NOT_EQUAL(sense_sensor_get_digest(a), sense_sensor_get_digest(c));
	CU_ASSERT_STRING_NOT_EQUAL(sense_sensor_get_digest(a), sense_sensor_get_digest(d));
	sense_sensor_unref(a);
	sense_sensor_unref(b);
	sense_sensor_unref(c);
	sense_sensor_unref(d);
}

/* What is wrong, on which line, and a word of the sentence or the remedy. */
static void refuses_with_line_and_key(void)
{
	static const struct { const char *kind, *text; int line; const char *says; } bad[] = {
		{ "rtd", "", 1, "no sensor file" },
		{ "rtd", "- a\n", 1, "no sensor file" },
		{ "rtd", "r0: [\n", 2, "no YAML" },
		{ "rtd", "a: 3.9e-3\n", 1, "'r0' is missing" },
		{ "rtd", "serial: x\nr0: abc\n", 2, "'r0' must be a number and is 'abc'" },
		{ "rtd", "r0: 100 ohm\n", 1, "without a unit" },
		{ "rtd", "r0: .inf\n", 1, "number" },
		{ "rtd", "r0: 100\nR0: 100\n", 2, "no key 'R0'" },
		{ "rtd", "r0: 100\nr0: 101\n", 2, "twice" },
		{ "rtd", "r0: 100\na: 3.9e-3\n", 1, "'b' is missing" },
		{ "rtd", "r0: 100\na: -3.9e-3\nb: 0\n", 1, "rises" },
		{ "rtd", "r0: 100\nsensor: sprt\n", 2, "kind 'sprt'" },
		{ "rtd", "r0: 100\nrange: [100, 0]\n", 1, "empty" },
		{ "rtd", "r0: 100\nrange: [0, 900]\n", 1, "beyond" },
		{ "rtd", "r0: 100\nrange: 5\n", 2, "list of 2" },
		{ "rtd", "r0: 100\nvalid_until: 2026-02-30\n", 2, "is none" },
		{ "rtd", "r0: 100\nvalid_until: tomorrow\n", 2, "date" },
		{ "rtd", "r0: 100\ncalibrated: 2026-02-01\nvalid_until: 2025-02-01\n", 1, "ends before" },
		{ "rtd", "r0: 100\nuncertainty: {U: 0.01}\n", 2, "coverage factor" },
		{ "rtd", "r0: 100\nuncertainty: {U: 0.01, k: 0}\n", 2, "k is 0" },
		{ "rtd", "r0: 100\nuncertainty: {u: 0.01, U: 1, k: 2}\n", 2, "both" },
		{ "rtd", "r0: 100\nuncertainty: -1\n", 1, "negative" },
		{ "rtd", "r0: 100\noutside: maybe\n", 2, "refuse" },
		{ "rtd", "points: [[0, 100], [50, 119]]\n", 1, "settle" },
		{ "sprt", "r_tpw: 25\n", 1, "subranges 0" },
		{ "sprt", "r_tpw: 25\nlow: {subrange: 12, a: 0, b: 0}\n", 2, "subrange is 12" },
		{ "sprt", "r_tpw: 25\nlow: {subrange: 4, a: 0}\n", 2, "'b' is missing" },
		{ "sprt", "r_tpw: 25\nlow: {subrange: 3, a: 0, b: 0}\n", 2, "coefficients c" },
		{ "tc", "type: KK\n", 1, "'KK'" },
		{ "tc", "type: Q\n", 1, "type 'Q'" },
		{ "ntc", "r0: 1\n", 1, "not given" },
		{ "ntc", "beta: 3000\nr0: 10000\n", 1, "'range' is missing" },
		{ "ma", "low: 0\nhigh: 1\n", 1, "'unit' is missing" },
		{ "ma", "unit: m\nlow: 1\nhigh: 1\n", 1, "not monotonic" },
		{ "ma", "unit: m\npoints: [[4, 0], [12, 2], [20, 1]]\n", 1, "not monotonic" },
		{ "ma", "unit: m\npoints: [[4, 0], [12]]\n", 2, "2 to 2" },
		{ "bridge", "rated_kg: 0\nsensitivity_mV_V: 2\n", 1, "load cell" },
		{ "table", "unit: a\ninput_unit: b\npoints: [[0, 0], [1, 2], [2, 1]]\n", 1, "not monotonic" },
		{ "table", "unit: a\ninput_unit: b\nfit: cubic\npoints: [[0, 0], [1, 2]]\n", 3, "'cubic'" },
		{ "table", "unit: a\ninput_unit: b\ncommon_u: 1\npoints: [[0, 0, 0.5], [1, 2, 0.5]]\n", 4, "positive definite" },
		{ "linear", "unit: Pa\n", 1, "'range' is missing" },
		{ "linear", "unit: Pa\ngain: 0\nrange: [0, 1]\n", 1, "gain of 0" },
		{ "linear", "unit: Pa\nrange: [0, 2]\nlimits: [0, 1]\n", 1, "reaches beyond" },
		{ "linear", "unit: Pa\ninput_unit: V\nrange: [0, 2]\n", 1, "'gain' is missing" },
		{ "linear", "unit: Pa\nrange: [2, 0]\n", 1, "hold no value" },
		{ "wheel", "", 0, "no kind" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const struct sense_error *e = sense_error_last();
		char line[16];

		snprintf(line, sizeof(line), "file:%d", bad[i].line);
		CU_ASSERT_PTR_NULL(parse(bad[i].kind, bad[i].text));
		if (!strstr(e->sentence, bad[i].says) && !strstr(e->remedy, bad[i].says)) {
			printf("\n%zu: %s: %s; %s\n", i, e->object, e->sentence, e->remedy);
			CU_FAIL("sentence");
		}
		if (bad[i].line && strcmp(e->object, line)) {
			printf("\n%zu: %s, not %s: %s\n", i, e->object, line, e->sentence);
			CU_FAIL("line");
		}
		CU_ASSERT(strlen(e->remedy) > 0);
	}
}

static struct sense_sensor *load(const char *text)
{
	FILE *file = fopen("build/test-sensor.yaml", "w");
	struct sense_sensor *s;

	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	fputs(text, file);
	fclose(file);
	s = sense_sensor_open("rtd:build/test-sensor.yaml");
	remove("build/test-sensor.yaml");
	return s;
}

#define DCC "certificate_file: ../tests/fixtures/dcc/dcc-3.3.xml\n"

static void takes_from_its_certificate(void)
{
	struct sense_sensor *s = load(DCC "serial: PT-4711\n");
	const struct sense_sensor_calibration *c;
	struct sense_reading r;

	if (!s)
		printf("\n%s: %s\n", sense_error_last()->object, sense_error_last()->sentence);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	c = sense_sensor_get_calibration(s);
	CU_ASSERT_STRING_EQUAL(c->certificate, "TEST-33-0004");
	CU_ASSERT_EQUAL(strlen(c->certificate_sha256), 64);
	CU_ASSERT_EQUAL(c->valid_until_ns, (INT64_C(1746057600) + 37) * 1000000000);	/* 2025-05-01 */
	r = sense_sensor_read(s, 100.009, NAN, INT64_MIN);
	CU_ASSERT_DOUBLE_EQUAL(r.value, 0, 1e-9);
	/* 2 mohm of 0.3908 ohm/degC, and 2 mK of the reference */
	r = sense_sensor_read(s, 100.0129, NAN, INT64_MIN);
	CU_ASSERT_DOUBLE_EQUAL(r.u, hypot(0.002 / 0.3908, 0.002), 2e-5);
	r = sense_sensor_read(s, 110, NAN, c->valid_until_ns + 1);
	CU_ASSERT(r.flags & SENSE_READING_EXPIRED);
	sense_sensor_unref(s);

	CU_ASSERT_PTR_NULL(load(DCC "serial: PT-4712\n"));
	CU_ASSERT_STRING_EQUAL(sense_error_last()->object, "build/test-sensor.yaml:1");
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "PT-4711"));
	CU_ASSERT_PTR_NULL(load("serial: PT-4711\ncertificate: X-1\n" DCC));
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "'X-1'"));
	CU_ASSERT_PTR_NULL(load("certificate_file: none.xml\n"));
	CU_ASSERT_PTR_NULL(parse("rtd", DCC));
	/* its own coefficients go before the certificate's; the rest is the certificate's */
	s = load("serial: PT-4711\nr0: 100\n" DCC);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	CU_ASSERT_DOUBLE_EQUAL(sense_sensor_read(s, 100, NAN, INT64_MIN).value, 0, 1e-12);
	CU_ASSERT_STRING_EQUAL(sense_sensor_get_calibration(s)->certificate, "TEST-33-0004");
	sense_sensor_unref(s);
}

UNIT_TESTS = { UNIT(takes_from_its_certificate), UNIT(files_of_every_kind), UNIT(straight_line), UNIT(named), UNIT(uncertainty_adds_up), UNIT(digests_tell_apart),
	       UNIT(refuses_with_line_and_key), UNIT_END };
UNIT_MAIN("sensor")
