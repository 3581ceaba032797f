// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bench-demux: what unpacking a scan into a frame's columns costs beside
 * merely touching its bytes, without any device.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "acquire/assembler.h"

#define SCANS 4096
#define ROUNDS 60

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static unsigned int divide(void *context, uint64_t first, uint64_t count, uint64_t flags,
			   struct sense_gap *pieces, unsigned int max, uint64_t *lost)
{
	abort();
}

static uint64_t lost_before(void *context, uint64_t first)
{
	return first;
}

static void event(void *context, const struct sense_event *e)
{
}

static double run(const char *const types[8], uint64_t *touched, double *touch)
{
	static const struct sense_assembler_ops ops = { divide, lost_before, NULL, event };
	static const struct sense_scan_type u64 = { false, false, 64, 64, 0, 1 };
	struct sense_assembler_config config = { .period_ns = 10000, .ops = &ops };
	struct sense_scan_plan *plan = &config.plan;
	size_t size = 0, align = 1, room;
	struct sense_assembler *assembler;
	unsigned char *scans, *stage;
	struct sense_frame *frame;
	int64_t start, cost = 0, bare = 0;
	uint64_t sequence = 0;

	config.layout = sense_layout_new("bench", SCANS);
	sense_scan_plan_init(plan);
	for (unsigned int c = 0; c < 8; c++) {
		char name[8];

		snprintf(name, sizeof(name), "c%u", c);
		sense_layout_add_channel(config.layout, name, SENSE_KIND_OTHER, 1, 0);
		sense_scan_type_parse(types[c], &plan->channels[c].type);
		plan->channels[c].offset = sense_scan_append(&plan->channels[c].type, &size, &align);
		plan->channels[c].card_index = c;
	}
	plan->channel_count = 8;
	plan->sequence = sense_scan_append(&u64, &size, &align);
	plan->counter = sense_scan_append(&u64, &size, &align);
	plan->fault = sense_scan_append(&u64, &size, &align);
	plan->saturation = sense_scan_append(&u64, &size, &align);
	plan->scan_flags = sense_scan_append(&u64, &size, &align);
	plan->timestamp = sense_scan_append(&u64, &size, &align);
	plan->scan_size = sense_scan_size(size, align);
	sense_scan_plan_finish(plan);
	config.pool = sense_frame_pool_new(config.layout, 4);
	config.stage_size = SCANS * plan->scan_size;
	assembler = sense_assembler_new(&config);
	sense_assembler_restart(assembler, 1);
	scans = calloc(SCANS, plan->scan_size);
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < SCANS; i++, sequence++)
			memcpy(scans + i * plan->scan_size + plan->sequence, &sequence, 8);
		stage = sense_assembler_space(assembler, &room);
		memcpy(stage, scans, room);
		start = now_ns();
		for (size_t i = 0; i < room / 8; i++)
			*touched += ((uint64_t *)(void *)stage)[i];
		bare += now_ns() - start;
		start = now_ns();
		sense_assembler_commit(assembler, room, 0);
		while (sense_assembler_run(assembler, &frame) > 0)
			sense_frame_release(frame);
		cost += now_ns() - start;
	}
	free(scans);
	sense_assembler_free(assembler);
	sense_frame_pool_free(config.pool);
	sense_layout_unref(config.layout);
	*touch = (double)bare / ((double)ROUNDS * SCANS);
	return (double)cost / ((double)ROUNDS * SCANS);
}

int main(void)
{
	static const char *const plain[8] = { "le:s32/32", "le:s32/32", "le:s32/32", "le:s32/32",
					      "le:s32/32", "le:s32/32", "le:s32/32", "le:s32/32" };
	static const char *const mixed[8] = { "le:s24/32", "le:s24/32", "le:s16/32", "le:s12/32",
					      "le:u16/32", "le:u24/32", "le:u16/32", "le:u16/32" };
	static const char *const foreign[8] = { "be:u12/16>>4", "be:s24/32>>8", "le:s16/16",
						"be:u16/16", "le:u8/8", "be:s20/32>>12", "le:s32/32",
						"be:s32/64>>16" };
	uint64_t touched = 0;
	double touch, cost;

	cost = run(plain, &touched, &touch);
	printf("8 x s32:            %6.1f ns per scan, touching its bytes %6.1f\n", cost, touch);
	cost = run(mixed, &touched, &touch);
	printf("8 x 12 to 24 of 32: %6.1f ns per scan, touching its bytes %6.1f\n", cost, touch);
	cost = run(foreign, &touched, &touch);
	printf("8 foreign formats:  %6.1f ns per scan, touching its bytes %6.1f\n", cost, touch);
	/* Printing the sum keeps the compiler from leaving the touching out. */
	fprintf(stderr, "# %llx\n", (unsigned long long)touched);
	return 0;
}
