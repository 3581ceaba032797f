// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A stream is driven: started, read, waited for, stopped.
 */
#include "acquire/stream.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <sense/clock.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "acquire/device-info.h"
#include "base/error.h"

/*
 * The longest wait without a look whether the device is still there: up to at
 * least 6.12 the kernel's poll does not report a removal.
 */
#define SLICE_NS INT64_C(200000000)
/*
 * A watermark that takes less than this to be reached is polled for; for longer
 * ones the clock says when. See reader.h.
 */
#define MIN_PACE_NS INT64_C(2000000)
/* How often the clock's state is asked for. */
#define REFRESH_NS INT64_C(1000000000)

static int64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void refresh_if_due(struct sense_stream *stream)
{
	int64_t now = now_ns(CLOCK_MONOTONIC_COARSE);

	if (now - stream->refreshed_ns < REFRESH_NS)
		return;
	stream->refreshed_ns = now;
	sense_stream_refresh(stream);
}

int sense_stream_start(struct sense_stream *stream)
{
	unsigned char *place;
	size_t size;
	int rc;

	if (stream->state == SENSE_STREAM_RUNNING)
		return sense_fail(EALREADY, stream->info->id, "stop it first",
				  "the stream of %s is running", stream->info->id);
	sense_assembler_restart(stream->assembler, (uint64_t)sense_clock_now_ns());
	place = sense_assembler_space(stream->assembler, &size);
	/* What an earlier run left there is not this one's. */
	while (stream->state != SENSE_STREAM_IDLE &&
	       stream->io->ops->read_now(stream->io, place, size) > 0)
		;
	sense_stream_refresh(stream);
	stream->refreshed_ns = stream->looked_ns = now_ns(CLOCK_MONOTONIC_COARSE);
	stream->has_last_sequence = false;
	stream->taken_ns = 0;
	rc = sense_buffer_enable(&stream->buffer, stream->watermark, stream->exact_length);
	if (rc < 0)
		return rc;
	stream->state = SENSE_STREAM_RUNNING;
	rc = stream->io->ops->arm(stream->io, place, size, 0);
	return rc < 0 ? sense_fail(-rc, stream->info->id, NULL, "reading %s cannot begin: %s",
				   stream->info->id, strerror(-rc)) : 0;
}

static void found_gone(struct sense_stream *stream)
{
	struct sense_event event;

	if (atomic_exchange(&stream->gone, true))
		return;
	sense_event_init(&event, SENSE_EVENT_DEVICE_REMOVED, SENSE_SEVERITY_ERROR, stream->info->id,
			 "%s was removed while it streamed", stream->info->id);
	sense_stream_tell(stream, &event);
}

int sense_stream_stop(struct sense_stream *stream)
{
	int rc;

	if (stream->state != SENSE_STREAM_RUNNING)
		return 0;
	rc = sense_buffer_disable(&stream->buffer);
	if (rc < 0 && sense_buffer_is_gone(&stream->buffer))
		found_gone(stream);
	else if (rc < 0)
		return rc;
	/* Nothing comes after this, so whatever is missing up to there is missing for good. */
	stream->has_last_sequence = sense_buffer_read_last_sequence(&stream->buffer,
								    &stream->last_sequence);
	stream->state = SENSE_STREAM_STOPPING;
	return 0;
}

struct sense_layout *sense_stream_get_layout(const struct sense_stream *stream)
{
	return stream->layout;
}

struct sense_device_info *sense_stream_get_info(const struct sense_stream *stream)
{
	return stream->info;
}

enum sense_reader sense_stream_get_reader(const struct sense_stream *stream)
{
	return stream->io->kind;
}

int sense_stream_get_fd(const struct sense_stream *stream)
{
	return stream->epoll_fd;
}

/* ---- reading ----------------------------------------------------------------------- */

#define SET(field, value) \
	atomic_store_explicit(&stream->totals.field, (value), memory_order_relaxed)

