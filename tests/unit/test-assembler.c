// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "acquire/assembler.h"
#include "acquire/lost-ranges.h"

/*
 * A card of six channels, of which a stream takes some, and the bytes it would
 * give: every field of a scan follows from its sequence number, so that each
 * slot of each frame can be checked by itself.
 */
#define CARD_CHANNELS 6
#define BLOCK 50
#define MAX_SCANS 2000
#define T0 INT64_C(1795177996000000000)
#define PERIOD 100000

struct bench {
	struct sense_layout *layout;
	struct sense_frame_pool *pool;
	struct sense_assembler *assembler;
	struct sense_assembler_config config;
	struct sense_latest_store latest;
	struct sense_lost_ranges ranges;
	struct sense_event events[4000];
	unsigned int event_count;
	int64_t step;
};

static struct bench bench;

static unsigned int divide(void *context, uint64_t first, uint64_t count, uint64_t flags,
			   struct sense_gap *pieces, unsigned int max,
			   uint64_t lost[SENSE_GAP_CAUSES])
{
	return sense_lost_ranges_divide(&bench.ranges, first, count, pieces, max, lost);
}

static uint64_t lost_before(void *context, uint64_t first)
{
	if (bench.ranges.count && bench.ranges.ranges[0].first_sequence + bench.ranges.ranges[0].count ==
	    first)
		return bench.ranges.ranges[0].first_sequence;
	return first;
}

static int64_t clock_step(void *context)
{
	int64_t step = bench.step;

	bench.step = 0;
	return step;
}

static void keep(void *context, const struct sense_event *event)
{
	if (bench.event_count < 4000)
		bench.events[bench.event_count++] = *event;
}

static const struct sense_assembler_ops ops = { divide, lost_before, clock_step, keep };

static const struct sense_scan_type s32 = { false, true, 32, 32, 0, 1 };
static const struct sense_scan_type s24 = { false, true, 24, 32, 0, 1 };
static const struct sense_scan_type be16 = { true, false, 12, 16, 4, 1 };
static const struct sense_scan_type u64 = { false, false, 64, 64, 0, 1 };

/* A stream of the channels in @mask, in the card's order; @numbered: ours, else a foreign one. */
static void set_up(uint64_t mask, bool numbered, bool stamped, unsigned int frames)
{
	struct sense_scan_plan *plan = &bench.config.plan;
	size_t size = 0, align = 1;

	memset(&bench, 0, sizeof(bench));
	bench.layout = sense_layout_new("card-1", BLOCK);
	sense_layout_set_rate_hz(bench.layout, 1e9 / PERIOD);
	sense_scan_plan_init(plan);
	for (unsigned int c = 0; c < CARD_CHANNELS; c++) {
		const struct sense_scan_type *type = c == 4 ? &s24 : c == 5 ? &be16 : &s32;
		char name[8];

		if (!(mask >> c & 1))
			continue;
		snprintf(name, sizeof(name), "c%u", c);
		sense_layout_add_channel(bench.layout, name, SENSE_KIND_OTHER, 1, 0);
		plan->channels[plan->channel_count++] =
			(struct sense_scan_channel){ sense_scan_append(type, &size, &align), *type, c };
	}
	if (numbered) {
		plan->sequence = sense_scan_append(&u64, &size, &align);
		plan->counter = sense_scan_append(&u64, &size, &align);
		plan->fault = sense_scan_append(&u64, &size, &align);
		plan->saturation = sense_scan_append(&u64, &size, &align);
		plan->scan_flags = sense_scan_append(&u64, &size, &align);
	}
	if (stamped)
		plan->timestamp = sense_scan_append(&u64, &size, &align);
	plan->scan_size = sense_scan_size(size, align);
	sense_scan_plan_finish(plan);
	bench.pool = sense_frame_pool_new(bench.layout, frames);
	bench.config.layout = bench.layout;
	bench.config.pool = bench.pool;
	bench.config.stage_size = 300 * plan->scan_size;
	bench.config.period_ns = PERIOD;
	bench.config.latest = &bench.latest;
	bench.config.ops = &ops;
	sense_latest_init(&bench.latest);
	bench.assembler = sense_assembler_new(&bench.config);
	sense_assembler_restart(bench.assembler, 77);
}

