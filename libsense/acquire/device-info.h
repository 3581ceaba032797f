/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device-info.h - the inside of device info.
 */
#ifndef SENSE_ACQUIRE_DEVICE_INFO_H
#define SENSE_ACQUIRE_DEVICE_INFO_H

#include <stdatomic.h>

#include <sense/device.h>
#include "base/layout.h"

#define SENSE_MAX_RATES 64

struct sense_device_info {
	atomic_uint references;
	char id[96];
	char name[64];
	char kernel_name[32];
	char serial[64];
	char label[64];
	char driver[64];
	char sysfs_path[256];
	char node[64];
	uint32_t features;
	unsigned int buffer_count;
	unsigned int channel_count;
	struct sense_channel_info *channels;
	unsigned int rate_count;
	double rates_hz[SENSE_MAX_RATES];
};

struct sense_device_info *sense_device_info_new(unsigned int channels);

/* Append a channel; a name already there is replaced by the IIO id, which is unique. */
void sense_device_info_add(struct sense_device_info *info, const struct sense_channel_info *channel);

#endif
