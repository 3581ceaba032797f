// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <string.h>

#include <sense/calibrator.h>
#include <sense/error.h>

static struct sense_layout *make_layout(void)
{
	struct sense_layout *layout = sense_layout_new("test-1", 256);

	CU_ASSERT_PTR_NOT_NULL_FATAL(layout);
	CU_ASSERT_EQUAL(sense_layout_add_channel(layout, "bath", SENSE_KIND_RTD, 1e-5, 0), 0);
	CU_ASSERT_EQUAL(sense_layout_add_channel(layout, "pressure", SENSE_KIND_PRESSURE, 0.5, 100), 1);
	return layout;
}

static void put(struct sense_frame *frame, uint64_t sequence, int32_t a, int32_t b, uint64_t fault)
{
	int32_t raw[2] = { a, b };
	struct sense_scan scan = { .sequence = sequence, .fault = fault, .raw = raw };

	CU_ASSERT_EQUAL(sense_frame_put(frame, &scan), 0);
}

static void fills_values(void)
{
	struct sense_layout *layout = make_layout();
	struct sense_calibrator *calibrator = sense_calibrator_new(layout);
	struct sense_frame *frame = sense_frame_new(layout);
	struct sense_rtd rtd = sense_rtd_iec60751(100);
	const double *t, *p;

	CU_ASSERT_STRING_EQUAL(sense_calibrator_get_unit(calibrator, 0), "Ohm");
	CU_ASSERT_EQUAL(sense_calibrator_set_rtd(calibrator, 0, &rtd), 0);
	CU_ASSERT_STRING_EQUAL(sense_calibrator_get_unit(calibrator, 0), "Cel");

	sense_frame_clear(frame, 256);
	put(frame, 256, 10000000, 0, 0);
	put(frame, 257, 13850550, 1, 0);
	put(frame, 259, 6025584, 2, 0);		/* 258 is missing */
	put(frame, 260, 10000000, 3, 1);	/* the first channel is in fault */
	put(frame, 261, 0, 4, 0);		/* below the equation's range */
	CU_ASSERT_EQUAL(sense_calibrator_apply(calibrator, frame), 0);
	t = sense_frame_get_value(frame, 0);
	p = sense_frame_get_value(frame, 1);
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	CU_ASSERT_PTR_NOT_NULL_FATAL(p);
	CU_ASSERT_DOUBLE_EQUAL(t[0], 0, 1e-12);
	CU_ASSERT_DOUBLE_EQUAL(t[1], 100, 1e-4);
	CU_ASSERT(isnan(t[2]));
	CU_ASSERT_DOUBLE_EQUAL(t[3], -100, 1e-3);
	CU_ASSERT(isnan(t[4]));
	CU_ASSERT(isnan(t[5]));
	CU_ASSERT_EQUAL(p[1], 50.5);
	CU_ASSERT(isnan(p[2]));
	CU_ASSERT_EQUAL(p[4], 51.5);
	CU_ASSERT(isnan(sense_frame_get_value_u(frame, 0)[0]));
	CU_ASSERT_STRING_EQUAL(sense_frame_get_value_unit(frame, 0), "Cel");
	CU_ASSERT_STRING_EQUAL(sense_frame_get_value_unit(frame, 1), "Pa");
	sense_frame_release(frame);
	sense_calibrator_free(calibrator);
	sense_layout_unref(layout);
}

static void refuses(void)
{
	struct sense_layout *layout = make_layout(), *other = make_layout();
	struct sense_calibrator *calibrator = sense_calibrator_new(layout);
	struct sense_frame *frame = sense_frame_new(other);
	struct sense_rtd rtd = sense_rtd_iec60751(100), bent = { 100, 3.9e-3, -5e-6, 0 };

	CU_ASSERT_EQUAL(sense_calibrator_set_rtd(calibrator, 7, &rtd), -ENOENT);
	CU_ASSERT_EQUAL(sense_calibrator_set_rtd(calibrator, 1, &rtd), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "Pa"));
	CU_ASSERT_EQUAL(sense_calibrator_set_rtd(calibrator, 0, &bent), -EINVAL);
	CU_ASSERT_EQUAL(sense_calibrator_apply(calibrator, frame), -EINVAL);
	CU_ASSERT_STRING_EQUAL(sense_calibrator_get_unit(calibrator, 0), "Ohm");
	sense_frame_release(frame);
	sense_calibrator_free(calibrator);
	sense_layout_unref(layout);
	sense_layout_unref(other);
}