static void tear_down(void)
{
	sense_assembler_free(bench.assembler);
	sense_frame_pool_free(bench.pool);
	sense_layout_unref(bench.layout);
}

static int32_t raw_of(uint64_t sequence, unsigned int c)
{
	uint32_t v = (uint32_t)sequence * 2654435761u + c * 40503u;

	return c == 4 ? (int32_t)(v << 8) >> 8 : c == 5 ? (int32_t)(v & 0xfff) : (int32_t)v;
}

/* A fault now and then, and one that lasts. */
static uint64_t fault_of(uint64_t sequence)
{
	return (sequence % 97 == 3 ? 0x2a : 0) | (sequence / 130 % 3 == 1 ? 1u << 3 : 0);
}

static uint64_t saturation_of(uint64_t sequence)
{
	return sequence % 61 < 2 ? 0x15 : 0;
}

static int64_t time_of(uint64_t sequence)
{
	return T0 + (int64_t)sequence * PERIOD;
}

static size_t make_scan(uint64_t sequence, unsigned char *to)
{
	const struct sense_scan_plan *plan = &bench.config.plan;
	uint64_t words[6] = { sequence, sequence * 7, fault_of(sequence), saturation_of(sequence),
			      SENSE_SCAN_SIMULATED, (uint64_t)time_of(sequence) };
	const size_t at[6] = { plan->sequence, plan->counter, plan->fault, plan->saturation,
			       plan->scan_flags, plan->timestamp };

	memset(to, 0xee, plan->scan_size);
	for (int i = 0; i < 6; i++)
		if (at[i] != SENSE_NO_ELEMENT)
			memcpy(to + at[i], &words[i], 8);
	for (unsigned int i = 0; i < plan->channel_count; i++) {
		unsigned int c = plan->channels[i].card_index;
		uint32_t v = (uint32_t)raw_of(sequence, c);

		if (c == 4)	/* what stands above the 24 bits means nothing */
			v = (v & 0xffffff) | (uint32_t)sequence << 24;
		if (c == 5) {
			to[plan->channels[i].offset] = (unsigned char)(v >> 4);
			to[plan->channels[i].offset + 1] = (unsigned char)(v << 4 | 0xb);
		} else {
			memcpy(to + plan->channels[i].offset, &v, 4);
		}
	}
	return plan->scan_size;
}

static uint64_t map(uint64_t word)
{
	uint64_t mapped = 0;

	for (unsigned int i = 0; i < bench.config.plan.channel_count; i++)
		mapped |= (word >> bench.config.plan.channels[i].card_index & 1) << i;
	return mapped;
}

/* ---- checks of one frame, each slot by itself ------------------------------------------ */

static bool exists[MAX_SCANS * 4];	/* which scans were in the bytes */
static uint64_t seen_next;		/* scans below were delivered or told missing */
static uint64_t seen_scans, told_lost;

static bool check_slot(const struct sense_frame *frame, uint32_t slot)
{
	const struct sense_scan_plan *plan = &bench.config.plan;
	uint64_t sequence = frame->first_sequence + slot;
	bool there = sense_frame_is_present(frame, slot);

	if (there != exists[sequence])
		return false;
	if (llabs(frame->time_ns[slot] - time_of(sequence)) > (there ? 0 : 2))
		return false;
	if (frame->fault[slot] != (there ? map(fault_of(sequence)) : 0) ||
	    frame->saturation[slot] != (there ? map(saturation_of(sequence)) : 0) ||
	    frame->counter[slot] != (there ? sequence * 7 : 0))
		return false;
	for (unsigned int i = 0; i < plan->channel_count; i++)
		if (frame->raw[i][slot] !=
		    (there ? raw_of(sequence, plan->channels[i].card_index) : 0))
			return false;
	return true;
}

