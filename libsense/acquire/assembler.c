// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/assembler.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Scans unpacked at a time: some 10 KiB, which stay in the first-level cache. */
#define CHUNK_SCANS 128u

/* Without sequence numbers, a step in time longer than this many periods is a gap. */
#define GAP_PERIODS 1.5

struct sense_assembler {
	struct sense_assembler_config config;
	unsigned char *stage;
	size_t stage_size;
	size_t head, tail;		/* bytes [head, tail) of the stage are to be placed */
	int64_t committed_ns;		/* when the newest of them were read */

	struct sense_frame *frame;	/* being filled; its next slot is for scan next */
	uint64_t session;
	uint64_t next;			/* sequence number that would be no gap */
	bool started;
	int64_t last_time_ns;		/* of scan next - 1 */
	bool has_last_time;
	int64_t pending_step_ns;	/* the clock was set, and the scan that shows it is to come */
	uint64_t fault, saturation;	/* words of the last scan, frame's numbering */
	bool fresh;			/* last_slot of frame has not been published as latest */
	uint32_t last_slot;

	/* A gap explained but not yet placed: its frame had to be published first. */
	struct sense_gap pieces[SENSE_FRAME_GAPS];
	unsigned int piece_count;

	struct sense_assembler_clock clock;
	struct sense_assembler_counts counts;
};

struct sense_assembler *sense_assembler_new(const struct sense_assembler_config *config)
{
	struct sense_assembler *a = calloc(1, sizeof(*a));
	size_t scans = config->stage_size / config->plan.scan_size;

	if (!a)
		goto no_memory;
	a->config = *config;
	a->stage_size = (scans ? scans : 1) * config->plan.scan_size;
	a->stage = aligned_alloc(64, (a->stage_size + 63) & ~(size_t)63);
	if (!a->stage)
		goto no_memory;
	/* Every page is touched now, not in the middle of a run. */
	memset(a->stage, 0, a->stage_size);
	a->clock.time_u_ns = NAN;
	return a;

no_memory:
	free(a);
	return sense_fail_null(ENOMEM, config->layout->device_id, "choose a smaller block",
			       "no memory to assemble frames in");
}

void sense_assembler_free(struct sense_assembler *a)
{
	if (!a)
		return;
	sense_frame_release(a->frame);
	free(a->stage);
	free(a);
}

void sense_assembler_restart(struct sense_assembler *a, uint64_t session)
{
	sense_frame_release(a->frame);
	a->frame = NULL;
	a->head = a->tail = 0;
	a->session = session;
	a->next = 0;
	a->started = false;
	a->has_last_time = false;
	a->pending_step_ns = 0;
	a->fault = a->saturation = 0;
	a->fresh = false;
	a->piece_count = 0;
}

void sense_assembler_set_clock(struct sense_assembler *a, const struct sense_assembler_clock *clock)
{
	a->clock = *clock;
}

const struct sense_assembler_counts *sense_assembler_get_counts(const struct sense_assembler *a)
{
	return &a->counts;
}

/* ---- the stage ---------------------------------------------------------------------- */

unsigned char *sense_assembler_space(struct sense_assembler *a, size_t *size)
{
	if (a->head) {
		memmove(a->stage, a->stage + a->head, a->tail - a->head);
		a->tail -= a->head;
		a->head = 0;
	}
	*size = a->stage_size - a->tail;
	return a->stage + a->tail;
}

void sense_assembler_commit(struct sense_assembler *a, size_t bytes, int64_t now_ns)
{
	a->tail += bytes;
	a->committed_ns = now_ns;
}

size_t sense_assembler_staged(const struct sense_assembler *a)
{
	return (a->tail - a->head) / a->config.plan.scan_size;
}

/* ---- frames begin and end ------------------------------------------------------------- */

static int begin(struct sense_assembler *a, uint64_t first)
{
	a->frame = sense_frame_pool_get(a->config.pool);
	if (!a->frame)
		return -ENOBUFS;
	sense_frame_reset(a->frame, first);
	a->frame->session = a->session;
	a->frame->epoch = 0;
	return 0;
}

static void show_latest(struct sense_assembler *a)
{
	if (a->fresh && a->config.latest)
		sense_latest_publish(a->config.latest, a->frame, a->last_slot,
				     a->frame->flags | a->config.frame_flags | a->clock.flags);
	a->fresh = false;
}

static int publish(struct sense_assembler *a, uint32_t flags, struct sense_frame **frame)
{
	show_latest(a);
	a->frame->flags |= flags | a->config.frame_flags | a->clock.flags;
	a->frame->time_u_ns = a->clock.time_u_ns;
	a->frame->tai_offset_s = a->clock.tai_offset_s;
	a->frame->expected = a->next;
	a->counts.frames++;
	*frame = a->frame;
	a->frame = NULL;
	return 1;
}