static struct sense_sensor *parse(const char *kind, const char *text)
{
	struct sense_sensor *s = sense_sensor_parse(kind, "file", text, strlen(text));

	if (!s)
		printf("\n%s: %s\n", sense_error_last()->object, sense_error_last()->sentence);
	CU_ASSERT_PTR_NOT_NULL_FATAL(s);
	return s;
}

static uint32_t quality(const struct sense_frame *frame, unsigned int channel, uint32_t slot)
{
	return sense_frame_get_quality(frame, channel, slot) & ~SENSE_QUALITY_TIME_UNCERTAIN;
}

#define YEAR_NS INT64_C(31556952000000000)

/* Value, u and flags of the stage are those of the sensor, read one by one. */
static void agrees_with_the_sensor(void)
{
	static const struct {
		const char *kind, *text;
		enum sense_kind channel;
		double scale, from, to, within;
	} cases[] = {
		{ "rtd", "r0: 100\nrange: [-50, 250]\nuncertainty: {u: 0.005, input: 0.0005, drift_per_year: 0.004}\n"
			 "calibrated: 2026-01-01\n", SENSE_KIND_RTD, 2e-7, -199, 400, 6e-7 },
		{ "sprt", "r_tpw: 25.4783\nlow: {subrange: 4, a: -1.2e-4, b: 8.0e-6}\n"
			  "high: {subrange: 7, a: -1.5e-4, b: -9.0e-6, c: 2.0e-6}\nrange: [-100, 400]\n"
			  "uncertainty: {points: [[-100, 0.001], [0, 0.0002], [400, 0.002]]}\n",
		  SENSE_KIND_RTD, 5e-8, -189, 660, 2e-6 },
		{ "tc", "type: N\nuncertainty: {u: 0.1}\nrange: [-100, 1000]\n", SENSE_KIND_THERMOCOUPLE,
		  1e-10, -269, 1299, 2e-5 },
		{ "ntc", "beta: 3977\nr0: 10000\nrange: [-20, 100]\nuncertainty: 0.02\n", SENSE_KIND_THERMISTOR,
		  1e-4, -19.9, 99.9, 6e-7 },
		{ "ma", "unit: m3/h\nlow: 0\nhigh: 12.5\nuncertainty: {u: 0.02, relative: 0.01}\n",
		  SENSE_KIND_CURRENT_LOOP, 1e-11, -0.15, 12.8, 1e-8 },
		{ "bridge", "rated_kg: 500\nsensitivity_mV_V: 2\nuncertainty: 0.05\n", SENSE_KIND_BRIDGE, 1e-12, 0,
		  500, 1e-6 },
	};

	srand(unit_seed());
	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		struct sense_layout *layout = sense_layout_new("test", 4096);
		struct sense_sensor *s = parse(cases[k].kind, cases[k].text);
		struct sense_calibrator *calibrator;
		struct sense_frame *frame;
		int64_t time = sense_sensor_get_calibration(s)->calibrated_ns;
		double worst = 0, worst_u = 0, aux = sense_sensor_get_reference_degC(s);
		uint32_t outside = 0;

		time = time == INT64_MIN ? 0 : time + YEAR_NS;
		CU_ASSERT_EQUAL(sense_layout_add_channel(layout, "x", cases[k].channel, cases[k].scale, 7), 0);
		calibrator = sense_calibrator_new(layout);
		CU_ASSERT_EQUAL_FATAL(sense_calibrator_set_sensor(calibrator, 0, s, -1, aux), 0);
		CU_ASSERT_STRING_EQUAL(sense_calibrator_get_unit(calibrator, 0), sense_sensor_get_unit(s));
		frame = sense_frame_new(layout);
		sense_frame_clear(frame, 0);
		for (uint32_t i = 0; i < 4096; i++) {
			double y = cases[k].from + (cases[k].to - cases[k].from) * rand() / RAND_MAX;
			int32_t raw = (int32_t)lrint(sense_sensor_invert(s, y, aux, INT64_MIN).value /
						     cases[k].scale - 7);
			struct sense_scan scan = { .sequence = i, .time_ns = time, .raw = &raw };

			CU_ASSERT_EQUAL(sense_frame_put(frame, &scan), 0);
		}
		CU_ASSERT_EQUAL(sense_calibrator_apply(calibrator, frame), 0);
		for (uint32_t i = 0; i < 4096; i++) {
			double x = (sense_frame_get_raw(frame, 0)[i] + 7.0) * cases[k].scale;
			struct sense_reading r = sense_sensor_read(s, x, aux, time);
			int out = !!(r.flags & SENSE_READING_OUTSIDE);

			worst = fmax(worst, fabs(r.value - sense_frame_get_value(frame, 0)[i]));
			worst_u = fmax(worst_u, fabs(r.u / sense_frame_get_value_u(frame, 0)[i] - 1));
			CU_ASSERT_EQUAL(quality(frame, 0, i), out ? SENSE_QUALITY_OUTSIDE : 0);
			outside += out;
		}
		printf("\n= stage beside sensor, %-6s: value within %.2g, u within %.2g %%, %u outside", cases[k].kind,
		       worst, worst_u * 100, outside);
		CU_ASSERT(worst <= cases[k].within);
		CU_ASSERT(worst_u < 0.01);
		CU_ASSERT(worst <= sense_calibration_get_error(sense_calibrator_get_calibration(calibrator, 0)) + 1e-9);
		CU_ASSERT(outside > 0 || k >= 3);
		sense_frame_release(frame);
		sense_calibrator_free(calibrator);
		sense_sensor_unref(s);
		sense_layout_unref(layout);
	}
	printf("\n");
}

