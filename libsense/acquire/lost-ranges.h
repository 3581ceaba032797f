/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lost-ranges.h - the driver's account of the scans a buffer does not have:
 * the text of bufferY/lost_ranges, a line "cause first count" per run, cause
 * being card, kernel or corrupt, in rising order; a first line "dropped N"
 * when N runs no longer fit and were forgotten unread.
 */
#ifndef SENSE_ACQUIRE_LOST_RANGES_H
#define SENSE_ACQUIRE_LOST_RANGES_H

#include <sense/event.h>

/* As many as the driver keeps. */
#define SENSE_LOST_RANGES_MAX 4096

struct sense_lost_ranges {
	uint64_t dropped;	/* runs forgotten unread, by the driver or here */
	unsigned int count;
	struct sense_gap ranges[SENSE_LOST_RANGES_MAX];
};

void sense_lost_ranges_clear(struct sense_lost_ranges *ranges);

/*
 * Take in a text, which may repeat what was taken in before. 0, or -EINVAL at a
 * line it does not understand: what stands before it is kept. The newest
 * SENSE_LOST_RANGES_MAX runs are kept, others count as dropped.
 */
int sense_lost_ranges_add(struct sense_lost_ranges *ranges, const char *text);

/* Forget the runs that lie wholly before a sequence number. */
void sense_lost_ranges_forget(struct sense_lost_ranges *ranges, uint64_t before);

/* One past the last scan they speak of; 0 for none. */
uint64_t sense_lost_ranges_end(const struct sense_lost_ranges *ranges);

/*
 * Divide the missing run [first, first + count) by cause into at most @max (>= 1)
 * pieces, rising and without a hole between them; neighbours differ in cause.
 * What no range explains is SENSE_GAP_UNKNOWN. When there would be more than
 * @max pieces they are the run's beginning: divide the rest next. Adds to @lost
 * by cause what the pieces hold. Returns the number of pieces.
 */
unsigned int sense_lost_ranges_divide(const struct sense_lost_ranges *ranges, uint64_t first,
				      uint64_t count, struct sense_gap *pieces, unsigned int max,
				      uint64_t lost[SENSE_GAP_CAUSES]);

#endif
