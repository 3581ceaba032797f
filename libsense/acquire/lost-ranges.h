/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lost-ranges.h - the driver's account of the scans a buffer does not have:
 * the text of bufferY/lost_ranges, a line "cause first count" per run, cause
 * being card, kernel or corrupt, in rising order; a first line "dropped N"
 * when N older runs no longer fit.
 */
#ifndef SENSE_ACQUIRE_LOST_RANGES_H
#define SENSE_ACQUIRE_LOST_RANGES_H

#include <sense/event.h>

#define SENSE_LOST_RANGES_MAX 512

struct sense_lost_ranges {
	uint64_t dropped;	/* runs the driver had to forget */
	unsigned int count;
	struct sense_gap ranges[SENSE_LOST_RANGES_MAX];
};

/*
 * 0, or -EINVAL at a line it does not understand: what stands before it is
 * kept. The newest SENSE_LOST_RANGES_MAX runs are kept, others count as dropped.
 */
int sense_lost_ranges_parse(const char *text, struct sense_lost_ranges *ranges);

/*
 * Divide the missing run [first, first + count) by cause into at most @max
 * pieces, rising, together exactly that run; neighbours differ in cause. What
 * no range explains is SENSE_GAP_UNKNOWN; when there would be more than @max
 * pieces the last one takes the rest, as SENSE_GAP_UNKNOWN. Adds to @lost by
 * cause, exactly even then. Returns the number of pieces.
 */
unsigned int sense_lost_ranges_divide(const struct sense_lost_ranges *ranges, uint64_t first,
				      uint64_t count, struct sense_gap *pieces, unsigned int max,
				      uint64_t lost[SENSE_GAP_CAUSES]);

#endif
