/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live.h - a page of text that is drawn again in place on a terminal; anywhere
 * else each page is printed below the one before.
 */
#ifndef SENSE_LIVE_H
#define SENSE_LIVE_H

#include <stdint.h>
#include <stdio.h>

#include <sense/stream.h>

#include "view.h"

struct live;

/* @file is standard output or standard error. */
struct live *live_new(FILE *file);
/* Leaves the last page where it is and the cursor below it. */
void live_free(struct live *live);

/* What the head of a device's table tells. */
struct live_status {
	const char *device_id;
	int simulated;
	double elapsed_s, rate_hz, silent_s;	/* silent: since the last scan came */
	struct sense_stream_counts counts;
	unsigned int buffer, one_of;		/* statistics are of one frame in one_of */
	const char *reader;
	const char *event;			/* the latest, or "" */
};

/* Add to the page being made. */
void live_line(struct live *live, const char *format, ...) __attribute__((format(printf, 2, 3)));
void live_device(struct live *live, struct view *view, const struct live_status *status);

/* Show the page and begin the next. */
void live_show(struct live *live);

/* Scans per second over the last second or so, from a count looked at now and then. */
struct live_rate {
	struct {
		double at_s;
		uint64_t scans;
	} seen[8];
	unsigned int next, count;
};
double live_rate(struct live_rate *rate, double now_s, uint64_t scans);

/* Scans lost in all, and as words by cause: "12 by kernel, 3 by card". */
uint64_t live_lost(const uint64_t *lost);
const char *live_lost_text(const uint64_t *lost, char *text, size_t size);

#endif
