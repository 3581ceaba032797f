// SPDX-License-Identifier: GPL-2.0-or-later
#include "watch.h"

#include <math.h>
#include <stdlib.h>

/* Beyond this the kernel has no memory in one piece for a kfifo of 64 channels. */
#define MOST_SCANS 8192

int watch_configure(struct sense_stream_config *config, struct sense_device *device, int buffer,
		    double rate_hz)
{
	char text[64];

	if (buffer < 0)
		buffer = sense_device_info_get_buffer_count(sense_device_get_info(device)) > 1;
	if (!(rate_hz > 0) &&
	    sense_device_read_attribute(device, "sampling_frequency", text, sizeof(text)) > 0)
		rate_hz = atof(text);
	sense_stream_config_set_buffer(config, (unsigned int)buffer);
	if (buffer == 1) {
		sense_stream_config_set_buffer_scans(
			config, (uint32_t)fmin(fmax(4096, 2 * rate_hz), MOST_SCANS));
		sense_stream_config_set_watermark(
			config, (uint32_t)fmin(fmax(1, rate_hz / 50), MOST_SCANS / 4));
	}
	return buffer;
}
