/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stream-config.h - the inside of a stream's configuration. 0 means "choose".
 */
#ifndef SENSE_ACQUIRE_STREAM_CONFIG_H
#define SENSE_ACQUIRE_STREAM_CONFIG_H

#include <sense/stream.h>

struct sense_stream_config {
	unsigned int channel_count;
	char (*channels)[64];
	double rate_hz;
	uint32_t block_scans;
	uint32_t pool_frames;
	unsigned int buffer;
	uint32_t buffer_scans;
	uint32_t watermark;
	enum sense_reader reader;
};

#endif