static void count(struct sense_stream *stream)
{
	const struct sense_assembler_counts *counts = sense_assembler_get_counts(stream->assembler);

	SET(scans, counts->scans);
	SET(frames, counts->frames);
	SET(gaps, counts->gaps);
	for (int i = 0; i < SENSE_GAP_CAUSES; i++)
		SET(lost[i], counts->lost[i]);
}

/* Make what can be made of the bytes there are. */
static int run(struct sense_stream *stream, struct sense_frame **frame)
{
	int rc = sense_assembler_run(stream->assembler, frame);

	count(stream);
	if (rc == -ENOBUFS)
		return sense_fail(ENOBUFS, stream->info->id, "release frames, or give the stream more",
				  "all frames of the stream are held");
	return rc;
}

static int taken(struct sense_stream *stream, size_t bytes, size_t room)
{
	stream->taken_ns = now_ns(CLOCK_MONOTONIC);
	/* A read that filled its room has left something, as like as not. */
	stream->more = bytes == room;
	sense_assembler_commit(stream->assembler, bytes,
			       stream->has_timestamp ? 0 : sense_clock_now_ns());
	SET(bytes, stream->totals.bytes + bytes);
	SET(reads, stream->totals.reads + 1);
	return 0;
}

static int failed(struct sense_stream *stream, int code)
{
	if (code == ENODEV || sense_buffer_is_gone(&stream->buffer)) {
		found_gone(stream);
		return 0;
	}
	return sense_fail(code, stream->info->id, "the kernel's log may say why",
			  "reading %s failed: %s", stream->info->id, strerror(code));
}

/* Below the watermark too: a frame, 0 when there is no more, or -errno. */
static int take_rest(struct sense_stream *stream, struct sense_frame **frame)
{
	for (;;) {
		unsigned char *place;
		size_t size;
		ssize_t n;
		int rc;

		place = sense_assembler_space(stream->assembler, &size);
		n = stream->io->ops->read_now(stream->io, place, size);
		if (n <= 0)
			return n < 0 ? failed(stream, (int)-n) : 0;
		taken(stream, (size_t)n, size);
		rc = run(stream, frame);
		if (rc)
			return rc;
	}
}

static int end_gone(struct sense_stream *stream, struct sense_frame **frame)
{
	/* The reader may still be waiting into the stage. */
	int rc = take_rest(stream, frame);

	if (rc > 0 || rc == -ENOBUFS)
		return rc;
	rc = sense_assembler_flush(stream->assembler, frame);
	count(stream);
	if (rc)
		return rc;
	stream->state = SENSE_STREAM_ENDED;
	return sense_fail(ENODEV, stream->info->id,
			  "put it back and open it again by its id; everything read before was delivered",
			  "%s is gone", stream->info->id);
}

static int end_stopped(struct sense_stream *stream, struct sense_frame **frame)
{
	int rc = take_rest(stream, frame);

	if (rc || atomic_load(&stream->gone))
		return rc ? rc : end_gone(stream, frame);
	rc = sense_assembler_finish(stream->assembler, stream->has_last_sequence,
				    stream->last_sequence, frame);
	count(stream);
	if (rc == -ENOBUFS)
		return sense_fail(ENOBUFS, stream->info->id, "release frames, or give the stream more",
				  "all frames of the stream are held");
	if (rc)
		return rc;
	stream->state = SENSE_STREAM_ENDED;
	return -ENODATA;
}

/*
 * How long it will take, from @now on, until the kernel has as many scans as the watermark says;
 * negative when it should have them already, 0 when that is not known.
 */
static int64_t pace(const struct sense_stream *stream, int64_t now)
{
	if (stream->watermark_ns < MIN_PACE_NS || !stream->taken_ns)
		return 0;
	return stream->taken_ns + stream->watermark_ns - now;
}

static int arm(struct sense_stream *stream)
{
	unsigned char *place;
	size_t size;

	place = sense_assembler_space(stream->assembler, &size);
	return stream->io->ops->arm(stream->io, place, size,
				    pace(stream, now_ns(CLOCK_MONOTONIC)));
}

