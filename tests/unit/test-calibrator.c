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

UNIT_TESTS = { UNIT(fills_values), UNIT(refuses), UNIT_END };
UNIT_MAIN("calibrator")