static uint64_t block_end(const struct sense_assembler *a, uint64_t sequence)
{
	uint32_t n = a->config.layout->block_scans;

	return (sequence / n + 1) * n;
}

/* ---- events ----------------------------------------------------------------------------- */

static void tell_gap(struct sense_assembler *a, const struct sense_gap *gap, double step_ns)
{
	static const char *const why[SENSE_GAP_CAUSES] = {
		[SENSE_GAP_UNKNOWN] = "why is not known",
		[SENSE_GAP_CARD] = "the card's ring was full",
		[SENSE_GAP_KERNEL] = "the kernel buffer was full",
		[SENSE_GAP_READER] = "the reader had no room",
		[SENSE_GAP_CORRUPT] = "the card delivered what the driver could not accept",
		[SENSE_GAP_TIME] = "judged by time, since the device does not number its scans",
	};
	struct sense_event event;

	sense_event_init(&event, SENSE_EVENT_GAP, SENSE_SEVERITY_WARNING, a->config.layout->device_id,
			 "%" PRIu64 " scan%s missing from number %" PRIu64 " on: %s", gap->count,
			 gap->count == 1 ? " is" : "s are", gap->first_sequence,
			 gap->cause < SENSE_GAP_CAUSES ? why[gap->cause] : why[0]);
	event.sequence = gap->first_sequence;
	event.count = gap->count;
	event.cause = gap->cause;
	if (a->has_last_time)
		event.time_ns = a->last_time_ns +
				(int64_t)(step_ns * (double)(gap->first_sequence - a->next + 1));
	a->config.ops->event(a->config.context, &event);
}

static void tell_change(struct sense_assembler *a, uint32_t slot, uint64_t changed, uint64_t word,
			bool fault)
{
	const struct sense_layout *layout = a->config.layout;

	for (; changed; changed &= changed - 1) {
		unsigned int c = (unsigned int)__builtin_ctzll(changed);
		bool on = word >> c & 1;
		struct sense_event event;

		if (c >= layout->channel_count)
			return;
		if (fault)
			sense_event_init(&event, on ? SENSE_EVENT_FAULT : SENSE_EVENT_FAULT_CLEARED,
					 on ? SENSE_SEVERITY_WARNING : SENSE_SEVERITY_NOTICE,
					 layout->channels[c].name, "channel %s of %s %s",
					 layout->channels[c].name, layout->device_id,
					 on ? "has no valid reading" : "reads again");
		else
			sense_event_init(&event, on ? SENSE_EVENT_SATURATION :
					 SENSE_EVENT_SATURATION_CLEARED,
					 on ? SENSE_SEVERITY_WARNING : SENSE_SEVERITY_NOTICE,
					 layout->channels[c].name, "channel %s of %s %s its range",
					 layout->channels[c].name, layout->device_id,
					 on ? "left" : "is back in");
		event.time_ns = a->frame->time_ns[slot];
		event.sequence = a->frame->first_sequence + slot;
		event.count = UINT64_C(1) << c;
		a->config.ops->event(a->config.context, &event);
	}
}

static void tell_changes(struct sense_assembler *a, uint32_t slot, uint32_t count, bool fault)
{
	const uint64_t *words = fault ? a->frame->fault : a->frame->saturation;
	uint64_t before = fault ? a->fault : a->saturation;

	for (uint32_t i = slot; i < slot + count; i++) {
		if (words[i] != before)
			tell_change(a, i, words[i] ^ before, words[i], fault);
		before = words[i];
	}
}

/* ---- what is missing --------------------------------------------------------------------- */

/*
 * Explain the missing run [next, next + missing), once. @flags: of the scan
 * that follows it. Returns how many scans of it the pieces hold: a run of very
 * many causes is placed a frame's gaps at a time.
 */
static uint64_t explain(struct sense_assembler *a, uint64_t missing, uint64_t flags, double step_ns)
{
	const struct sense_gap *last;

	if (!a->piece_count) {
		if (a->config.plan.sequence == SENSE_NO_ELEMENT) {
			a->pieces[0] = (struct sense_gap){ a->next, missing, SENSE_GAP_TIME, 0 };
			a->piece_count = 1;
			a->counts.lost[SENSE_GAP_TIME] += missing;
		} else {
			a->piece_count = a->config.ops->divide(a->config.context, a->next, missing,
							       flags, a->pieces, SENSE_FRAME_GAPS,
							       a->counts.lost);
		}
		a->counts.gaps += a->piece_count;
		for (unsigned int i = 0; i < a->piece_count; i++)
			tell_gap(a, &a->pieces[i], step_ns);
	}
	last = &a->pieces[a->piece_count - 1];
	return last->first_sequence + last->count - a->next;
}