/* The time is over without a full frame. */
static int expire(struct sense_stream *stream, struct sense_frame **frame)
{
	int rc = take_rest(stream, frame);

	if (rc)
		return rc;
	rc = sense_assembler_flush(stream->assembler, frame);
	count(stream);
	if (rc)
		return rc;
	if (atomic_load(&stream->gone))
		return end_gone(stream, frame);
	arm(stream);
	return 0;
}

/* Nothing came for a while: is it still there? */
static void look(struct sense_stream *stream)
{
	int64_t now = now_ns(CLOCK_MONOTONIC_COARSE);

	if (now - stream->looked_ns < SLICE_NS / 2)
		return;
	stream->looked_ns = now;
	if (sense_buffer_is_gone(&stream->buffer))
		found_gone(stream);
}

/* Empty the timer that wakes pollers, and do what it wakes them for. */
static void tick(struct sense_stream *stream)
{
	uint64_t ticks;

	if (read(stream->timer_fd, &ticks, sizeof(ticks)) > 0 && sense_buffer_is_gone(&stream->buffer))
		found_gone(stream);
}

int sense_stream_read(struct sense_stream *stream, int64_t timeout_ns, struct sense_frame **frame)
{
	int64_t now = now_ns(CLOCK_MONOTONIC), deadline = now + timeout_ns;
	int rc;

	if (stream->state == SENSE_STREAM_IDLE || stream->state == SENSE_STREAM_ENDED) {
		if (atomic_load(&stream->gone))
			return end_gone(stream, frame);
		return sense_fail(ENODATA, stream->info->id, "start it",
				  "the stream of %s does not run", stream->info->id);
	}
	while (!(rc = run(stream, frame))) {
		int64_t wait = timeout_ns < 0 ? SLICE_NS : 0;
		unsigned char *place;
		size_t size;
		ssize_t n;

		if (atomic_load_explicit(&stream->gone, memory_order_relaxed))
			return end_gone(stream, frame);
		if (stream->state == SENSE_STREAM_STOPPING) {
			rc = end_stopped(stream, frame);
			if (rc == -ENODATA)
				sense_fail(ENODATA, stream->info->id, NULL,
					   "the stream of %s has stopped and everything is delivered",
					   stream->info->id);
			return rc;
		}
		refresh_if_due(stream);
		now = now_ns(CLOCK_MONOTONIC);
		if (timeout_ns > 0) {
			wait = deadline - now;
			if (wait <= 0)
				return expire(stream, frame);
			if (wait > SLICE_NS)
				wait = SLICE_NS;
		}
		place = sense_assembler_space(stream->assembler, &size);
		n = stream->more ? stream->io->ops->read_now(stream->io, place, size) : 0;
		if (!n)
			n = stream->io->ops->read(stream->io, place, size, pace(stream, now), wait);
		if (n > 0) {
			taken(stream, (size_t)n, size);
			continue;
		}
		if (n < 0 && n != -EINTR) {
			rc = failed(stream, (int)-n);
			if (rc < 0)
				return rc;
			continue;
		}
		if (timeout_ns)
			look(stream);
		else
			tick(stream);
		if (atomic_load_explicit(&stream->gone, memory_order_relaxed))
			continue;
		if (n == -EINTR || !timeout_ns) {
			arm(stream);
			return 0;
		}
	}
	return rc;
}

