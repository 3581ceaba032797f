/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * frame.h - the inside of a frame, for the stages that fill it.
 *
 * Every array has layout->block_scans elements and is allocated once, in one
 * piece, 64-byte aligned per column; only [0, count) of it means anything.
 */
#ifndef SENSE_BASE_FRAME_H
#define SENSE_BASE_FRAME_H

#include <stdatomic.h>

#include <sense/frame.h>
#include "base/frame-pool.h"
#include "base/layout.h"

/*
 * Gaps a frame can hold. A source that meets one more publishes the frame
 * early and goes on in the next, so no gap is ever left out.
 */
#define SENSE_FRAME_GAPS 64

struct sense_frame {
	struct sense_frame_pool *pool;	/* where release gives it back; NULL: free it */
	struct sense_layout *layout;
	unsigned int pool_index;
	void *memory;
	size_t memory_size;

	uint64_t session;
	uint32_t epoch;
	uint32_t flags;			/* SENSE_FRAME_* */
	uint64_t first_sequence;
	uint32_t count;
	uint32_t present_count;
	int32_t tai_offset_s;
	double time_u_ns;
	uint64_t expected;		/* sequence number that would be no gap */

	int64_t *time_ns;
	uint64_t *counter;
	uint64_t *fault;
	uint64_t *saturation;
	uint64_t *scan_flags;
	uint64_t *present;		/* (block_scans + 63) / 64 words */
	int32_t *raw[SENSE_FRAME_MAX_CHANNELS];

	/* calibrate: the unit is NULL until the stage has run on this frame */
	double *value[SENSE_FRAME_MAX_CHANNELS];
	double *value_u[SENSE_FRAME_MAX_CHANNELS];
	const char *value_unit[SENSE_FRAME_MAX_CHANNELS];
	uint64_t *outside;		/* per scan, bit i: channel i is outside its calibrated range */
	uint64_t expired;		/* bit i: channel i's calibration has ended */

	unsigned int gap_count;
	struct sense_gap gaps[SENSE_FRAME_GAPS];
};

/* Make it an empty run starting at @first_sequence; session, epoch and clock stay as they are. */
void sense_frame_reset(struct sense_frame *frame, uint64_t first_sequence);

/* Free the frame whatever pool it is of: for frame-pool.c and sense_frame_release(). */
void sense_frame_destroy(struct sense_frame *frame);

/*
 * Make slots [from, to) missing: no presence bit, zeros, and times on the line
 * through (slot before, before_ns) with the step given. count is left alone.
 */
void sense_frame_set_missing(struct sense_frame *frame, uint32_t from, uint32_t to,
			     int64_t before_ns, double step_ns);

/* Set the presence bits of slots [from, to). */
void sense_frame_set_present(struct sense_frame *frame, uint32_t from, uint32_t to);

/*
 * Append a gap that ends where the next scan stands. Returns -ENOSPC when the
 * frame holds SENSE_FRAME_GAPS already: publish it first.
 */
int sense_frame_add_gap(struct sense_frame *frame, const struct sense_gap *gap);

#endif