static void check_frame(const struct sense_frame *frame)
{
	uint64_t end = frame->first_sequence + frame->count, next = seen_next, covered = 0;
	uint32_t present = 0;

	if (frame->first_sequence / BLOCK != (end - 1) / BLOCK)
		CU_FAIL("a frame crosses a block's edge");
	if (!(frame->flags & SENSE_FRAME_PARTIAL) != !(end % BLOCK))
		CU_FAIL("partial is not what the frame is");
	for (uint32_t i = 0; i < frame->count; i++) {
		present += sense_frame_is_present(frame, i) != 0;
		if (!check_slot(frame, i)) {
			printf("scan %lu\n", (unsigned long)(frame->first_sequence + i));
			CU_FAIL("a slot is not what was sent");
			return;
		}
	}
	if (present != frame->present_count || frame->session != 77)
		CU_FAIL("present_count or session");
	for (unsigned int i = 0; i < frame->gap_count; i++) {
		const struct sense_gap *gap = &frame->gaps[i];

		covered += gap->count;
		for (uint64_t s = gap->first_sequence; s < gap->first_sequence + gap->count; s++)
			if (exists[s])
				CU_FAIL("a gap has a scan in it");
	}
	/* Trailing slots told missing are part of a gap that a later frame tells. */
	while (next < end && next < MAX_SCANS * 4)
		next++;
	seen_scans += present;
	told_lost += covered;
	seen_next = next;
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void run_all(bool check)
{
	struct sense_frame *frame;

	while (sense_assembler_run(bench.assembler, &frame) == 1) {
		if (check)
			check_frame(frame);
		sense_frame_release(frame);
	}
}

static void feed(const unsigned char *bytes, size_t size)
{
	while (size) {
		size_t room;
		unsigned char *place = sense_assembler_space(bench.assembler, &room);

		if (room > size)
			room = size;
		memcpy(place, bytes, room);
		sense_assembler_commit(bench.assembler, room, 0);
		bytes += room;
		size -= room;
		run_all(true);
	}
}

static void finish(bool has_last, uint64_t last)
{
	struct sense_frame *frame;

	while (sense_assembler_finish(bench.assembler, has_last, last, &frame) == 1) {
		check_frame(frame);
		sense_frame_release(frame);
	}
}

/* Which scans there are: runs and gaps of every length, some longer than blocks. */
static size_t draw(unsigned char *bytes, uint64_t *last)
{
	size_t used = 0;
	uint64_t s = (uint64_t)random() % 200;

	memset(exists, 0, sizeof(exists));
	seen_next = s;
	seen_scans = told_lost = 0;
	for (unsigned int n = 0; n < MAX_SCANS && s < MAX_SCANS * 3;) {
		unsigned int run = 1 + (unsigned int)random() % (random() % 4 ? 5 : 300);

		for (; run && n < MAX_SCANS && s < MAX_SCANS * 3; run--, n++, s++) {
			exists[s] = true;
			used += make_scan(s, bytes + used);
		}
		*last = s - 1;
		s += 1 + (uint64_t)random() % (random() % 4 ? 3 : 170);
	}
	return used;
}

static uint64_t count_scans(void)
{
	uint64_t n = 0;

	for (size_t i = 0; i < sizeof(exists); i++)
		n += exists[i];
	return n;
}

static unsigned char bytes[MAX_SCANS * 128];

/* Fold all that matters of the frames into one number. */
static uint64_t fold(uint64_t hash, const struct sense_frame *frame)
{
	const uint64_t words[] = { frame->first_sequence, frame->count, frame->present_count,
				   frame->flags, frame->gap_count };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		hash = (hash ^ words[i]) * UINT64_C(1099511628211);
	for (uint32_t i = 0; i < frame->count; i++) {
		hash = (hash ^ (uint64_t)frame->time_ns[i]) * UINT64_C(1099511628211);
		hash = (hash ^ frame->fault[i]) * UINT64_C(1099511628211);
		hash = (hash ^ (uint32_t)frame->raw[0][i]) * UINT64_C(1099511628211);
	}
	for (unsigned int i = 0; i < frame->gap_count; i++)
		hash = (hash ^ frame->gaps[i].first_sequence ^ frame->gaps[i].count << 32) *
		       UINT64_C(1099511628211);
	return hash;
}

static uint64_t hash_in_pieces(size_t size, bool random_pieces)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	struct sense_frame *frame;
	size_t at = 0;

	sense_assembler_restart(bench.assembler, 77);
	bench.event_count = 0;
	while (at < size) {
		size_t room, piece;
		unsigned char *place = sense_assembler_space(bench.assembler, &room);

		piece = random_pieces ? 1 + (size_t)random() % 500 : room;
		if (piece > room)
			piece = room;
		if (piece > size - at)
			piece = size - at;
		memcpy(place, bytes + at, piece);
		sense_assembler_commit(bench.assembler, piece, 0);
		at += piece;
		while (sense_assembler_run(bench.assembler, &frame) == 1) {
			hash = fold(hash, frame);
			sense_frame_release(frame);
		}
	}
	while (sense_assembler_flush(bench.assembler, &frame) == 1) {
		hash = fold(hash, frame);
		sense_frame_release(frame);
	}
	return hash ^ bench.event_count;
}

