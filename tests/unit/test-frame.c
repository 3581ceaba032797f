// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "base/frame.h"

static struct sense_layout *make_layout(uint32_t block)
{
	struct sense_layout *layout = sense_layout_new("card", block);

	sense_layout_add_channel(layout, "a", SENSE_KIND_RTD, 1e-6, 0);
	sense_layout_add_channel(layout, "b", SENSE_KIND_CO2, 1e-9, 0);
	sense_layout_set_rate_hz(layout, 1000);
	return layout;
}

static int put(struct sense_frame *frame, uint64_t sequence)
{
	int32_t raw[2] = { (int32_t)sequence, -(int32_t)sequence };
	struct sense_scan scan = { .sequence = sequence, .counter = sequence * 1000000,
				   .time_ns = (int64_t)sequence * 1000000, .raw = raw };

	return sense_frame_put(frame, &scan);
}

static void fills_a_block(void)
{
	struct sense_layout *layout = make_layout(100);
	struct sense_frame *frame = sense_frame_new(layout);

	sense_frame_clear(frame, 300);
	for (uint64_t s = 300; s < 400; s++)
		CU_ASSERT_EQUAL(put(frame, s), 0);
	CU_ASSERT_EQUAL(put(frame, 399), -EINVAL);
	CU_ASSERT_EQUAL(put(frame, 400), -ERANGE);
	CU_ASSERT_EQUAL(sense_frame_get_first_sequence(frame), 300);
	CU_ASSERT_EQUAL(sense_frame_get_count(frame), 100);
	CU_ASSERT_EQUAL(sense_frame_get_present_count(frame), 100);
	CU_ASSERT_EQUAL(sense_frame_get_gap_count(frame), 0);
	CU_ASSERT_EQUAL(sense_frame_get_raw(frame, 1)[99], -399);
	CU_ASSERT_EQUAL(sense_frame_get_time_ns(frame)[99], 399000000);
	CU_ASSERT_PTR_NULL(sense_frame_get_raw(frame, 2));
	CU_ASSERT_PTR_NULL(sense_frame_get_value(frame, 0));
	CU_ASSERT_PTR_NULL(sense_frame_get_value_unit(frame, 0));
	sense_frame_release(frame);
	sense_layout_unref(layout);
}

static void keeps_the_slots_of_what_is_missing(void)
{
	struct sense_layout *layout = make_layout(100);
	struct sense_frame *frame = sense_frame_new(layout);
	const struct sense_gap *gap;

	sense_frame_clear(frame, 200);
	put(frame, 203);
	put(frame, 204);
	put(frame, 270);
	CU_ASSERT_EQUAL(sense_frame_get_count(frame), 71);
	CU_ASSERT_EQUAL(sense_frame_get_present_count(frame), 3);
	CU_ASSERT_EQUAL_FATAL(sense_frame_get_gap_count(frame), 2);
	gap = sense_frame_get_gap(frame, 0);
	CU_ASSERT_EQUAL(gap->first_sequence, 200);
	CU_ASSERT_EQUAL(gap->count, 3);
	gap = sense_frame_get_gap(frame, 1);
	CU_ASSERT_EQUAL(gap->first_sequence, 205);
	CU_ASSERT_EQUAL(gap->count, 65);
	CU_ASSERT_PTR_NULL(sense_frame_get_gap(frame, 2));
	for (uint32_t i = 0; i < 71; i++) {
		int there = i == 3 || i == 4 || i == 70;

		CU_ASSERT_EQUAL(sense_frame_is_present(frame, i), there);
		CU_ASSERT_EQUAL(sense_frame_get_raw(frame, 0)[i], there ? 200 + (int)i : 0);
		/* 1 kHz: the line between neighbours, and the nominal rate before the first. */
		CU_ASSERT_EQUAL(sense_frame_get_time_ns(frame)[i], (200 + (int64_t)i) * 1000000);
	}
	CU_ASSERT_FALSE(sense_frame_is_present(frame, 71));
	sense_frame_release(frame);
	sense_layout_unref(layout);
}

static void goes_on_in_the_next_block(void)
{
	struct sense_layout *layout = make_layout(10);
	struct sense_frame *frame = sense_frame_new(layout);

	sense_frame_clear(frame, 10);
	CU_ASSERT_EQUAL(put(frame, 10), 0);
	CU_ASSERT_EQUAL(put(frame, 35), -ERANGE);
	sense_frame_clear(frame, 11);
	CU_ASSERT_EQUAL(put(frame, 35), 0);
	CU_ASSERT_EQUAL(sense_frame_get_first_sequence(frame), 30);
	CU_ASSERT_EQUAL_FATAL(sense_frame_get_gap_count(frame), 1);
	CU_ASSERT_EQUAL(sense_frame_get_gap(frame, 0)->first_sequence, 11);
	CU_ASSERT_EQUAL(sense_frame_get_gap(frame, 0)->count, 24);
	CU_ASSERT_TRUE(sense_frame_get_quality(frame, 0, 5) & SENSE_QUALITY_AFTER_GAP);
	sense_frame_release(frame);
	sense_layout_unref(layout);
}

static void leaves_no_gap_out(void)
{
	struct sense_layout *layout = make_layout(1000);
	struct sense_frame *frame = sense_frame_new(layout);
	unsigned int gaps = 0;

	for (uint64_t s = 1; s < 400; s += 2)
		if (put(frame, s) == -ERANGE) {
			gaps += sense_frame_get_gap_count(frame);
			sense_frame_clear(frame, s - 1);
			CU_ASSERT_EQUAL(put(frame, s), 0);
		}
	CU_ASSERT_EQUAL(gaps + sense_frame_get_gap_count(frame), 200);
	sense_frame_release(frame);
	sense_layout_unref(layout);
}