static void cold_junction_by_its_channel(void)
{
	struct sense_layout *layout = sense_layout_new("test", 64);
	struct sense_thermocouple k = { .letter = 'K' };
	struct sense_sensor *s = sense_sensor_new_thermocouple(&k);
	struct sense_calibrator *calibrator;
	struct sense_frame *frame;

	/* the thermocouple stands first: the stage sees to it that the junction is known by then */
	sense_layout_add_channel(layout, "tc", SENSE_KIND_THERMOCOUPLE, 1e-10, 0);
	sense_layout_add_channel(layout, "cj", SENSE_KIND_COLD_JUNCTION, 1e-4, 0);
	calibrator = sense_calibrator_new(layout);
	CU_ASSERT_EQUAL_FATAL(sense_calibrator_set_sensor(calibrator, 0, s, 1, NAN), 0);
	frame = sense_frame_new(layout);
	sense_frame_clear(frame, 0);
	for (int i = 0; i < 40; i++) {
		double cj = 10 + i, t = -100 + 20 * i;
		double v = sense_thermocouple_voltage_V(&k, t) - sense_thermocouple_voltage_V(&k, cj);

		put(frame, (uint64_t)i, (int32_t)lrint(v * 1e10), (int32_t)lrint(cj * 1e4), i == 20 ? 2 : 0);
	}
	put(frame, 40, 0, 2000000, 0);	/* a cold junction of 200 degC is none */
	CU_ASSERT_EQUAL(sense_calibrator_apply(calibrator, frame), 0);
	for (int i = 0; i < 40; i++) {
		if (i == 20)
			CU_ASSERT(isnan(sense_frame_get_value(frame, 0)[i]))
		else
			CU_ASSERT_DOUBLE_EQUAL(sense_frame_get_value(frame, 0)[i], -100 + 20 * i, 3e-5);
	}
	CU_ASSERT(isnan(sense_frame_get_value(frame, 0)[40]));
	CU_ASSERT(quality(frame, 0, 20) & SENSE_QUALITY_OUTSIDE);
	CU_ASSERT(quality(frame, 0, 40) & SENSE_QUALITY_OUTSIDE);
	CU_ASSERT_EQUAL(quality(frame, 0, 5), SENSE_QUALITY_UNCALIBRATED);
	sense_frame_release(frame);
	sense_calibrator_free(calibrator);
	sense_sensor_unref(s);
	sense_layout_unref(layout);
}

