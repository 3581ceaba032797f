/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device-probe.h - from a libiio device to device info.
 */
#ifndef SENSE_ACQUIRE_DEVICE_PROBE_H
#define SENSE_ACQUIRE_DEVICE_PROBE_H

#include <stdbool.h>

struct iio_context;
struct iio_device;
struct sense_device_info;

#define SENSE_IIO_SYSFS "/sys/bus/iio/devices"

/*
 * A local libiio context. NULL with an error; *@none is set when there is
 * simply no IIO device in this machine.
 */
struct iio_context *sense_probe_context(bool *none);

/* Whether it is an acquisition device: not a trigger, not a context-only thing. */
bool sense_probe_is_device(const struct iio_device *device);

/* A new reference, or NULL when it went away meanwhile or memory is out. */
struct sense_device_info *sense_probe_info(struct iio_device *device);

/* Role of a scan element that is not a measurement, by its label. */
enum sense_element_role {
	SENSE_ROLE_CHANNEL = 0,
	SENSE_ROLE_TIMESTAMP,
	SENSE_ROLE_SEQUENCE,
	SENSE_ROLE_COUNTER,
	SENSE_ROLE_FAULT,
	SENSE_ROLE_SATURATION,
	SENSE_ROLE_SCAN_FLAGS,
	SENSE_ROLES
};
enum sense_element_role sense_probe_role(const char *iio_id, const char *label);

#endif
