// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <pthread.h>
#include <sense/frame.h>

#include "acquire/clock-watch.h"
#include "acquire/latest.h"
#include "base/frame.h"

static struct sense_latest_store store;
static atomic_bool over;

static struct sense_frame *make_frame(void)
{
	struct sense_layout *layout = sense_layout_new("card", 16);
	struct sense_frame *frame;

	sense_layout_add_channel(layout, "a", SENSE_KIND_OTHER, 1, 0);
	sense_layout_add_channel(layout, "b", SENSE_KIND_OTHER, 1, 0);
	frame = sense_frame_new(layout);
	sense_layout_unref(layout);
	return frame;
}

static void starts_with_nothing(void)
{
	struct sense_latest_scan scan;

	sense_latest_init(&store);
	CU_ASSERT_EQUAL(sense_latest_read(&store, 0, &scan), -EAGAIN);
}

/* Every field says which publication it is of: a mixture would show. */
static void publish(struct sense_frame *frame, uint64_t n)
{
	sense_frame_reset(frame, n);
	frame->time_ns[0] = (int64_t)n * 3;
	frame->fault[0] = n * 5;
	frame->saturation[0] = n * 7;
	frame->scan_flags[0] = n * 11;
	frame->raw[0][0] = (int32_t)n;
	frame->raw[1][0] = ~(int32_t)n;
	sense_latest_publish(&store, frame, 0, 0);
}

static void *look(void *result)
{
	unsigned long *looks = result;
	uint64_t before = 0;

	while (!atomic_load(&over)) {
		struct sense_latest_scan scan;

		if (sense_latest_read(&store, 1, &scan) < 0)
			continue;
		if (scan.raw != ~(int32_t)scan.sequence || scan.time_ns != (int64_t)scan.sequence * 3 ||
		    scan.fault != scan.sequence * 5 || scan.saturation != scan.sequence * 7 ||
		    scan.flags != scan.sequence * 11)
			CU_FAIL("torn");
		if (scan.sequence < before)
			CU_FAIL("an older scan after a newer one");
		before = scan.sequence;
		(*looks)++;
	}
	return NULL;
}

static void is_never_torn(void)
{
	struct sense_frame *frame = make_frame();
	unsigned long looks[2] = { 0, 0 };
	pthread_t threads[2];

	sense_latest_init(&store);
	atomic_store(&over, false);
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, look, &looks[i]);
	for (uint64_t n = 1; n < 500000; n++)
		publish(frame, n);
	atomic_store(&over, true);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	sense_frame_release(frame);
}

static void sees_the_clock_being_set(void)
{
	struct sense_clock_watch watch = { 0 };
	const int64_t hour = INT64_C(3600000000000);

	CU_ASSERT_EQUAL(sense_clock_watch_judge(&watch, 1000, hour, 1100), 0);
	/* Both move on alike. */
	CU_ASSERT_EQUAL(sense_clock_watch_judge(&watch, 900001000, hour + 900000010, 900001100), 0);
	/* Set forward by an hour, and back again. */
	CU_ASSERT_EQUAL(sense_clock_watch_judge(&watch, 1000, 2 * hour, 1100), hour);
	CU_ASSERT_EQUAL(sense_clock_watch_judge(&watch, 1000, 2 * hour, 1100), 0);
	CU_ASSERT_EQUAL(sense_clock_watch_judge(&watch, 1000, hour, 1100), -hour);
	/* Less than the bracket can tell is no step. */
	CU_ASSERT_EQUAL(sense_clock_watch_judge(&watch, 0, hour + 40000000, 50000000), 0);
	/* In life: nobody sets this machine's clock now. */
	watch = (struct sense_clock_watch){ 0 };
	for (int i = 0; i < 1000; i++)
		CU_ASSERT_EQUAL(sense_clock_watch_look(&watch), 0);
}

UNIT_TESTS = { UNIT(starts_with_nothing), UNIT(is_never_torn), UNIT(sees_the_clock_being_set),
	       UNIT_END };
UNIT_MAIN("latest")