int sense_stream_wait(struct sense_stream *const *streams, unsigned int count, int64_t timeout_ns)
{
	struct timespec timeout = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
	struct pollfd fds[30];
	int mask = 0, rc;

	if (!count || count > 30)
		return sense_fail(EINVAL, NULL, "wait for 1 to 30 streams", "%u streams cannot be waited for",
				  count);
	for (unsigned int i = 0; i < count; i++) {
		struct sense_stream *stream = streams[i];

		fds[i] = (struct pollfd){ .fd = stream->epoll_fd, .events = POLLIN };
		/* These have an answer at once. */
		if (stream->state != SENSE_STREAM_RUNNING || atomic_load(&stream->gone) ||
		    sense_assembler_staged(stream->assembler)) {
			mask |= 1 << i;
			continue;
		}
		rc = arm(stream);
		if (rc < 0)
			return sense_fail(-rc, stream->info->id, NULL, "reading %s failed: %s",
					  stream->info->id, strerror(-rc));
	}
	if (mask)
		return mask;
	rc = ppoll(fds, count, timeout_ns < 0 ? NULL : &timeout, NULL);
	if (rc < 0 && errno != EINTR)
		return sense_fail(errno, NULL, NULL, "waiting for streams failed: %s", strerror(errno));
	for (unsigned int i = 0; rc > 0 && i < count; i++)
		if (fds[i].revents)
			mask |= 1 << i;
	return mask;
}

/* ---- what else there is to know ---------------------------------------------------- */

int sense_stream_read_event(struct sense_stream *stream, struct sense_event *event)
{
	return sense_ring_pop(stream->events, event);
}

int sense_stream_get_latest(const struct sense_stream *stream, unsigned int channel,
			    struct sense_latest *latest)
{
	const struct sense_channel_info *info = sense_layout_get_channel(stream->layout, channel);
	struct sense_latest_scan scan;
	int rc;

	if (!info)
		return sense_fail(ENOENT, stream->info->id, "count from 0",
				  "the stream of %s has no channel %u", stream->info->id, channel);
	if (atomic_load_explicit(&stream->gone, memory_order_relaxed))
		return sense_fail(ENODEV, stream->info->id, NULL, "%s is gone", stream->info->id);
	rc = sense_latest_read(&stream->latest, channel, &scan);
	if (rc < 0)
		return sense_fail(-rc, stream->info->id, "wait for the reading thread",
				  "nothing of %s has been read yet", stream->info->id);
	*latest = (struct sense_latest){ .raw = scan.raw, .sequence = scan.sequence,
					 .time_ns = scan.time_ns, .quality = SENSE_QUALITY_UNCALIBRATED };
	latest->age_ns = sense_clock_now_ns() - scan.time_ns;
	latest->value = (scan.raw + info->offset) * info->scale;
	if (scan.fault >> channel & 1) {
		latest->quality |= SENSE_QUALITY_FAULT;
		latest->value = NAN;
	}
	if (scan.saturation >> channel & 1)
		latest->quality |= SENSE_QUALITY_SATURATED;
	if (scan.flags & SENSE_SCAN_TEST_DATA)
		latest->quality |= SENSE_QUALITY_TEST_DATA;
	if (scan.flags & SENSE_SCAN_CLOCK_UNLOCKED ||
	    scan.frame_flags & (SENSE_FRAME_TIME_ESTIMATED | SENSE_FRAME_CLOCK_UNSYNCHRONISED |
				SENSE_FRAME_TAI_OFFSET_UNKNOWN))
		latest->quality |= SENSE_QUALITY_TIME_UNCERTAIN;
	if (scan.flags & SENSE_SCAN_SIMULATED || scan.frame_flags & SENSE_FRAME_SIMULATED)
		latest->quality |= SENSE_QUALITY_SIMULATED;
	return 0;
}

#define GET(field) atomic_load_explicit(&stream->totals.field, memory_order_relaxed)

void sense_stream_get_counts(const struct sense_stream *stream, struct sense_stream_counts *counts)
{
	*counts = (struct sense_stream_counts){
		.scans = GET(scans), .bytes = GET(bytes), .frames = GET(frames), .gaps = GET(gaps),
		.reads = GET(reads), .buffer_scans = stream->buffer.length,
		.fill = sense_buffer_read_fill(&stream->buffer),
	};
	for (int i = 0; i < SENSE_GAP_CAUSES; i++)
		counts->lost[i] = GET(lost[i]);
}