static void every_scan_in_its_slot(void)
{
	srandom(unit_seed());
	for (int round = 0; round < 60; round++) {
		const struct sense_assembler_counts *counts;
		uint64_t mask = 1 + (uint64_t)random() % 63, last, first;
		size_t size;

		set_up(mask, true, true, 4);
		size = draw(bytes, &last);
		first = seen_next;
		feed(bytes, size);
		finish(true, last);
		counts = sense_assembler_get_counts(bench.assembler);
		CU_ASSERT_EQUAL(seen_scans, count_scans());
		CU_ASSERT_EQUAL(counts->scans, count_scans());
		CU_ASSERT_EQUAL(told_lost, last + 1 - first - count_scans());
		CU_ASSERT_EQUAL(counts->lost[SENSE_GAP_UNKNOWN], told_lost);
		tear_down();
	}
}

static void any_split_gives_the_same_frames(void)
{
	srandom(unit_seed());
	for (int round = 0; round < 20; round++) {
		uint64_t last, whole;
		size_t size;

		set_up(1 + (uint64_t)random() % 63, true, true, 4);
		size = draw(bytes, &last);
		whole = hash_in_pieces(size, false);
		for (int i = 0; i < 5; i++)
			CU_ASSERT_EQUAL(hash_in_pieces(size, true), whole);
		tear_down();
	}
}

static void feed_scans(uint64_t from, uint64_t to)
{
	unsigned char scan[128];

	for (uint64_t s = from; s < to; s++) {
		exists[s] = true;
		feed(scan, make_scan(s, scan));
	}
}

static void fresh(uint64_t first)
{
	memset(exists, 0, sizeof(exists));
	seen_next = first;
	seen_scans = told_lost = 0;
}

static void gaps_have_their_causes(void)
{
	struct sense_frame *frame;
	unsigned char scan[128];
	size_t room, size;
	unsigned char *place;

	set_up(0xf, true, true, 4);
	fresh(0);
	sense_lost_ranges_add(&bench.ranges, "card 10 4\nkernel 14 6\n");
	feed_scans(0, 10);
	place = sense_assembler_space(bench.assembler, &room);
	exists[22] = true;
	size = make_scan(22, scan);
	memcpy(place, scan, size);
	sense_assembler_commit(bench.assembler, size, 0);
	CU_ASSERT_EQUAL(sense_assembler_run(bench.assembler, &frame), 0);
	CU_ASSERT_EQUAL(sense_assembler_flush(bench.assembler, &frame), 1);
	CU_ASSERT_EQUAL_FATAL(frame->gap_count, 3);
	CU_ASSERT_EQUAL(frame->gaps[0].cause, SENSE_GAP_CARD);
	CU_ASSERT_EQUAL(frame->gaps[0].count, 4);
	CU_ASSERT_EQUAL(frame->gaps[1].cause, SENSE_GAP_KERNEL);
	CU_ASSERT_EQUAL(frame->gaps[1].first_sequence, 14);
	CU_ASSERT_EQUAL(frame->gaps[2].cause, SENSE_GAP_UNKNOWN);
	CU_ASSERT_EQUAL(frame->gaps[2].count, 2);
	CU_ASSERT_TRUE(sense_frame_get_quality(frame, 0, 22) & SENSE_QUALITY_AFTER_GAP);
	CU_ASSERT_TRUE(frame->flags & SENSE_FRAME_SIMULATED);
	sense_frame_release(frame);
	CU_ASSERT_EQUAL(bench.events[bench.event_count - 1].type, SENSE_EVENT_GAP);
	CU_ASSERT_EQUAL(bench.events[bench.event_count - 1].sequence, 20);
	CU_ASSERT_EQUAL(bench.events[bench.event_count - 1].time_ns, time_of(20));
	tear_down();
}

