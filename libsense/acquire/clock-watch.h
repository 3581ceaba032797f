/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clock-watch.h - notices that CLOCK_TAI was set. CLOCK_MONOTONIC is slewed
 * with it but never set, so their difference changes by steps alone (a leap
 * second does not change it; setting the kernel's TAI offset does).
 */
#ifndef SENSE_ACQUIRE_CLOCK_WATCH_H
#define SENSE_ACQUIRE_CLOCK_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct sense_clock_watch {
	int64_t difference_ns;	/* TAI - monotonic at the last look */
	bool looked;
};

/* Steps smaller than this are taken for the uncertainty of looking. */
#define SENSE_CLOCK_STEP_MIN_NS INT64_C(200000)

/* Look; returns how far the clock was set since the last look, ns; 0 if it was not. */
int64_t sense_clock_watch_look(struct sense_clock_watch *watch);

/* The decision alone: from two readings of the monotonic clock around one of TAI. */
int64_t sense_clock_watch_judge(struct sense_clock_watch *watch, int64_t before_ns, int64_t tai_ns,
				int64_t after_ns);

#endif
