// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What a stream tells and asks while frames are made: events, the causes of
 * gaps, the state of the clock.
 */
#include <inttypes.h>
#include <sense/clock.h>
#include <stdlib.h>

#include "acquire/device-info.h"
#include "acquire/stream.h"

void sense_stream_tell(void *context, const struct sense_event *event)
{
	struct sense_stream *stream = context;

	if (stream->events_lost) {
		struct sense_event lost;

		sense_event_init(&lost, SENSE_EVENT_EVENTS_LOST, SENSE_SEVERITY_WARNING,
				 stream->info->id,
				 "%" PRIu64 " events of %s were not kept: nobody fetched them in time",
				 stream->events_lost, stream->info->id);
		lost.count = stream->events_lost;
		if (!sense_ring_push(stream->events, &lost)) {
			stream->events_lost++;
			return;
		}
		stream->events_lost = 0;
	}
	if (!sense_ring_push(stream->events, event))
		stream->events_lost++;
}

static unsigned int divide(void *context, uint64_t first, uint64_t count, uint64_t flags,
			   struct sense_gap *pieces, unsigned int max,
			   uint64_t lost[SENSE_GAP_CAUSES])
{
	struct sense_stream *stream = context;

	if (stream->buffer.lost_ranges_fd >= 0)
		return sense_lost_ranges_divide(sense_buffer_read_lost_ranges(&stream->buffer, first,
									      first + count),
						first, count, pieces, max, lost);
	/* A driver that keeps no account: the card at least says what it dropped itself. */
	pieces[0] = (struct sense_gap){ first, count,
					flags & SENSE_SCAN_OVERRUN ? SENSE_GAP_CARD :
					SENSE_GAP_UNKNOWN, 0 };
	lost[pieces[0].cause] += count;
	return 1;
}

/* The device's account of this buffer begins at the scan after the one at which it was enabled. */
static uint64_t lost_before(void *context, uint64_t first)
{
	struct sense_stream *stream = context;
	uint64_t account;

	if (sense_buffer_read_first_sequence(&stream->buffer, &account) && account < first)
		return account;
	return first;
}

static void look_for_step(struct sense_stream *stream)
{
	int64_t step = sense_clock_watch_look(&stream->watch);
	struct sense_event event;

	if (!step)
		return;
	stream->unclaimed_step_ns += step;
	sense_event_init(&event, SENSE_EVENT_CLOCK_STEP, SENSE_SEVERITY_WARNING, "CLOCK_TAI",
			 "the clock was set %s by %.6f s", step > 0 ? "forward" : "back",
			 (double)llabs(step) * 1e-9);
	event.count = (uint64_t)llabs(step);
	sense_stream_tell(stream, &event);
}

static int64_t clock_step(void *context)
{
	struct sense_stream *stream = context;
	int64_t step;

	look_for_step(stream);
	step = stream->unclaimed_step_ns;
	stream->unclaimed_step_ns = 0;
	return step;
}

const struct sense_assembler_ops sense_stream_ops = {
	.divide = divide,
	.lost_before = lost_before,
	.clock_step = clock_step,
	.event = sense_stream_tell,
};

void sense_stream_refresh(struct sense_stream *stream)
{
	struct sense_clock_state state = { 0 };
	struct sense_assembler_clock clock = { 0 };
	struct sense_event event;

	look_for_step(stream);
	sense_clock_get_state(&state);
	clock.time_u_ns = sense_buffer_read_uncertainty(&stream->buffer);
	clock.tai_offset_s = state.tai_offset_s;
	if (!state.synchronised)
		clock.flags |= SENSE_FRAME_CLOCK_UNSYNCHRONISED;
	if (!state.tai_offset_s)
		clock.flags |= SENSE_FRAME_TAI_OFFSET_UNKNOWN;
	if (stream->realtime_clock)
		clock.offset_ns = state.tai_offset_s * INT64_C(1000000000);
	sense_assembler_set_clock(stream->assembler, &clock);
	if (stream->clock_known >= 0 && stream->clock_known != state.synchronised) {
		sense_event_init(&event, state.synchronised ? SENSE_EVENT_CLOCK_SYNCHRONISED :
				 SENSE_EVENT_CLOCK_UNSYNCHRONISED,
				 state.synchronised ? SENSE_SEVERITY_NOTICE : SENSE_SEVERITY_WARNING,
				 "CLOCK_TAI", "the kernel's clock is %s",
				 state.synchronised ? "disciplined again" : "no longer disciplined");
		sense_stream_tell(stream, &event);
	}
	stream->clock_known = state.synchronised;
}
