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
#include "base/layout.h"

/*
 * Gaps a frame can hold. A source that meets one more publishes the frame
 * early and goes on in the next, so no gap is ever left out.
 */
#define SENSE_FRAME_GAPS 64

struct sense_frame_pool;

struct sense_frame {
	struct sense_frame_pool *pool;	/* where release gives it back; NULL: free it */
	struct sense_layout *layout;
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
	uint64_t next_pushed;		/* next sequence number that would be no gap */

	int64_t *time_ns;
	uint64_t *counter;
	uint64_t *fault;
	uint64_t *saturation;
	uint64_t *scan_flags;
	uint64_t *present;		/* (block_scans + 63) / 64 words */
	int32_t *raw[SENSE_FRAME_MAX_CHANNELS];

	/* calibrate: NULL unit until the stage has run on this frame */
	double *value[SENSE_FRAME_MAX_CHANNELS];
	double *value_u[SENSE_FRAME_MAX_CHANNELS];
	const char *value_unit[SENSE_FRAME_MAX_CHANNELS];

	unsigned int gap_count;
	struct sense_gap gaps[SENSE_FRAME_GAPS];
};

/*
 * A fixed set of frames. get() takes a free one (NULL when all are held) and
 * clears nothing; release() of a frame gives it back. Lock-free, any thread.
 * free() outlives frames still held: the last release frees the pool.
 */
struct sense_frame_pool *sense_frame_pool_new(struct sense_layout *layout, unsigned int frames);
void sense_frame_pool_free(struct sense_frame_pool *pool);
struct sense_frame *sense_frame_pool_get(struct sense_frame_pool *pool);

/*
 * Append a gap that ends where the next scan stands. Returns -ENOSPC when the
 * frame holds SENSE_FRAME_GAPS already: publish it first.
 */
int sense_frame_add_gap(struct sense_frame *frame, const struct sense_gap *gap);

#endif
