/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frames.h - frames whose every number follows from the sequence number, so
 * that a test can tell what a record must give back.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/frame.h"

#define FRAMES_TIME0 INT64_C(1789000000000000000)

static inline struct sense_layout *frames_layout(unsigned int channels, uint32_t block)
{
	struct sense_layout *layout = sense_layout_new("test-card-0042", block);
	char name[16];

	for (unsigned int c = 0; c < channels; c++) {
		snprintf(name, sizeof(name), "ch%u", c);
		sense_layout_add_channel(layout, name, c % 2 ? SENSE_KIND_CO2 : SENSE_KIND_RTD,
					 0x1p-20 / 3, 17.0);
	}
	sense_layout_set_rate_hz(layout, 1000);
	return layout;
}

static inline int32_t frames_raw(uint64_t sequence, unsigned int channel)
{
	return (int32_t)((sequence * 64 + channel) * 2654435761u);
}

static inline int64_t frames_time(uint64_t sequence)
{
	return FRAMES_TIME0 + (int64_t)sequence * 1000000;
}

static inline struct sense_scan frames_scan(uint64_t sequence, int32_t raw[64],
					    unsigned int channels)
{
	struct sense_scan scan = { .sequence = sequence, .counter = sequence * 1000000 + 7,
				   .time_ns = frames_time(sequence),
				   .fault = sequence % 97 ? 0 : 1, .saturation = 0,
				   .flags = SENSE_SCAN_SIMULATED, .raw = raw };

	for (unsigned int c = 0; c < channels; c++)
		raw[c] = frames_raw(sequence, c);
	return scan;
}

/* Put [from, to) into a frame, which must lie in one block. */
static inline int frames_put(struct sense_frame *frame, uint64_t from, uint64_t to)
{
	int32_t raw[64];
	int rc = 0;

	for (uint64_t s = from; s < to && !rc; s++) {
		struct sense_scan scan = frames_scan(s, raw, frame->layout->channel_count);

		rc = sense_frame_put(frame, &scan);
	}
	return rc;
}

/* The first slot that is not what it must be, or -1. */
static inline int frames_wrong(const struct sense_frame *frame)
{
	int32_t raw[64];

	for (uint32_t i = 0; i < frame->count; i++) {
		uint64_t s = frame->first_sequence + i;
		struct sense_scan scan = frames_scan(s, raw, frame->layout->channel_count);

		if (!sense_frame_is_present(frame, i))
			continue;
		if (frame->time_ns[i] != scan.time_ns || frame->counter[i] != scan.counter ||
		    frame->fault[i] != scan.fault || frame->saturation[i] != scan.saturation ||
		    frame->scan_flags[i] != scan.flags)
			return (int)i;
		for (unsigned int c = 0; c < frame->layout->channel_count; c++)
			if (frame->raw[c][i] != raw[c])
				return (int)i;
	}
	return -1;
}

/* A directory of the test's own, and the path of a file in it. */
static inline const char *frames_directory(void)
{
	static char path[64];

	if (!path[0]) {
		snprintf(path, sizeof(path), "/tmp/sense-test-XXXXXX");
		if (!mkdtemp(path))
			abort();
	}
	return path;
}

static inline const char *frames_path(const char *name)
{
	static char paths[4][160];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, 160, "%s/%s", frames_directory(), name);
	return path;
}

static inline void frames_clean_up(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf '%s'", frames_directory());
	if (system(command))
		perror(command);
}

#endif