static struct sense_frame *one_scan(struct sense_layout *layout, int32_t raw, int64_t time)
{
	struct sense_frame *frame = sense_frame_new(layout);
	struct sense_scan scan = { .sequence = 0, .time_ns = time, .raw = &raw };

	sense_frame_clear(frame, 0);
	CU_ASSERT_EQUAL(sense_frame_put(frame, &scan), 0);
	return frame;
}

static void validity_and_policy(void)
{
	struct sense_layout *layout = sense_layout_new("test", 4);
	struct sense_sensor *s = parse("rtd", "r0: 100\ncalibrated: 2026-01-01\nvalid_until: 2026-12-31\n"
				       "range: [0, 100]\nuncertainty: {u: 0.01, drift_per_year: 0.02}\n");
	struct sense_sensor *strict = parse("rtd", "r0: 100\nrange: [0, 100]\noutside: refuse\nuncertainty: 0.01\n");
	struct sense_sensor *bare = parse("rtd", "r0: 100\n");
	int64_t made = sense_sensor_get_calibration(s)->calibrated_ns;
	struct sense_calibrator *calibrator;
	struct sense_frame *valid, *late, *high;

	sense_layout_add_channel(layout, "bath", SENSE_KIND_RTD, 1e-5, 0);
	calibrator = sense_calibrator_new(layout);
	valid = one_scan(layout, 11000000, made + YEAR_NS / 2);
	late = one_scan(layout, 11000000, made + 2 * YEAR_NS);
	high = one_scan(layout, 15000000, made);
	CU_ASSERT_EQUAL(sense_calibrator_set_sensor(calibrator, 0, s, -1, 0), 0);
	sense_calibrator_apply(calibrator, valid);
	CU_ASSERT_EQUAL(quality(valid, 0, 0), 0);
	CU_ASSERT_DOUBLE_EQUAL(sense_frame_get_value_u(valid, 0)[0], hypot(0.01, 0.01), 1e-8);
	sense_calibrator_apply(calibrator, late);
	CU_ASSERT_EQUAL(quality(late, 0, 0), SENSE_QUALITY_EXPIRED);
	CU_ASSERT_FALSE(isnan(sense_frame_get_value(late, 0)[0]));
	sense_calibrator_set_policy(calibrator, SENSE_CALIBRATOR_REFUSE_EXPIRED);
	sense_calibrator_apply(calibrator, late);
	CU_ASSERT(isnan(sense_frame_get_value(late, 0)[0]));
	CU_ASSERT(quality(late, 0, 0) & SENSE_QUALITY_EXPIRED);
	sense_calibrator_apply(calibrator, valid);
	CU_ASSERT_FALSE(isnan(sense_frame_get_value(valid, 0)[0]));
	/* outside the calibrated range: it stands, with u grown, or it is refused */
	sense_calibrator_apply(calibrator, high);
	CU_ASSERT_EQUAL(quality(high, 0, 0), SENSE_QUALITY_OUTSIDE);
	CU_ASSERT(sense_frame_get_value_u(high, 0)[0] > 10);
	CU_ASSERT_EQUAL(sense_calibrator_set_sensor(calibrator, 0, strict, -1, 0), 0);
	sense_calibrator_apply(calibrator, high);
	CU_ASSERT(isnan(sense_frame_get_value(high, 0)[0]));
	CU_ASSERT_EQUAL(quality(high, 0, 0), SENSE_QUALITY_OUTSIDE);
	/* no certificate */
	CU_ASSERT_EQUAL(sense_calibrator_set_sensor(calibrator, 0, bare, -1, 0), 0);
	sense_calibrator_apply(calibrator, valid);
	CU_ASSERT_EQUAL(quality(valid, 0, 0), SENSE_QUALITY_UNCALIBRATED);
	sense_calibrator_set_policy(calibrator, SENSE_CALIBRATOR_REFUSE_UNCALIBRATED);
	sense_calibrator_apply(calibrator, valid);
	CU_ASSERT(isnan(sense_frame_get_value(valid, 0)[0]));
	sense_frame_release(valid);
	sense_frame_release(late);
	sense_frame_release(high);
	sense_calibrator_free(calibrator);
	sense_sensor_unref(s);
	sense_sensor_unref(strict);
	sense_sensor_unref(bare);
	sense_layout_unref(layout);
}