/* Slots up to (not including) that of scan @end become missing, on the line from the last scan. */
static void pad(struct sense_assembler *a, uint64_t end, double step_ns)
{
	struct sense_frame *frame = a->frame;
	uint32_t to = (uint32_t)(end - frame->first_sequence);
	int64_t before = a->last_time_ns;

	before += (int64_t)(step_ns * (double)(frame->first_sequence + frame->count - a->next));
	sense_frame_set_missing(frame, frame->count, to, before, step_ns);
	frame->count = to;
}

static void add_pieces(struct sense_assembler *a)
{
	for (unsigned int i = 0; i < a->piece_count; i++)
		sense_frame_add_gap(a->frame, &a->pieces[i]);
	a->piece_count = 0;
}

static int64_t time_of(const struct sense_assembler *a, const unsigned char *scan)
{
	if (a->config.plan.timestamp == SENSE_NO_ELEMENT)
		return a->committed_ns;
	return (int64_t)sense_scan_u64(scan, a->config.plan.timestamp) + a->clock.offset_ns;
}

/* Scan next + missing stands at @scan: 0 when the gap is placed, 1 when a frame had to go first. */
static int place_gap(struct sense_assembler *a, const unsigned char *scan, uint64_t missing,
		     struct sense_frame **frame)
{
	const struct sense_scan_plan *plan = &a->config.plan;
	uint64_t first = a->next, end;
	uint64_t flags = plan->scan_flags == SENSE_NO_ELEMENT ? 0 :
			 sense_scan_u64(scan, plan->scan_flags);
	int64_t time = time_of(a, scan);
	double step = a->config.period_ns;

	if (a->has_last_time) {
		step = (double)(time - a->last_time_ns) / ((double)missing + 1);
	} else {
		a->last_time_ns = time - (int64_t)(step * ((double)missing + 1));
		a->has_last_time = true;
	}
	missing = explain(a, missing, flags, step);
	end = a->next + missing;
	/* The rest of this block is missing; the gap belongs to the frame in which it ends. */
	if (a->frame && end >= block_end(a, a->frame->first_sequence)) {
		pad(a, block_end(a, a->frame->first_sequence), step);
		return publish(a, 0, frame);
	}
	if (!a->frame) {
		if (block_end(a, first) <= end)
			first = block_end(a, end) - a->config.layout->block_scans;
		if (begin(a, first) < 0)
			return -ENOBUFS;
	}
	if (a->frame->gap_count + a->piece_count > SENSE_FRAME_GAPS)
		return publish(a, SENSE_FRAME_PARTIAL, frame);
	pad(a, end, step);
	add_pieces(a);
	a->next = end;
	a->last_time_ns += (int64_t)(step * (double)missing);
	return 0;
}

/* ---- what is there ------------------------------------------------------------------------ */

/* Scans without a time are stamped backwards from when they were read, never before one another. */
static void stamp(struct sense_assembler *a, uint32_t slot, size_t run)
{
	size_t later = sense_assembler_staged(a);

	for (size_t i = 0; i < run; i++) {
		int64_t time = a->committed_ns -
			       (int64_t)(a->config.period_ns * (double)(later - 1 - i));

		if (a->has_last_time && time <= a->last_time_ns)
			time = a->last_time_ns + 1;
		a->frame->time_ns[slot + i] = time;
		a->last_time_ns = time;
		a->has_last_time = true;
	}
}

static int place_scans(struct sense_assembler *a, const unsigned char *scans, size_t run,
		       struct sense_frame **out)
{
	struct sense_demux_result result;
	struct sense_frame *frame;
	uint64_t end;
	uint32_t slot;

	if (!a->frame && begin(a, a->next) < 0)
		return -ENOBUFS;
	frame = a->frame;
	slot = frame->count;
	end = block_end(a, frame->first_sequence);
	if (run > end - a->next)
		run = end - a->next;
	sense_demux(&a->config.plan, scans, run, frame, slot, a->clock.offset_ns, a->fault,
		    a->saturation, &result);
	if (a->config.plan.timestamp == SENSE_NO_ELEMENT)
		stamp(a, slot, run);
	sense_frame_set_present(frame, slot, slot + (uint32_t)run);
	if (result.flags & SENSE_SCAN_SIMULATED)
		frame->flags |= SENSE_FRAME_SIMULATED;
	if (result.fault_changes)
		tell_changes(a, slot, (uint32_t)run, true);
	if (result.saturation_changes)
		tell_changes(a, slot, (uint32_t)run, false);
	frame->count += (uint32_t)run;
	frame->present_count += (uint32_t)run;
	a->last_slot = frame->count - 1;
	a->fresh = true;
	a->fault = frame->fault[a->last_slot];
	a->saturation = frame->saturation[a->last_slot];
	a->last_time_ns = frame->time_ns[a->last_slot];
	a->has_last_time = true;
	a->next += run;
	a->head += run * a->config.plan.scan_size;
	a->counts.scans += run;
	return a->next == end ? publish(a, 0, out) : 0;
}

