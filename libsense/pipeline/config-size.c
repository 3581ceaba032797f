// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline/config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sense/device.h>

/* Where the text leaves rate or channels to the device, it is asked, if it is there. */
static void ask_device(const struct sense_config_device *device, double *rate_hz,
		       unsigned int *channels)
{
	struct sense_device *found;
	struct sense_device_info *info;
	char text[64];

	found = sense_device_open(strcmp(device->id, "any") ? device->id : NULL);
	if (!found)
		return;
	info = sense_device_get_info(found);
	for (unsigned int i = 0; !device->channel_count &&
	     i < sense_device_info_get_channel_count(info); i++)
		*channels +=
			!!sense_channel_info_is_streamable(sense_device_info_get_channel(info, i));
	if (*rate_hz <= 0 &&
	    sense_device_read_attribute(found, "sampling_frequency", text, sizeof(text)) > 0)
		*rate_hz = atof(text);
	sense_device_close(found);
}

/* What a row takes besides its arrays: its other columns, and its entry in the index. */
#define ROW_BYTES 80.0
#define PAGE_BYTES 16384.0

/* Rows that fit share a page, others take whole ones: SQLite fills them that way. */
static double row_bytes(double arrays)
{
	double row = arrays + ROW_BYTES;

	return row < PAGE_BYTES ? PAGE_BYTES / floor(PAGE_BYTES / row) :
	       ceil(row / PAGE_BYTES) * PAGE_BYTES;
}

double sense_config_get_bytes_per_day(const struct sense_config *config)
{
	double sum = 0;

	if (!config->record.path[0])
		return 0;
	for (unsigned int i = 0; i < config->device_count; i++) {
		const struct sense_config_device *device = &config->devices[i];
		double rate_hz = device->rate_hz, block = device->block_scans, row;
		unsigned int channels = device->channel_count;

		if (!channels || rate_hz <= 0)
			ask_device(device, &rate_hz, &channels);
		if (!channels || rate_hz <= 0)
			return 0;
		/* The stream's own default: a tenth of a second. */
		if (block <= 0)
			block = rate_hz >= 10 ? rate_hz / 10 : 1;
		/* Time and counter, a count per channel, value and uncertainty if wanted. */
		row = row_bytes(block * (16.0 + channels * (config->record.values ? 20.0 : 4.0)));
		sum += row * rate_hz / block * 86400;
	}
	return sum;
}
