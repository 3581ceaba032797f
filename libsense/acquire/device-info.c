// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/device-info.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct sense_device_info *sense_device_info_new(unsigned int channels)
{
	struct sense_device_info *info = calloc(1, sizeof(*info));

	if (info)
		info->channels = calloc(channels ? channels : 1, sizeof(*info->channels));
	if (!info || !info->channels) {
		free(info);
		return sense_fail_null(ENOMEM, NULL, NULL, "no memory for a device's description");
	}
	atomic_init(&info->references, 1);
	return info;
}

void sense_device_info_add(struct sense_device_info *info, const struct sense_channel_info *channel)
{
	struct sense_channel_info *added = &info->channels[info->channel_count++];

	*added = *channel;
	for (unsigned int i = 0; i + 1 < info->channel_count; i++)
		if (!strcmp(info->channels[i].name, added->name))
			snprintf(added->name, sizeof(added->name), "%s", added->iio_id);
}

struct sense_device_info *sense_device_info_ref(struct sense_device_info *info)
{
	atomic_fetch_add_explicit(&info->references, 1, memory_order_relaxed);
	return info;
}

void sense_device_info_unref(struct sense_device_info *info)
{
	if (!info || atomic_fetch_sub_explicit(&info->references, 1, memory_order_acq_rel) != 1)
		return;
	free(info->channels);
	free(info);
}

const char *sense_device_info_get_id(const struct sense_device_info *info)
{
	return info->id;
}

const char *sense_device_info_get_name(const struct sense_device_info *info)
{
	return info->name;
}

const char *sense_device_info_get_kernel_name(const struct sense_device_info *info)
{
	return info->kernel_name;
}

const char *sense_device_info_get_serial(const struct sense_device_info *info)
{
	return info->serial;
}

const char *sense_device_info_get_label(const struct sense_device_info *info)
{
	return info->label;
}

const char *sense_device_info_get_driver(const struct sense_device_info *info)
{
	return info->driver;
}

const char *sense_device_info_get_sysfs_path(const struct sense_device_info *info)
{
	return info->sysfs_path;
}

const char *sense_device_info_get_node(const struct sense_device_info *info)
{
	return info->node;
}

uint32_t sense_device_info_get_features(const struct sense_device_info *info)
{
	return info->features;
}

unsigned int sense_device_info_get_buffer_count(const struct sense_device_info *info)
{
	return info->buffer_count;
}

unsigned int sense_device_info_get_channel_count(const struct sense_device_info *info)
{
	return info->channel_count;
}

const struct sense_channel_info *sense_device_info_get_channel(const struct sense_device_info *info,
							       unsigned int index)
{
	return index < info->channel_count ? &info->channels[index] : NULL;
}

const struct sense_channel_info *sense_device_info_find_channel(const struct sense_device_info *info,
								const char *name)
{
	char remedy[360];
	int used;

	/* All names first: one channel's IIO id may be another's label. */
	for (unsigned int i = 0; i < info->channel_count; i++)
		if (!strcmp(info->channels[i].name, name))
			return &info->channels[i];
	for (unsigned int i = 0; i < info->channel_count; i++)
		if (!strcmp(info->channels[i].iio_id, name))
			return &info->channels[i];
	used = snprintf(remedy, sizeof(remedy), info->channel_count ? "its channels are: " :
								      "it has no channels");
	for (unsigned int i = 0; i < info->channel_count && used < (int)sizeof(remedy); i++)
		used += snprintf(remedy + used, sizeof(remedy) - (size_t)used, "%s%s",
				 i ? ", " : "", info->channels[i].name);
	return sense_fail_null(ENOENT, info->id, remedy, "%s has no channel called %s", info->id, name);
}

const double *sense_device_info_get_rates_hz(const struct sense_device_info *info,
					     unsigned int *count)
{
	*count = info->rate_count;
	return info->rates_hz;
}
