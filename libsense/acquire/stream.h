/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stream.h - the inside of a stream: made in stream-open.c, driven in stream.c.
 */
#ifndef SENSE_ACQUIRE_STREAM_H
#define SENSE_ACQUIRE_STREAM_H

#include <stdatomic.h>
#include <stdbool.h>

#include <sense/stream.h>

#include "acquire/assembler.h"
#include "acquire/buffer.h"
#include "acquire/clock-watch.h"
#include "acquire/latest.h"
#include "acquire/reader.h"
#include "base/ring.h"

enum sense_stream_state {
	SENSE_STREAM_IDLE = 0,		/* opened, never started */
	SENSE_STREAM_RUNNING,
	SENSE_STREAM_STOPPING,		/* disabled; what the buffer still held is being delivered */
	SENSE_STREAM_ENDED,
};

/* Counters that any thread may look at; the reading thread alone writes them. */
struct sense_stream_totals {
	atomic_ullong scans;
	atomic_ullong bytes;
	atomic_ullong frames;
	atomic_ullong gaps;
	atomic_ullong lost[SENSE_GAP_CAUSES];
	atomic_ullong reads;
};

struct sense_stream {
	struct sense_device_info *info;
	struct sense_layout *layout;
	struct sense_frame_pool *pool;
	struct sense_buffer buffer;
	uint32_t watermark;
	bool exact_length;
	bool realtime_clock;		/* scans are stamped with CLOCK_REALTIME: add the TAI offset */
	bool has_timestamp;
	struct sense_io *io;
	struct sense_assembler *assembler;
	int epoll_fd;
	int timer_fd;

	enum sense_stream_state state;
	bool has_last_sequence;
	uint64_t last_sequence;
	int64_t watermark_ns;		/* how long it takes to be reached; 0 unknown */
	int64_t taken_ns;		/* CLOCK_MONOTONIC: the last read */
	bool more;			/* the last read filled its room */
	int64_t looked_ns;		/* CLOCK_MONOTONIC_COARSE: when the device was last seen alive */
	int64_t refreshed_ns;		/* and when the clock was looked at */
	atomic_bool gone;

	struct sense_clock_watch watch;
	int64_t unclaimed_step_ns;	/* clock steps that the assembler has not asked for */
	int clock_known;		/* -1, or the last state of synchronisation told */

	struct sense_ring *events;
	uint64_t events_lost;		/* since the last one that found room */

	struct sense_latest_store latest;
	struct sense_stream_totals totals;
};

/* Ops for the assembler: its context is the stream. */
extern const struct sense_assembler_ops sense_stream_ops;

/* Queue an event; when there is no room it is counted, and told once there is. */
void sense_stream_tell(void *context, const struct sense_event *event);

/* Look at the clock: state, steps, uncertainty. Makes system calls. */
void sense_stream_refresh(struct sense_stream *stream);

#endif