static void says_how_good_a_sample_is(void)
{
	struct sense_layout *layout = make_layout(10);
	struct sense_frame *frame = sense_frame_new(layout);
	int32_t raw[2] = { 1, 2 };
	struct sense_scan scan = { .sequence = 2, .fault = 2, .saturation = 1,
				   .flags = SENSE_SCAN_TEST_DATA | SENSE_SCAN_SIMULATED, .raw = raw };

	sense_frame_clear(frame, 0);
	frame->flags = 0;
	sense_frame_put(frame, &scan);
	scan = (struct sense_scan){ .sequence = 3, .raw = raw };
	sense_frame_put(frame, &scan);
	CU_ASSERT_EQUAL(sense_frame_get_quality(frame, 0, 1), SENSE_QUALITY_MISSING);
	CU_ASSERT_EQUAL(sense_frame_get_quality(frame, 0, 4), SENSE_QUALITY_MISSING);
	CU_ASSERT_EQUAL(sense_frame_get_quality(frame, 2, 2), SENSE_QUALITY_MISSING);
	CU_ASSERT_EQUAL(sense_frame_get_quality(frame, 0, 2),
			SENSE_QUALITY_SATURATED | SENSE_QUALITY_AFTER_GAP | SENSE_QUALITY_TEST_DATA |
				SENSE_QUALITY_UNCALIBRATED | SENSE_QUALITY_SIMULATED);
	CU_ASSERT_EQUAL(sense_frame_get_quality(frame, 1, 2),
			SENSE_QUALITY_FAULT | SENSE_QUALITY_AFTER_GAP | SENSE_QUALITY_TEST_DATA |
				SENSE_QUALITY_UNCALIBRATED | SENSE_QUALITY_SIMULATED);
	frame->value_unit[0] = "Cel";
	frame->value[0][3] = 1.0;
	frame->value_u[0][3] = 0.1;
	CU_ASSERT_EQUAL(sense_frame_get_quality(frame, 0, 3), 0);
	frame->value_u[0][3] = NAN;
	CU_ASSERT_EQUAL(sense_frame_get_quality(frame, 0, 3), SENSE_QUALITY_UNCALIBRATED);
	frame->flags = SENSE_FRAME_TAI_OFFSET_UNKNOWN;
	CU_ASSERT_TRUE(sense_frame_get_quality(frame, 0, 3) & SENSE_QUALITY_TIME_UNCERTAIN);
	sense_frame_release(frame);
	sense_layout_unref(layout);
}

static void present_bits_at_word_edges(void)
{
	struct sense_layout *layout = make_layout(300);
	struct sense_frame *frame = sense_frame_new(layout);

	for (uint32_t from = 0; from < 300; from += 7)
		for (uint32_t to = from; to <= 300; to += 13) {
			sense_frame_reset(frame, 0);
			sense_frame_set_present(frame, from, to);
			frame->count = 300;
			for (uint32_t i = 0; i < 300; i++)
				if (sense_frame_is_present(frame, i) != (i >= from && i < to))
					CU_FAIL("wrong bit");
		}
	sense_frame_release(frame);
	sense_layout_unref(layout);
}

/* ---- pool ------------------------------------------------------------------------ */

static void pool_gives_each_frame_once(void)
{
	struct sense_layout *layout = make_layout(4);
	struct sense_frame_pool *pool = sense_frame_pool_new(layout, 70);
	struct sense_frame *frames[71];

	for (int i = 0; i < 70; i++) {
		frames[i] = sense_frame_pool_get(pool);
		CU_ASSERT_PTR_NOT_NULL_FATAL(frames[i]);
		for (int j = 0; j < i; j++)
			CU_ASSERT_PTR_NOT_EQUAL(frames[i], frames[j]);
	}
	CU_ASSERT_PTR_NULL(sense_frame_pool_get(pool));
	sense_frame_release(frames[65]);
	CU_ASSERT_PTR_EQUAL(sense_frame_pool_get(pool), frames[65]);
	/* Frames held outlive the pool's owner. */
	sense_frame_pool_free(pool);
	sense_layout_unref(layout);
	frames[3]->raw[0][0] = 7;
	for (int i = 0; i < 70; i++)
		sense_frame_release(frames[i]);
}

static void *take_and_give(void *context)
{
	struct sense_frame_pool *pool = context;

	for (int i = 0; i < 20000; i++) {
		struct sense_frame *frame = sense_frame_pool_get(pool);

		if (!frame)
			continue;
		if (frame->raw[0][0]++ != 0)
			CU_FAIL("held twice");
		frame->raw[0][0]--;
		sense_frame_release(frame);
	}
	return NULL;
}

static void pool_takes_many_threads(void)
{
	struct sense_layout *layout = make_layout(4);
	struct sense_frame_pool *pool = sense_frame_pool_new(layout, 3);
	struct sense_frame *frames[3];
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, take_and_give, pool);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 3; i++) {
		frames[i] = sense_frame_pool_get(pool);
		CU_ASSERT_PTR_NOT_NULL(frames[i]);
	}
	CU_ASSERT_PTR_NULL(sense_frame_pool_get(pool));
	for (int i = 0; i < 3; i++)
		sense_frame_release(frames[i]);
	sense_frame_pool_free(pool);
	sense_layout_unref(layout);
}

UNIT_TESTS = { UNIT(fills_a_block), UNIT(keeps_the_slots_of_what_is_missing),
	       UNIT(goes_on_in_the_next_block), UNIT(leaves_no_gap_out),
	       UNIT(says_how_good_a_sample_is), UNIT(present_bits_at_word_edges),
	       UNIT(pool_gives_each_frame_once), UNIT(pool_takes_many_threads), UNIT_END };
UNIT_MAIN("frame")