static void swaps_and_digests(void)
{
	struct sense_layout *layout = make_layout();
	struct sense_calibrator *a = sense_calibrator_new(layout), *b = sense_calibrator_new(layout);
	struct sense_sensor *s = parse("rtd", "r0: 100\nuncertainty: 0.01\n");
	struct sense_sensor *v = parse("tc", "type: K\n");
	struct sense_calibration *c = sense_calibration_new(layout, 0, s, -1, 0);
	struct sense_rtd rtd = sense_rtd_iec60751(100);
	char one[65], two[65], linear[65];

	CU_ASSERT_PTR_NOT_NULL_FATAL(c);
	CU_ASSERT_EQUAL(strlen(sense_calibration_get_table_digest(c)), 64);
	CU_ASSERT_EQUAL(sense_calibrator_get_digest(a, linear), 0);
	CU_ASSERT_PTR_EQUAL(sense_calibrator_swap(a, 1, c), c);		/* refused: another channel's */
	CU_ASSERT_PTR_NULL(sense_calibrator_swap(a, 0, c));
	CU_ASSERT_PTR_EQUAL(sense_calibrator_get_calibration(a, 0), c);
	CU_ASSERT_EQUAL(sense_calibrator_set_sensor(b, 0, s, -1, 0), 0);
	CU_ASSERT_EQUAL(sense_calibrator_get_digest(a, one), 0);
	CU_ASSERT_EQUAL(sense_calibrator_get_digest(b, two), 0);
	CU_ASSERT_STRING_EQUAL(one, two);
	CU_ASSERT_STRING_NOT_EQUAL(one, linear);
	CU_ASSERT_EQUAL(sense_calibrator_set_rtd(b, 0, &rtd), 0);
	CU_ASSERT_PTR_NULL(sense_calibrator_get_calibration(b, 0));
	CU_ASSERT_EQUAL(sense_calibrator_get_digest(b, two), 0);
	CU_ASSERT_STRING_NOT_EQUAL(one, two);
	CU_ASSERT_PTR_EQUAL(sense_calibrator_swap(a, 0, NULL), c);
	CU_ASSERT_EQUAL(sense_calibrator_get_digest(a, two), 0);
	CU_ASSERT_STRING_EQUAL(linear, two);
	sense_calibration_free(c);
	CU_ASSERT_EQUAL(sense_calibrator_set_sensor(a, 0, v, -1, 0), -EINVAL);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "takes V"));
	CU_ASSERT_EQUAL(sense_calibrator_set_sensor(a, 9, s, -1, 0), -ENOENT);
	sense_calibrator_free(a);
	sense_calibrator_free(b);
	sense_sensor_unref(s);
	sense_sensor_unref(v);
	sense_layout_unref(layout);
}

