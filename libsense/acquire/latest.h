/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * latest.h - the newest scan, for any number of threads that only look.
 *
 * One thread publishes. A reader never waits for it: publication goes to the
 * next of a few slots, so that a slot being read is overwritten only after
 * several more publications, and a reader that was so late tries again, a
 * bounded number of times.
 */
#ifndef SENSE_ACQUIRE_LATEST_H
#define SENSE_ACQUIRE_LATEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <sense/frame.h>

#define SENSE_LATEST_SLOTS 8

struct sense_latest_scan {
	uint64_t sequence;
	int64_t time_ns;
	uint64_t fault;
	uint64_t saturation;
	uint64_t flags;
	int32_t raw;
	uint32_t frame_flags;
};

struct sense_latest_slot {
	/* 2n + 1 while publication n is written, 2n once it stands */
	atomic_ullong version;
	atomic_ullong sequence;
	atomic_llong time_ns;
	atomic_ullong fault;
	atomic_ullong saturation;
	atomic_ullong flags;
	atomic_uint frame_flags;
	atomic_int raw[SENSE_FRAME_MAX_CHANNELS];
};

struct sense_latest_store {
	atomic_ullong current;	/* number of the newest publication; 0: none yet */
	struct sense_latest_slot slots[SENSE_LATEST_SLOTS];
};

void sense_latest_init(struct sense_latest_store *store);

/* The publishing thread: slot @slot of @frame. */
void sense_latest_publish(struct sense_latest_store *store, const struct sense_frame *frame,
			  uint32_t slot, uint32_t frame_flags);

/* Any thread: 0, or -EAGAIN when there is nothing yet (or, never seen, no stable slot). */
int sense_latest_read(const struct sense_latest_store *store, unsigned int channel,
		      struct sense_latest_scan *scan);

#endif
