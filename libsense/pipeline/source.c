// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline/source.h"

#include <errno.h>
#include <string.h>

#include <sense/device.h>
#include "base/error.h"

static int start(void *self)
{
	return sense_stream_start(self);
}

static int stop(void *self)
{
	return sense_stream_stop(self);
}

static int read_frame(void *self, int64_t timeout_ns, struct sense_frame **frame)
{
	return sense_stream_read(self, timeout_ns, frame);
}

static int read_event(void *self, struct sense_event *event)
{
	return sense_stream_read_event(self, event);
}

static void close_stream(void *self)
{
	sense_stream_close(self);
}

static const struct sense_source_ops stream_ops = {
	.start = start,
	.stop = stop,
	.read = read_frame,
	.read_event = read_event,
	.close = close_stream,
};

static int configure(struct sense_stream_config *to, const struct sense_config_device *from,
		     uint32_t pool_frames)
{
	int rc = 0;

	for (unsigned int i = 0; i < from->channel_count && !rc; i++)
		rc = sense_stream_config_add_channel(to, from->channels[i]);
	sense_stream_config_set_buffer(to, from->buffer);
	sense_stream_config_set_pool_frames(to, pool_frames);
	if (from->rate_hz > 0)
		sense_stream_config_set_rate_hz(to, from->rate_hz);
	if (from->block_scans)
		sense_stream_config_set_block_scans(to, from->block_scans);
	if (from->buffer_scans)
		sense_stream_config_set_buffer_scans(to, from->buffer_scans);
	if (from->watermark)
		sense_stream_config_set_watermark(to, from->watermark);
	return rc;
}

int sense_source_open(struct sense_source *source, const struct sense_config_device *config,
		      uint32_t pool_frames)
{
	struct sense_stream_config *stream_config = sense_stream_config_new();
	struct sense_device *device = NULL;
	struct sense_stream *stream = NULL;
	struct sense_device_info *info;

	if (stream_config && !configure(stream_config, config, pool_frames))
		device = sense_device_open(strcmp(config->id, "any") ? config->id : NULL);
	if (device)
		stream = sense_stream_open(device, stream_config);
	sense_device_close(device);
	sense_stream_config_free(stream_config);
	if (!stream)
		return -sense_error_last()->code;
	info = sense_stream_get_info(stream);
	*source = (struct sense_source){
		.ops = &stream_ops,
		.self = stream,
		.layout = sense_stream_get_layout(stream),
		.description = {
			.device_name = sense_device_info_get_name(info),
			.serial = sense_device_info_get_serial(info),
			.driver = sense_device_info_get_driver(info),
			.simulated = !!(sense_device_info_get_features(info) &
					SENSE_FEATURE_SIMULATED),
		},
		.stream = stream,
	};
	return 0;
}
