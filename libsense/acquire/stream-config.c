// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/stream-config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct sense_stream_config *sense_stream_config_new(void)
{
	struct sense_stream_config *config = calloc(1, sizeof(*config));

	if (!config)
		return sense_fail_null(ENOMEM, NULL, NULL, "no memory for a stream's configuration");
	return config;
}

void sense_stream_config_free(struct sense_stream_config *config)
{
	if (config)
		free(config->channels);
	free(config);
}

int sense_stream_config_add_channel(struct sense_stream_config *config, const char *name)
{
	void *channels;

	if (strlen(name) >= sizeof(config->channels[0]))
		return sense_fail(EINVAL, name, "see 'sense info' for the names there are",
				  "no channel has a name of more than 63 bytes");
	for (unsigned int i = 0; i < config->channel_count; i++)
		if (!strcmp(config->channels[i], name))
			return sense_fail(EEXIST, name, "name each channel once",
					  "channel %s is already chosen", name);
	channels = realloc(config->channels,
			   (config->channel_count + 1) * sizeof(config->channels[0]));
	if (!channels)
		return sense_fail(ENOMEM, name, NULL, "no memory for a stream's configuration");
	config->channels = channels;
	strcpy(config->channels[config->channel_count++], name);
	return 0;
}

void sense_stream_config_set_rate_hz(struct sense_stream_config *config, double rate_hz)
{
	config->rate_hz = rate_hz;
}

void sense_stream_config_set_block_scans(struct sense_stream_config *config, uint32_t scans)
{
	config->block_scans = scans;
}

void sense_stream_config_set_pool_frames(struct sense_stream_config *config, uint32_t frames)
{
	config->pool_frames = frames;
}

void sense_stream_config_set_buffer(struct sense_stream_config *config, unsigned int buffer)
{
	config->buffer = buffer;
}

void sense_stream_config_set_buffer_scans(struct sense_stream_config *config, uint32_t scans)
{
	config->buffer_scans = scans;
}

void sense_stream_config_set_watermark(struct sense_stream_config *config, uint32_t scans)
{
	config->watermark = scans;
}

void sense_stream_config_set_reader(struct sense_stream_config *config, enum sense_reader reader)
{
	config->reader = reader;
}
