/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layout.h - the inside of channel info and layout, for the library's own code.
 */
#ifndef SENSE_BASE_LAYOUT_H
#define SENSE_BASE_LAYOUT_H

#include <stdatomic.h>
#include <stdbool.h>

#include <sense/frame.h>

struct sense_channel_info {
	char name[64];
	char iio_id[64];
	enum sense_kind kind;
	enum sense_direction direction;
	double scale;		/* to the kind's unit */
	double offset;
	bool streamable;
	bool has_range;
	int64_t range_min;
	int64_t range_max;
	unsigned int bits;
	unsigned int group;
	unsigned int card_index;	/* the device's own number: its bit in the status words */
};

struct sense_layout {
	atomic_uint references;
	atomic_bool in_use;	/* frames exist: no more channels */
	char device_id[96];
	uint32_t block_scans;
	double rate_hz;
	unsigned int channel_count;
	struct sense_channel_info channels[SENSE_FRAME_MAX_CHANNELS];
};

/* Append a copy of an info as it is. As sense_layout_add_channel(). */
int sense_layout_add_info(struct sense_layout *layout, const struct sense_channel_info *info);

#endif
