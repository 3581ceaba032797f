// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record/tally.h"

#include <errno.h>

struct emitter {
	struct sense_tally *tally;
	const struct sense_frame *frame;	/* NULL for a gap on its own */
	uint64_t refused_to;
	sense_tally_gap emit;
	void *context;
};

static int emit(struct emitter *e, uint64_t from, uint64_t to, uint32_t cause)
{
	struct sense_gap gap = { from, to - from, cause, 0 };

	if (from == to)
		return 0;
	if (!e->tally->started) {
		e->tally->started = true;
		e->tally->first_sequence = from;
	}
	e->tally->missing += gap.count;
	e->tally->gaps++;
	e->tally->next = to;
	return e->emit(e->context, &gap);
}

/* Missing, and nobody said why. */
static int unexplained(struct emitter *e, uint64_t from, uint64_t to)
{
	uint64_t refused = e->refused_to < to ? e->refused_to : to;
	int rc = 0;

	if (refused > from) {
		rc = emit(e, from, refused, SENSE_GAP_STORAGE);
		from = refused;
	}
	return rc ? rc : emit(e, from, to, SENSE_GAP_UNKNOWN);
}

/* Everything in [from, to) is missing; the frame's gaps, in rising order, say why. */
static int missing(struct emitter *e, uint64_t from, uint64_t to)
{
	int rc = 0;

	for (unsigned int i = 0; e->frame && i < e->frame->gap_count && !rc && from < to; i++) {
		const struct sense_gap *gap = &e->frame->gaps[i];
		uint64_t start = gap->first_sequence, end = start + gap->count;

		if (end <= from)
			continue;
		if (start >= to)
			break;
		if (start > from)
			rc = unexplained(e, from, start);
		else
			start = from;
		from = end < to ? end : to;
		if (!rc)
			rc = emit(e, start, from, gap->cause);
	}
	return rc || from >= to ? rc : unexplained(e, from, to);
}

int sense_tally_add_gap(struct sense_tally *tally, const struct sense_gap *gap,
			uint64_t refused_to, sense_tally_gap emit_gap, void *context)
{
	struct emitter e = { tally, NULL, refused_to, emit_gap, context };
	int rc = 0;

	if (!gap->count || gap->first_sequence + gap->count < gap->first_sequence ||
	    (tally->started && gap->first_sequence < tally->next))
		return -EINVAL;
	if (tally->started)
		rc = missing(&e, tally->next, gap->first_sequence);
	return rc ? rc :
		    emit(&e, gap->first_sequence, gap->first_sequence + gap->count, gap->cause);
}

/* First slot from @slot on whose presence is @present, or count. */
static uint32_t find(const struct sense_frame *frame, uint32_t slot, bool present)
{
	while (slot < frame->count) {
		uint64_t word = frame->present[slot / 64];

		word = (present ? word : ~word) >> slot % 64;
		if (word) {
			slot += (uint32_t)__builtin_ctzll(word);
			break;
		}
		slot += 64 - slot % 64;
	}
	return slot < frame->count ? slot : frame->count;
}

int sense_tally_add_frame(struct sense_tally *tally, const struct sense_frame *frame,
			  uint64_t refused_to, sense_tally_gap emit_gap, void *context)
{
	struct emitter e = { tally, frame, refused_to, emit_gap, context };
	uint32_t first = find(frame, 0, true), slot = first, last = first;
	uint64_t from = frame->first_sequence + first;
	int rc = 0;

	if (tally->started && from < tally->next)
		return -EINVAL;
	if (tally->started)
		from = tally->next;
	else if (frame->gap_count && frame->gaps[0].first_sequence < from)
		from = frame->gaps[0].first_sequence;
	if (!tally->started) {
		tally->started = true;
		tally->first_sequence = from;
	}
	while (slot < frame->count && !rc) {
		uint32_t end = find(frame, slot, false);

		rc = missing(&e, from, frame->first_sequence + slot);
		last = end - 1;
		from = frame->first_sequence + end;
		slot = find(frame, end, true);
	}
	if (!tally->frames)
		tally->first_time_ns = frame->time_ns[first];
	tally->frames++;
	tally->scans += frame->present_count;
	tally->last_sequence = frame->first_sequence + last;
	tally->last_time_ns = frame->time_ns[last];
	tally->flags |= frame->flags;
	tally->next = tally->last_sequence + 1;
	/* At a stream's end a frame tells of what is missing behind its last scan. */
	for (unsigned int i = 0; i < frame->gap_count && !rc; i++) {
		const struct sense_gap *gap = &frame->gaps[i];
		uint64_t start = gap->first_sequence, end = start + gap->count;

		if (end <= tally->next)
			continue;
		if (start > tally->next)
			rc = unexplained(&e, tally->next, start);
		if (!rc)
			rc = emit(&e, tally->next, end, gap->cause);
	}
	return rc;
}