/* 200 runs by cause in one gap, and 200 more at the end: each is told with its place. */
static void a_gap_of_very_many_causes(void)
{
	const struct sense_assembler_counts *counts;
	unsigned int told = 0;
	char line[48];

	set_up(0x3f, true, true, 4);
	fresh(0);
	for (unsigned int i = 0; i < 400; i++) {
		snprintf(line, sizeof(line), "%s %u 2\n", i % 2 ? "card" : "kernel",
			 10 + 2 * i + (i < 200 ? 0 : 20));
		sense_lost_ranges_add(&bench.ranges, line);
	}
	feed_scans(0, 10);
	feed_scans(410, 430);
	finish(true, 829);
	counts = sense_assembler_get_counts(bench.assembler);
	CU_ASSERT_EQUAL(counts->gaps, 400);
	CU_ASSERT_EQUAL(counts->lost[SENSE_GAP_CARD], 400);
	CU_ASSERT_EQUAL(counts->lost[SENSE_GAP_KERNEL], 400);
	CU_ASSERT_EQUAL(counts->lost[SENSE_GAP_UNKNOWN], 0);
	CU_ASSERT_EQUAL(told_lost, 800);
	CU_ASSERT_EQUAL(seen_scans, 30);
		for (unsigned int i = 0; i < bench.event_count; i++) {
		const struct sense_event *event = &bench.events[i];

		if (event->type != SENSE_EVENT_GAP)
			continue;
		CU_ASSERT(event->sequence == 10 + 2 * told + (told < 200 ? 0 : 20) &&
			  event->count == 2 &&
			  event->cause == (told % 2 ? SENSE_GAP_CARD : SENSE_GAP_KERNEL));
		told++;
	}
	CU_ASSERT_EQUAL(told, 400);
	tear_down();
}

static void what_is_lost_at_either_end_is_told(void)
{
	const struct sense_assembler_counts *counts;

	set_up(0x3f, true, true, 4);
	fresh(0);
	sense_lost_ranges_add(&bench.ranges, "kernel 0 70\n");
	feed_scans(70, 95);
	CU_ASSERT_EQUAL(told_lost, 0);
	finish(true, 329);
	/* Two blocks whole and parts of two more are missing at the end. */
	counts = sense_assembler_get_counts(bench.assembler);
	CU_ASSERT_EQUAL(counts->lost[SENSE_GAP_KERNEL], 70);
	CU_ASSERT_EQUAL(counts->lost[SENSE_GAP_UNKNOWN], 330 - 95);
	CU_ASSERT_EQUAL(told_lost, 70 + 330 - 95);
	CU_ASSERT_EQUAL(counts->gaps, 2);
	CU_ASSERT_EQUAL(seen_scans, 25);
	tear_down();
}

static void partial_frames_go_on_in_the_same_block(void)
{
	struct sense_frame *frame;

	set_up(0x3, true, true, 4);
	fresh(100);
	feed_scans(100, 120);
	CU_ASSERT_EQUAL(sense_assembler_flush(bench.assembler, &frame), 1);
	check_frame(frame);
	CU_ASSERT_EQUAL(frame->count, 20);
	sense_frame_release(frame);
	CU_ASSERT_EQUAL(sense_assembler_flush(bench.assembler, &frame), 0);
	feed_scans(120, 130);
	CU_ASSERT_EQUAL(sense_assembler_flush(bench.assembler, &frame), 1);
	CU_ASSERT_EQUAL(frame->first_sequence, 120);
	check_frame(frame);
	sense_frame_release(frame);
	feed_scans(130, 151);
	CU_ASSERT_EQUAL(seen_scans, 50);
	finish(true, 150);
	CU_ASSERT_EQUAL(seen_scans, 51);
	tear_down();
}

