// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/frame.h"

#include <errno.h>
#include <math.h>
#include <sense/clock.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define COLUMN_ALIGN 64u

/* Hands out columns of one piece of memory; with base NULL it only adds up. */
struct columns {
	char *base;
	size_t used;
};

static void *column(struct columns *columns, size_t bytes)
{
	void *p = columns->base ? columns->base + columns->used : NULL;

	columns->used += (bytes + COLUMN_ALIGN - 1) & ~(size_t)(COLUMN_ALIGN - 1);
	return p;
}

static void lay_out(struct sense_frame *frame, struct columns *columns)
{
	size_t n = frame->layout->block_scans;

	frame->time_ns = column(columns, n * sizeof(*frame->time_ns));
	frame->counter = column(columns, n * sizeof(*frame->counter));
	frame->fault = column(columns, n * sizeof(*frame->fault));
	frame->saturation = column(columns, n * sizeof(*frame->saturation));
	frame->scan_flags = column(columns, n * sizeof(*frame->scan_flags));
	frame->outside = column(columns, n * sizeof(*frame->outside));
	frame->present = column(columns, (n + 63) / 64 * sizeof(*frame->present));
	for (unsigned int i = 0; i < frame->layout->channel_count; i++)
		frame->raw[i] = column(columns, n * sizeof(*frame->raw[i]));
	for (unsigned int i = 0; i < frame->layout->channel_count; i++) {
		frame->value[i] = column(columns, n * sizeof(*frame->value[i]));
		frame->value_u[i] = column(columns, n * sizeof(*frame->value_u[i]));
	}
}

struct sense_frame *sense_frame_new(struct sense_layout *layout)
{
	struct sense_frame *frame = calloc(1, sizeof(*frame));
	struct columns columns = { NULL, 0 };

	if (!frame)
		return sense_fail_null(ENOMEM, layout->device_id, NULL, "no memory for a frame");
	atomic_store(&layout->in_use, true);
	frame->layout = sense_layout_ref(layout);
	lay_out(frame, &columns);
	frame->memory_size = columns.used;
	frame->memory = aligned_alloc(COLUMN_ALIGN, columns.used);
	if (!frame->memory) {
		sense_fail(ENOMEM, layout->device_id, "choose a smaller block or fewer frames",
			   "no memory for a frame of %zu bytes", columns.used);
		sense_frame_destroy(frame);
		return NULL;
	}
	/* Every page is touched now, not in the middle of a run. */
	memset(frame->memory, 0, frame->memory_size);
	columns = (struct columns){ frame->memory, 0 };
	lay_out(frame, &columns);
	sense_frame_clear(frame, 0);
	return frame;
}

void sense_frame_destroy(struct sense_frame *frame)
{
	if (!frame)
		return;
	sense_layout_unref(frame->layout);
	free(frame->memory);
	free(frame);
}

void sense_frame_release(struct sense_frame *frame)
{
	if (frame && frame->pool)
		sense_frame_pool_put(frame->pool, frame);
	else
		sense_frame_destroy(frame);
}

void sense_frame_reset(struct sense_frame *frame, uint64_t first_sequence)
{
	frame->first_sequence = first_sequence;
	frame->expected = first_sequence;
	frame->count = 0;
	frame->present_count = 0;
	frame->flags = 0;
	frame->gap_count = 0;
	frame->expired = 0;
	memset(frame->present, 0,
	       (frame->layout->block_scans + 63) / 64 * sizeof(*frame->present));
	for (unsigned int i = 0; i < frame->layout->channel_count; i++)
		frame->value_unit[i] = NULL;
}

void sense_frame_clear(struct sense_frame *frame, uint64_t first_sequence)
{
	struct sense_clock_state clock;

	sense_frame_reset(frame, first_sequence);
	frame->time_u_ns = NAN;
	if (sense_clock_get_state(&clock) < 0)
		clock = (struct sense_clock_state){ 0 };
	frame->tai_offset_s = clock.tai_offset_s;
	if (!clock.synchronised)
		frame->flags |= SENSE_FRAME_CLOCK_UNSYNCHRONISED;
	if (!frame->tai_offset_s)
		frame->flags |= SENSE_FRAME_TAI_OFFSET_UNKNOWN;
}

int sense_frame_add_gap(struct sense_frame *frame, const struct sense_gap *gap)
{
	if (frame->gap_count == SENSE_FRAME_GAPS)
		return -ENOSPC;
	frame->gaps[frame->gap_count++] = *gap;
	return 0;
}