/* How many scans follow each other in time; @missing, when the first of them does not. */
static size_t timely(struct sense_assembler *a, const unsigned char *scans, size_t count,
		     uint64_t *missing)
{
	const double period = a->config.period_ns;
	const size_t stride = a->config.plan.scan_size;
	int64_t last = a->last_time_ns;

	if (a->config.plan.timestamp == SENSE_NO_ELEMENT || period <= 0)
		return count;
	for (size_t i = 0; i < count; i++) {
		int64_t time = time_of(a, scans + i * stride);
		double distance = (double)(time - last);

		last = time;
		if ((!i && !a->has_last_time) || distance <= GAP_PERIODS * period)
			continue;
		if (i)
			return i;
		/* A clock that was set forward shows the same; it is not a gap. */
		if (a->config.ops->clock_step)
			a->pending_step_ns += a->config.ops->clock_step(a->config.context);
		if (a->pending_step_ns > 0) {
			distance -= (double)a->pending_step_ns;
			a->last_time_ns += a->pending_step_ns;
			a->pending_step_ns = 0;
			if (distance <= GAP_PERIODS * period)
				continue;
		}
		*missing = (uint64_t)llround(distance / period) - 1;
		return 0;
	}
	return count;
}

static size_t numbered(struct sense_assembler *a, const unsigned char *scans, size_t count,
		       uint64_t *missing)
{
	uint64_t first = sense_scan_u64(scans, a->config.plan.sequence);
	size_t run;

	if (!a->started)
		a->next = a->config.ops->lost_before(a->config.context, first);
	run = sense_demux_contiguous(&a->config.plan, scans, count, a->next);
	if (!run)
		*missing = first - a->next;
	return run;
}

static int step(struct sense_assembler *a, struct sense_frame **frame)
{
	const unsigned char *scans = a->stage + a->head;
	size_t count = sense_assembler_staged(a), run;
	uint64_t missing = 0;

	if (count > CHUNK_SCANS)
		count = CHUNK_SCANS;
	if (a->config.plan.sequence != SENSE_NO_ELEMENT)
		run = numbered(a, scans, count, &missing);
	else
		run = timely(a, scans, count, &missing);
	a->started = true;
	if (run)
		return place_scans(a, scans, run, frame);
	if (missing > UINT64_MAX / 2)
		return sense_fail(EPROTO, a->config.layout->device_id,
				  "stop and start the stream; if it happens again, look at the kernel's log",
				  "after scan %" PRIu64 " of %s came scan %" PRIu64, a->next - 1,
				  a->config.layout->device_id,
				  sense_scan_u64(scans, a->config.plan.sequence));
	return place_gap(a, scans, missing, frame);
}

int sense_assembler_run(struct sense_assembler *a, struct sense_frame **frame)
{
	int rc = 0;

	while (!rc && sense_assembler_staged(a))
		rc = step(a, frame);
	show_latest(a);
	return rc;
}

int sense_assembler_flush(struct sense_assembler *a, struct sense_frame **frame)
{
	if (!a->frame || !a->frame->count)
		return 0;
	return publish(a, SENSE_FRAME_PARTIAL, frame);
}

int sense_assembler_finish(struct sense_assembler *a, bool has_last, uint64_t last_sequence,
			   struct sense_frame **frame)
{
	uint64_t end = last_sequence + 1, edge;

	if (!has_last || !a->started || last_sequence < a->next || last_sequence == UINT64_MAX)
		return sense_assembler_flush(a, frame);
	if (!a->frame && begin(a, a->next) < 0)
		return -ENOBUFS;
	end = a->next + explain(a, end - a->next, 0, a->config.period_ns);
	if (a->frame->gap_count + a->piece_count > SENSE_FRAME_GAPS)
		return publish(a, SENSE_FRAME_PARTIAL, frame);
	edge = block_end(a, a->frame->first_sequence);
	pad(a, end < edge ? end : edge, a->config.period_ns);
	add_pieces(a);
	a->last_time_ns += (int64_t)(a->config.period_ns * (double)(end - a->next));
	a->next = end;
	return publish(a, end >= edge ? 0 : SENSE_FRAME_PARTIAL, frame);
}