static void an_empty_pool_loses_nothing(void)
{
	struct sense_frame *held[2], *frame;
	size_t room, size = 0;
	unsigned char *place;

	set_up(0xf, true, true, 2);
	fresh(0);
	place = sense_assembler_space(bench.assembler, &room);
	for (uint64_t s = 0; s < 250; s++) {
		if (s >= 120 && s < 133)
			continue;
		exists[s] = true;
		size += make_scan(s, place + size);
	}
	sense_assembler_commit(bench.assembler, size, 0);
	CU_ASSERT_EQUAL(sense_assembler_run(bench.assembler, &held[0]), 1);
	CU_ASSERT_EQUAL(sense_assembler_run(bench.assembler, &held[1]), 1);
	for (int i = 0; i < 3; i++)
		CU_ASSERT_EQUAL(sense_assembler_run(bench.assembler, &frame), -ENOBUFS);
	check_frame(held[0]);
	check_frame(held[1]);
	sense_frame_release(held[0]);
	sense_frame_release(held[1]);
	run_all(true);
	CU_ASSERT_EQUAL(seen_scans, 250 - 13);
	CU_ASSERT_EQUAL(told_lost, 13);
	CU_ASSERT_EQUAL(sense_assembler_get_counts(bench.assembler)->gaps, 1);
	tear_down();
}

static void a_number_that_goes_back_ends_it(void)
{
	struct sense_frame *frame;
	unsigned char scan[128];
	size_t room, size;

	set_up(0xf, true, true, 2);
	fresh(10);
	feed_scans(10, 15);
	size = make_scan(12, scan);
	memcpy(sense_assembler_space(bench.assembler, &room), scan, size);
	sense_assembler_commit(bench.assembler, size, 0);
	CU_ASSERT_EQUAL(sense_assembler_run(bench.assembler, &frame), -EPROTO);
	CU_ASSERT_EQUAL(sense_assembler_run(bench.assembler, &frame), -EPROTO);
	tear_down();
}

static void events_say_which_channel(void)
{
	unsigned int faults = 0, cleared = 0;

	set_up(0x8, true, true, 4);	/* the card's channel 3 is the frame's 0 */
	fresh(0);
	feed_scans(0, 400);
	for (unsigned int i = 0; i < bench.event_count; i++) {
		const struct sense_event *event = &bench.events[i];

		if (event->type == SENSE_EVENT_FAULT) {
			faults++;
			CU_ASSERT_STRING_EQUAL(event->object, "c3");
			CU_ASSERT_EQUAL(event->count, 1);
			CU_ASSERT_TRUE(fault_of(event->sequence) & 8);
			CU_ASSERT_FALSE(fault_of(event->sequence - 1) & 8);
			CU_ASSERT_EQUAL(event->time_ns, time_of(event->sequence));
		}
		cleared += event->type == SENSE_EVENT_FAULT_CLEARED;
		CU_ASSERT_NOT_EQUAL(event->type, SENSE_EVENT_SATURATION);
	}
	CU_ASSERT_EQUAL(faults, 5);	/* 3, 100, 130..259, 294, 391 */
	CU_ASSERT_EQUAL(cleared, 5);
	tear_down();
}

static void more_gaps_than_a_frame_holds(void)
{
	/* Every other scan of a block of 50 is 25 gaps; with four causes each it is 100. */
	set_up(0x1, true, true, 4);
	fresh(0);
	bench.ranges.count = 0;
	for (uint64_t s = 0; s + 10 < 300; s += 10)
		for (uint64_t i = 0; i < 8; i++)
			bench.ranges.ranges[bench.ranges.count++] = (struct sense_gap){
				s + 1 + i, 1, 1 + (uint32_t)(i % 2), 0 };
	for (uint64_t s = 0; s < 300; s += 10) {
		feed_scans(s, s + 1);
		feed_scans(s + 9, s + 10);
	}
	finish(true, 299);
	CU_ASSERT_EQUAL(told_lost, 240);
	CU_ASSERT_EQUAL(seen_scans, 60);
	CU_ASSERT_EQUAL(sense_assembler_get_counts(bench.assembler)->lost[SENSE_GAP_CARD], 29 * 4);
	tear_down();
}

