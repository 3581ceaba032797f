/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * assembler.h - bytes in, frames out.
 *
 * The bytes of a kernel buffer are read into the assembler's own stage; it
 * cuts frames by sequence number, so that the same bytes give the same frames
 * however they came. Whatever is missing is located, explained and told as an
 * event. Allocates nothing after _new().
 */
#ifndef SENSE_ACQUIRE_ASSEMBLER_H
#define SENSE_ACQUIRE_ASSEMBLER_H

#include <sense/event.h>

#include "acquire/demux.h"
#include "acquire/latest.h"
#include "base/frame.h"

/* What the assembler asks of whoever feeds it. Called from the feeding thread. */
struct sense_assembler_ops {
	/*
	 * Divide a missing run by cause: as sense_lost_ranges_divide(). @flags
	 * are the scan flags of the scan that follows (0 at the end).
	 */
	unsigned int (*divide)(void *context, uint64_t first, uint64_t count, uint64_t flags,
			       struct sense_gap *pieces, unsigned int max,
			       uint64_t lost[SENSE_GAP_CAUSES]);
	/* First of an unbroken run of scans known lost that ends right before @first; @first if none. */
	uint64_t (*lost_before)(void *context, uint64_t first);
	/*
	 * How far, in ns, the clock the scans are stamped with was set since the
	 * last call; asked only when a gap is judged by time. NULL: never.
	 */
	int64_t (*clock_step)(void *context);
	void (*event)(void *context, const struct sense_event *event);
};

struct sense_assembler_config {
	struct sense_scan_plan plan;
	struct sense_layout *layout;
	struct sense_frame_pool *pool;
	size_t stage_size;		/* bytes; made a multiple of the scan */
	double period_ns;		/* nominal; 0 when unknown */
	uint32_t frame_flags;		/* set on every frame */
	struct sense_latest_store *latest;	/* may be NULL */
	const struct sense_assembler_ops *ops;
	void *context;
};

struct sense_assembler;

struct sense_assembler *sense_assembler_new(const struct sense_assembler_config *config);
void sense_assembler_free(struct sense_assembler *assembler);

/* Forget everything; scans that follow are of a new session. */
void sense_assembler_restart(struct sense_assembler *assembler, uint64_t session);

/* State of the clock, for frames published and times converted from now on. */
struct sense_assembler_clock {
	double time_u_ns;
	int32_t tai_offset_s;
	uint32_t flags;			/* SENSE_FRAME_CLOCK_UNSYNCHRONISED, _TAI_OFFSET_UNKNOWN */
	int64_t offset_ns;		/* what turns the scans' times into TAI */
};
void sense_assembler_set_clock(struct sense_assembler *assembler,
			       const struct sense_assembler_clock *clock);

/*
 * Where to read to, and how much fits: 0 bytes only while frames are wanting.
 * The place stays the same until bytes are committed.
 */
unsigned char *sense_assembler_space(struct sense_assembler *assembler, size_t *size);
/* @bytes have been read; @now_ns (TAI) stamps scans that carry no time. */
void sense_assembler_commit(struct sense_assembler *assembler, size_t bytes, int64_t now_ns);
/* Whole scans waiting in the stage. */
size_t sense_assembler_staged(const struct sense_assembler *assembler);

/*
 * Make the next frame. 1 with a frame, 0 when more bytes are needed, -ENOBUFS
 * when the pool has none free (nothing is lost), -EPROTO when a sequence
 * number went back: the device is not to be believed any more.
 */
int sense_assembler_run(struct sense_assembler *assembler, struct sense_frame **frame);

/* The scans there are as a partial frame: 1, or 0 when there are none. */
int sense_assembler_flush(struct sense_assembler *assembler, struct sense_frame **frame);

/*
 * The stream is over; the device says that @last_sequence was the last scan it
 * had. Call until 0: what is missing at the end makes a last frame. 1, 0 or -ENOBUFS.
 */
int sense_assembler_finish(struct sense_assembler *assembler, bool has_last,
			   uint64_t last_sequence, struct sense_frame **frame);

struct sense_assembler_counts {
	uint64_t scans;
	uint64_t frames;
	uint64_t gaps;
	uint64_t lost[SENSE_GAP_CAUSES];
};
/* The feeding thread. */
const struct sense_assembler_counts *
sense_assembler_get_counts(const struct sense_assembler *assembler);

#endif
