/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device.h - the inside of an open device, for streams.
 */
#ifndef SENSE_ACQUIRE_DEVICE_H
#define SENSE_ACQUIRE_DEVICE_H

#include <sense/device.h>

struct iio_context;
struct iio_device;

struct sense_device {
	struct sense_device_info *info;
	struct iio_context *context;
	struct iio_device *iio;
	int dir;		/* sysfs directory: stays this very device's */
};

#endif
