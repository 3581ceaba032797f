/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * source.h - where a pipeline's frames come from: a stream, or in tests
 * something that plays one.
 */
#ifndef SENSE_PIPELINE_SOURCE_H
#define SENSE_PIPELINE_SOURCE_H

#include <sense/event.h>
#include <sense/frame.h>
#include <sense/record.h>
#include <sense/stream.h>

#include "pipeline/config.h"

/* Called from one thread between start and stop, both included. */
struct sense_source_ops {
	int (*start)(void *self);
	int (*stop)(void *self);
	/* As sense_stream_read() and sense_stream_read_event(). */
	int (*read)(void *self, int64_t timeout_ns, struct sense_frame **frame);
	int (*read_event)(void *self, struct sense_event *event);
	void (*close)(void *self);
};

struct sense_source {
	const struct sense_source_ops *ops;
	void *self;
	struct sense_layout *layout;		/* borrowed from self */
	struct sense_record_source description;	/* likewise */
	const struct sense_stream *stream;	/* NULL where there is none */
};

/* Open the device and stream that a configuration names. 0 or -errno with an error. */
int sense_source_open(struct sense_source *source, const struct sense_config_device *config,
		      uint32_t pool_frames);

#endif