void sense_frame_set_missing(struct sense_frame *frame, uint32_t from, uint32_t to,
			     int64_t before_ns, double step_ns)
{
	size_t bytes = to - from;

	for (uint32_t i = from; i < to; i++) {
		frame->present[i / 64] &= ~(UINT64_C(1) << (i % 64));
		frame->time_ns[i] = before_ns + (int64_t)(step_ns * (i - from + 1));
	}
	memset(frame->counter + from, 0, bytes * sizeof(*frame->counter));
	memset(frame->fault + from, 0, bytes * sizeof(*frame->fault));
	memset(frame->saturation + from, 0, bytes * sizeof(*frame->saturation));
	memset(frame->scan_flags + from, 0, bytes * sizeof(*frame->scan_flags));
	for (unsigned int c = 0; c < frame->layout->channel_count; c++)
		memset(frame->raw[c] + from, 0, bytes * sizeof(*frame->raw[c]));
}

void sense_frame_set_present(struct sense_frame *frame, uint32_t from, uint32_t to)
{
	while (from < to) {
		uint32_t bit = from % 64;
		uint32_t bits = to - from < 64 - bit ? to - from : 64 - bit;
		uint64_t mask = bits == 64 ? UINT64_MAX : ((UINT64_C(1) << bits) - 1) << bit;

		frame->present[from / 64] |= mask;
		from += bits;
	}
}

int sense_frame_put(struct sense_frame *frame, const struct sense_scan *scan)
{
	const struct sense_layout *layout = frame->layout;
	uint32_t n = layout->block_scans;
	uint64_t expected = frame->expected;
	uint32_t slot, missing_from;

	if (scan->sequence < expected)
		return sense_fail(EINVAL, layout->device_id, "hand scans in by rising sequence number",
				  "scan %llu came when %llu was the least that could follow",
				  (unsigned long long)scan->sequence, (unsigned long long)expected);
	if (scan->sequence / n != frame->first_sequence / n) {
		if (frame->count)
			return sense_fail(ERANGE, layout->device_id,
					  "publish this frame, clear the next one at the first sequence number not yet put, and put again",
					  "scan %llu belongs to another block",
					  (unsigned long long)scan->sequence);
		frame->first_sequence = scan->sequence / n * n;
	}
	slot = (uint32_t)(scan->sequence - frame->first_sequence);
	missing_from = frame->count;
	if (scan->sequence > expected) {
		struct sense_gap gap = { expected, scan->sequence - expected, SENSE_GAP_UNKNOWN, 0 };
		double step = layout->rate_hz > 0 ? 1e9 / layout->rate_hz : 0;
		int64_t before;

		if (sense_frame_add_gap(frame, &gap) < 0)
			return sense_fail(ERANGE, layout->device_id,
					  "publish this frame, clear the next one at the first sequence number not yet put, and put again",
					  "a frame holds %d gaps and scan %llu would make one more",
					  SENSE_FRAME_GAPS, (unsigned long long)scan->sequence);
		if (missing_from) {
			before = frame->time_ns[missing_from - 1];
			step = (double)(scan->time_ns - before) / (slot - missing_from + 1);
		} else {
			before = scan->time_ns - (int64_t)(step * (slot + 1.0));
		}
		sense_frame_set_missing(frame, missing_from, slot, before, step);
	}
	frame->time_ns[slot] = scan->time_ns;
	frame->counter[slot] = scan->counter;
	frame->fault[slot] = scan->fault;
	frame->saturation[slot] = scan->saturation;
	frame->scan_flags[slot] = scan->flags;
	for (unsigned int c = 0; c < layout->channel_count; c++)
		frame->raw[c][slot] = scan->raw[c];
	frame->present[slot / 64] |= UINT64_C(1) << (slot % 64);
	frame->count = slot + 1;
	frame->present_count++;
	frame->expected = scan->sequence + 1;
	return 0;
}

struct sense_layout *sense_frame_get_layout(const struct sense_frame *frame)
{
	return frame->layout;
}

uint64_t sense_frame_get_session(const struct sense_frame *frame)
{
	return frame->session;
}

uint32_t sense_frame_get_epoch(const struct sense_frame *frame)
{
	return frame->epoch;
}

uint64_t sense_frame_get_first_sequence(const struct sense_frame *frame)
{
	return frame->first_sequence;
}

uint32_t sense_frame_get_count(const struct sense_frame *frame)
{
	return frame->count;
}

uint32_t sense_frame_get_present_count(const struct sense_frame *frame)
{
	return frame->present_count;
}

uint32_t sense_frame_get_flags(const struct sense_frame *frame)
{
	return frame->flags;
}

const int64_t *sense_frame_get_time_ns(const struct sense_frame *frame)
{
	return frame->time_ns;
}

