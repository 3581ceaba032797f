// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define MAX_BLOCK_SCANS 1048576u

struct sense_layout *sense_layout_new(const char *device_id, uint32_t block_scans)
{
	struct sense_layout *layout;

	if (!device_id || !*device_id || strlen(device_id) >= sizeof(layout->device_id))
		return sense_fail_null(EINVAL, device_id, "give the source a name of 1 to 95 bytes",
				       "a layout needs the name of the device its frames come from");
	if (!block_scans || block_scans > MAX_BLOCK_SCANS)
		return sense_fail_null(EINVAL, device_id, "choose 1 to 1048576 scans per block",
				       "a block of %u scans cannot be made", block_scans);
	layout = calloc(1, sizeof(*layout));
	if (!layout)
		return sense_fail_null(ENOMEM, device_id, NULL, "no memory for a layout");
	atomic_init(&layout->references, 1);
	atomic_init(&layout->in_use, false);
	strcpy(layout->device_id, device_id);
	layout->block_scans = block_scans;
	return layout;
}

int sense_layout_add_info(struct sense_layout *layout, const struct sense_channel_info *info)
{
	if (atomic_load(&layout->in_use))
		return sense_fail(EBUSY, layout->device_id, "add channels before making frames",
				  "channel %s cannot be added: frames of this layout exist",
				  info->name);
	if (layout->channel_count == SENSE_FRAME_MAX_CHANNELS)
		return sense_fail(ENOSPC, layout->device_id,
				  "split the channels over two streams",
				  "channel %s would be the 65th; a frame holds 64", info->name);
	for (unsigned int i = 0; i < layout->channel_count; i++)
		if (!strcmp(layout->channels[i].name, info->name))
			return sense_fail(EEXIST, layout->device_id, "give each channel its own name",
					  "there are two channels called %s", info->name);
	layout->channels[layout->channel_count] = *info;
	return (int)layout->channel_count++;
}

int sense_layout_add_channel(struct sense_layout *layout, const char *name, enum sense_kind kind,
			     double scale, double offset)
{
	struct sense_channel_info info = { .kind = kind, .direction = SENSE_INPUT, .scale = scale,
					   .offset = offset, .streamable = true, .bits = 32 };

	if (!name || !*name || strlen(name) >= sizeof(info.name))
		return sense_fail(EINVAL, layout->device_id, "give the channel a name of 1 to 63 bytes",
				  "a channel needs a name");
	strcpy(info.name, name);
	strcpy(info.iio_id, name);
	info.card_index = layout->channel_count;
	return sense_layout_add_info(layout, &info);
}

struct sense_layout *sense_layout_ref(struct sense_layout *layout)
{
	atomic_fetch_add_explicit(&layout->references, 1, memory_order_relaxed);
	return layout;
}

void sense_layout_unref(struct sense_layout *layout)
{
	if (layout && atomic_fetch_sub_explicit(&layout->references, 1, memory_order_acq_rel) == 1)
		free(layout);
}

const char *sense_layout_get_device_id(const struct sense_layout *layout)
{
	return layout->device_id;
}

uint32_t sense_layout_get_block_scans(const struct sense_layout *layout)
{
	return layout->block_scans;
}

unsigned int sense_layout_get_channel_count(const struct sense_layout *layout)
{
	return layout->channel_count;
}

const struct sense_channel_info *sense_layout_get_channel(const struct sense_layout *layout,
							  unsigned int index)
{
	return index < layout->channel_count ? &layout->channels[index] : NULL;
}

int sense_layout_find_channel(const struct sense_layout *layout, const char *name)
{
	char remedy[360] = "its channels are: ";
	size_t used = strlen(remedy);

	for (unsigned int i = 0; i < layout->channel_count; i++)
		if (!strcmp(layout->channels[i].name, name) ||
		    !strcmp(layout->channels[i].iio_id, name))
			return (int)i;
	for (unsigned int i = 0; i < layout->channel_count && used < sizeof(remedy); i++)
		used += (size_t)snprintf(remedy + used, sizeof(remedy) - used, "%s%s", i ? ", " : "",
					 layout->channels[i].name);
	return sense_fail(ENOENT, layout->device_id, remedy,
			  "%s has no channel called %s in this layout", layout->device_id, name);
}

double sense_layout_get_rate_hz(const struct sense_layout *layout)
{
	return layout->rate_hz;
}

void sense_layout_set_rate_hz(struct sense_layout *layout, double rate_hz)
{
	layout->rate_hz = rate_hz;
}