static void foreign_devices_are_judged_by_time(void)
{
	const struct sense_assembler_counts *counts;
	unsigned char scan[128];
	size_t size;

	set_up(0x20, false, true, 4);
	memset(exists, 0, sizeof(exists));
	for (uint64_t s = 5; s < 130; s++) {
		if (s == 60 || (s >= 80 && s < 97))
			continue;
		size = make_scan(s, scan);
		memcpy(sense_assembler_space(bench.assembler, &(size_t){ 0 }), scan, size);
		sense_assembler_commit(bench.assembler, size, 0);
		run_all(false);
	}
	counts = sense_assembler_get_counts(bench.assembler);
	CU_ASSERT_EQUAL(counts->gaps, 2);
	CU_ASSERT_EQUAL(counts->lost[SENSE_GAP_TIME], 18);
	CU_ASSERT_EQUAL(counts->scans, 125 - 18);
	tear_down();
}

static void a_clock_set_forward_is_no_gap(void)
{
	const struct sense_assembler_counts *counts;
	unsigned char scan[128];

	set_up(0x20, false, true, 4);
	for (uint64_t s = 0; s < 60; s++) {
		size_t size = make_scan(s, scan);
		int64_t time = time_of(s) + (s >= 30 ? INT64_C(3600000000000) : 0);

		if (s == 30)
			bench.step = INT64_C(3600000000000);
		memcpy(scan + bench.config.plan.timestamp, &time, 8);
		memcpy(sense_assembler_space(bench.assembler, &(size_t){ 0 }), scan, size);
		sense_assembler_commit(bench.assembler, size, 0);
		run_all(false);
	}
	counts = sense_assembler_get_counts(bench.assembler);
	CU_ASSERT_EQUAL(counts->gaps, 0);
	CU_ASSERT_EQUAL(counts->scans, 60);
	tear_down();
}

static void scans_without_time_are_stamped(void)
{
	struct sense_frame *frame;
	unsigned char scan[128];
	size_t room, size;

	set_up(0x3, false, false, 4);
	size = make_scan(0, scan);
	for (int i = 0; i < 10; i++)
		memcpy(sense_assembler_space(bench.assembler, &room) + (size_t)i * size, scan, size);
	sense_assembler_commit(bench.assembler, 10 * size, T0);
	CU_ASSERT_EQUAL(sense_assembler_run(bench.assembler, &frame), 0);
	CU_ASSERT_EQUAL_FATAL(sense_assembler_flush(bench.assembler, &frame), 1);
	CU_ASSERT_EQUAL(frame->time_ns[9], T0);
	CU_ASSERT_EQUAL(frame->time_ns[0], T0 - 9 * PERIOD);
	sense_frame_release(frame);
	tear_down();
}

static void latest_is_the_last_scan(void)
{
	struct sense_latest_scan scan;

	set_up(0xc, true, true, 4);
	fresh(0);
	CU_ASSERT_EQUAL(sense_latest_read(&bench.latest, 0, &scan), -EAGAIN);
	for (uint64_t s = 0; s < 120; s++) {
		feed_scans(s, s + 1);
		CU_ASSERT_EQUAL(sense_latest_read(&bench.latest, 1, &scan), 0);
		CU_ASSERT_EQUAL(scan.sequence, s);
		CU_ASSERT_EQUAL(scan.raw, raw_of(s, 3));
		CU_ASSERT_EQUAL(scan.time_ns, time_of(s));
	}
	tear_down();
}

UNIT_TESTS = { UNIT(every_scan_in_its_slot), UNIT(any_split_gives_the_same_frames),
	       UNIT(gaps_have_their_causes), UNIT(a_gap_of_very_many_causes),
	       UNIT(what_is_lost_at_either_end_is_told),
	       UNIT(partial_frames_go_on_in_the_same_block), UNIT(an_empty_pool_loses_nothing),
	       UNIT(a_number_that_goes_back_ends_it), UNIT(events_say_which_channel),
	       UNIT(more_gaps_than_a_frame_holds), UNIT(foreign_devices_are_judged_by_time),
	       UNIT(a_clock_set_forward_is_no_gap), UNIT(scans_without_time_are_stamped),
	       UNIT(latest_is_the_last_scan), UNIT_END };
UNIT_MAIN("assembler")