/* A channel in its own unit already: correction, uncertainty and range as for any other. */
static void straight_line(void)
{
	struct sense_layout *layout = make_layout();
	struct sense_calibrator *calibrator = sense_calibrator_new(layout);
	struct sense_frame *frame = sense_frame_new(layout);
	struct sense_sensor *s = parse("linear", "unit: Pa\nzero: 10\nrange: [100, 1000]\n"
						 "limits: [0, 2000]\nuncertainty: 2\n");
	const uint32_t judged = SENSE_QUALITY_OUTSIDE | SENSE_QUALITY_UNCALIBRATED;

	CU_ASSERT_EQUAL(sense_calibrator_set_sensor(calibrator, 1, s, -1, NAN), 0);
	sense_frame_clear(frame, 0);
	put(frame, 0, 0, 900, 0);	/* (900 + 100) / 2 + 10 */
	put(frame, 1, 0, 2080, 0);	/* 100 Pa beyond the range */
	put(frame, 2, 0, 4000, 0);	/* beyond the limits */
	CU_ASSERT_EQUAL(sense_calibrator_apply(calibrator, frame), 0);
	CU_ASSERT_EQUAL(sense_frame_get_value(frame, 1)[0], 510);
	CU_ASSERT_DOUBLE_EQUAL(sense_frame_get_value_u(frame, 1)[0], 2, 1e-6);
	CU_ASSERT_EQUAL(sense_frame_get_quality(frame, 1, 0) & judged, 0);
	CU_ASSERT_EQUAL(sense_frame_get_value(frame, 1)[1], 1100);
	CU_ASSERT_DOUBLE_EQUAL(sense_frame_get_value_u(frame, 1)[1], sqrt(4 + 1e4 / 3), 1e-6);
	CU_ASSERT_EQUAL(sense_frame_get_quality(frame, 1, 1) & judged, SENSE_QUALITY_OUTSIDE);
	CU_ASSERT(isnan(sense_frame_get_value(frame, 1)[2]));
	CU_ASSERT(sense_frame_get_quality(frame, 1, 2) & SENSE_QUALITY_OUTSIDE);
	sense_frame_release(frame);
	sense_sensor_unref(s);
	sense_calibrator_free(calibrator);
	sense_layout_unref(layout);
}

/* By the equation itself, in a block, the same bits as one by one. */
static void rtd_keeps_its_bits(void)
{
	struct sense_layout *layout = sense_layout_new("test", 2000);
	struct sense_calibrator *calibrator;
	struct sense_rtd rtd = { 99.9874, 3.9081e-3, -5.78e-7, -4.2e-12 };
	struct sense_frame *frame;
	int different = 0;

	sense_layout_add_channel(layout, "bath", SENSE_KIND_RTD, 1e-7, 0);
	calibrator = sense_calibrator_new(layout);
	sense_calibrator_set_rtd(calibrator, 0, &rtd);
	frame = sense_frame_new(layout);
	for (int32_t step = 0; step < 3; step++) {
		sense_frame_clear(frame, 0);
		for (int32_t i = 0; i < 2000; i++) {
			int32_t raw = step == 0 ? 100000000 + i * 1000003 : step == 1 ? i * 1000003 :
							i * 2147 + 999000000;
			struct sense_scan scan = { .sequence = (uint64_t)i, .raw = &raw };

			sense_frame_put(frame, &scan);
		}
		sense_calibrator_apply(calibrator, frame);
		for (int i = 0; i < 2000; i++) {
			double one = sense_rtd_temperature_degC(&rtd, sense_frame_get_raw(frame, 0)[i] * 1e-7);

			different += isnan(one) ? !isnan(sense_frame_get_value(frame, 0)[i]) :
						  one != sense_frame_get_value(frame, 0)[i];
		}
	}
	CU_ASSERT_EQUAL(different, 0);
	sense_frame_release(frame);
	sense_calibrator_free(calibrator);
	sense_layout_unref(layout);
}

UNIT_TESTS = { UNIT(fills_values), UNIT(refuses), UNIT(agrees_with_the_sensor),
	       UNIT(cold_junction_by_its_channel), UNIT(validity_and_policy), UNIT(swaps_and_digests), UNIT(straight_line),
	       UNIT(rtd_keeps_its_bits), UNIT_END };
UNIT_MAIN("calibrator")
