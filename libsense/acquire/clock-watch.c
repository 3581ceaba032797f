// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/clock-watch.h"

#include <sense/clock.h>
#include <time.h>

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

int64_t sense_clock_watch_judge(struct sense_clock_watch *watch, int64_t before_ns, int64_t tai_ns,
				int64_t after_ns)
{
	int64_t width = after_ns - before_ns;
	int64_t difference = tai_ns - (before_ns + width / 2);
	int64_t step = difference - watch->difference_ns;

	/* Half the bracket either way is the uncertainty of the difference. */
	if (watch->looked && step < SENSE_CLOCK_STEP_MIN_NS + width &&
	    step > -SENSE_CLOCK_STEP_MIN_NS - width)
		return 0;
	if (!watch->looked)
		step = 0;
	watch->looked = true;
	watch->difference_ns = difference;
	return step;
}

int64_t sense_clock_watch_look(struct sense_clock_watch *watch)
{
	int64_t before, tai, after;
	int tries = 3;

	/* A bracket that was interrupted is wide, and tells little. */
	do {
		before = monotonic_ns();
		tai = sense_clock_now_ns();
		after = monotonic_ns();
	} while (after - before > SENSE_CLOCK_STEP_MIN_NS / 2 && --tries);
	return sense_clock_watch_judge(watch, before, tai, after);
}