const uint64_t *sense_frame_get_counter(const struct sense_frame *frame)
{
	return frame->counter;
}

const uint64_t *sense_frame_get_fault(const struct sense_frame *frame)
{
	return frame->fault;
}

const uint64_t *sense_frame_get_saturation(const struct sense_frame *frame)
{
	return frame->saturation;
}

const uint64_t *sense_frame_get_scan_flags(const struct sense_frame *frame)
{
	return frame->scan_flags;
}

const uint64_t *sense_frame_get_present(const struct sense_frame *frame)
{
	return frame->present;
}

int sense_frame_is_present(const struct sense_frame *frame, uint32_t slot)
{
	return slot < frame->count && (frame->present[slot / 64] >> (slot % 64) & 1);
}

double sense_frame_get_time_u_ns(const struct sense_frame *frame)
{
	return frame->time_u_ns;
}

int32_t sense_frame_get_tai_offset_s(const struct sense_frame *frame)
{
	return frame->tai_offset_s;
}

const int32_t *sense_frame_get_raw(const struct sense_frame *frame, unsigned int channel)
{
	return channel < frame->layout->channel_count ? frame->raw[channel] : NULL;
}

static bool has_value(const struct sense_frame *frame, unsigned int channel)
{
	return channel < frame->layout->channel_count && frame->value_unit[channel];
}

const double *sense_frame_get_value(const struct sense_frame *frame, unsigned int channel)
{
	return has_value(frame, channel) ? frame->value[channel] : NULL;
}

const double *sense_frame_get_value_u(const struct sense_frame *frame, unsigned int channel)
{
	return has_value(frame, channel) ? frame->value_u[channel] : NULL;
}

const char *sense_frame_get_value_unit(const struct sense_frame *frame, unsigned int channel)
{
	return has_value(frame, channel) ? frame->value_unit[channel] : NULL;
}

static bool follows_gap(const struct sense_frame *frame, uint32_t slot)
{
	if (slot)
		return !sense_frame_is_present(frame, slot - 1);
	/* A missing run may have several causes, a gap each; the last one ends at the scan. */
	for (unsigned int i = 0; i < frame->gap_count; i++)
		if (frame->gaps[i].first_sequence + frame->gaps[i].count == frame->first_sequence)
			return true;
	return false;
}

uint32_t sense_frame_get_quality(const struct sense_frame *frame, unsigned int channel,
				 uint32_t slot)
{
	uint32_t quality = 0;
	uint64_t flags;

	if (channel >= frame->layout->channel_count || !sense_frame_is_present(frame, slot))
		return SENSE_QUALITY_MISSING;
	flags = frame->scan_flags[slot];
	if (frame->fault[slot] >> channel & 1)
		quality |= SENSE_QUALITY_FAULT;
	if (frame->saturation[slot] >> channel & 1)
		quality |= SENSE_QUALITY_SATURATED;
	if (follows_gap(frame, slot))
		quality |= SENSE_QUALITY_AFTER_GAP;
	if (flags & SENSE_SCAN_TEST_DATA)
		quality |= SENSE_QUALITY_TEST_DATA;
	if (flags & SENSE_SCAN_CLOCK_UNLOCKED ||
	    frame->flags & (SENSE_FRAME_TIME_ESTIMATED | SENSE_FRAME_CLOCK_UNSYNCHRONISED |
			    SENSE_FRAME_TAI_OFFSET_UNKNOWN))
		quality |= SENSE_QUALITY_TIME_UNCERTAIN;
	if (frame->value_unit[channel] && frame->outside[slot] >> channel & 1)
		quality |= SENSE_QUALITY_OUTSIDE;
	/* What has no uncertainty has no certificate behind it, be its value given or refused. */
	if (!frame->value_unit[channel] ||
	    (isnan(frame->value_u[channel][slot]) &&
	     (!isnan(frame->value[channel][slot]) ||
	      !(quality & (SENSE_QUALITY_FAULT | SENSE_QUALITY_OUTSIDE)))))
		quality |= SENSE_QUALITY_UNCALIBRATED;
	if (frame->expired >> channel & 1)
		quality |= SENSE_QUALITY_EXPIRED;
	if (flags & SENSE_SCAN_SIMULATED || frame->flags & SENSE_FRAME_SIMULATED)
		quality |= SENSE_QUALITY_SIMULATED;
	return quality;
}

unsigned int sense_frame_get_gap_count(const struct sense_frame *frame)
{
	return frame->gap_count;
}

const struct sense_gap *sense_frame_get_gap(const struct sense_frame *frame, unsigned int index)
{
	return index < frame->gap_count ? &frame->gaps[index] : NULL;
}
