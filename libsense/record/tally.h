/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tally.h - the account of one stream: every sequence number between the first
 * and the last is in a frame, or in a gap. What nobody explained becomes a gap
 * too, so that the account closes whatever the source forgot.
 */
#ifndef SENSE_RECORD_TALLY_H
#define SENSE_RECORD_TALLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/frame.h"

struct sense_tally {
	uint64_t frames;
	uint64_t scans;		/* present */
	uint64_t missing;
	uint64_t gaps;
	uint64_t first_sequence;
	uint64_t last_sequence;	/* of the last scan that is present */
	int64_t first_time_ns;
	int64_t last_time_ns;
	uint32_t flags;		/* of all frames, or-ed */
	bool started;		/* a scan or a gap is accounted for */
	uint64_t next;		/* first sequence number not accounted for */
};

typedef int (*sense_tally_gap)(void *context, const struct sense_gap *gap);

/* A gap told of on its own. -EINVAL when part of it is accounted for already. */
int sense_tally_add_gap(struct sense_tally *tally, const struct sense_gap *gap,
			uint64_t refused_to, sense_tally_gap emit, void *context);

/*
 * A frame with at least one scan: hand each run of missing scans up to its last
 * scan, and what its gaps tell of behind that, to @emit, with the cause that the
 * frame's gaps give; where they give none, "storage" below @refused_to, else
 * "unknown". -EINVAL when the frame's first scan is accounted for already;
 * otherwise 0 or what @emit returned.
 */
int sense_tally_add_frame(struct sense_tally *tally, const struct sense_frame *frame,
			  uint64_t refused_to, sense_tally_gap emit, void *context);

#endif
