/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * device.h - find acquisition devices, know them, and hear of them coming and going.
 *
 * Any IIO device counts. Ours offers more: sequence numbers, status words,
 * hardware time; sense_device_info_get_features() says which.
 */
#ifndef SENSE_DEVICE_H
#define SENSE_DEVICE_H

#include <sense/api.h>
#include <sense/channel.h>

SENSE_BEGIN_DECLS

/* ---- info: immutable snapshot ------------------------------------------------ */

struct sense_device_info;

/** What a device offers beyond IIO's usual. */
enum {
	SENSE_FEATURE_SEQUENCE	= 1 << 0, /**< sequence number per scan: losses are exact */
	SENSE_FEATURE_STATUS	= 1 << 1, /**< fault, saturation and flag words per scan */
	SENSE_FEATURE_COUNTER	= 1 << 2, /**< hardware counter per scan */
	SENSE_FEATURE_LOST_RANGES = 1 << 3, /**< the kernel says which scans a buffer refused */
	SENSE_FEATURE_LOOP_BUFFER = 1 << 4, /**< a second, short buffer for control loops */
	SENSE_FEATURE_STREAM	= 1 << 5, /**< has a buffer at all */
	SENSE_FEATURE_SIMULATED	= 1 << 6  /**< the card is a model, not hardware */
};

/** Stable across reboots and ports: "<name>-<serial>"; "<name>@<bus path>" where there is no serial. */
SENSE_API const char *sense_device_info_get_id(const struct sense_device_info *info);
/** IIO name, e.g. "sense-pcie". */
SENSE_API const char *sense_device_info_get_name(const struct sense_device_info *info);
/** Kernel name, e.g. "iio:device0"; changes between boots. */
SENSE_API const char *sense_device_info_get_kernel_name(const struct sense_device_info *info);
/** "" where the device has none. */
SENSE_API const char *sense_device_info_get_serial(const struct sense_device_info *info);
SENSE_API const char *sense_device_info_get_label(const struct sense_device_info *info);
/** Kernel module or driver that serves it; "" if unknown. */
SENSE_API const char *sense_device_info_get_driver(const struct sense_device_info *info);
SENSE_API const char *sense_device_info_get_sysfs_path(const struct sense_device_info *info);
/** "/dev/iio:deviceN"; "" for a device without buffer. */
SENSE_API const char *sense_device_info_get_node(const struct sense_device_info *info);
SENSE_API uint32_t sense_device_info_get_features(const struct sense_device_info *info);
SENSE_API unsigned int sense_device_info_get_buffer_count(const struct sense_device_info *info);

SENSE_API unsigned int sense_device_info_get_channel_count(const struct sense_device_info *info);
/** Borrowed; NULL when @index is out of range. */
SENSE_API const struct sense_channel_info *
sense_device_info_get_channel(const struct sense_device_info *info, unsigned int index);
/** By name or IIO id; NULL with the names there are in the error. */
SENSE_API const struct sense_channel_info *
sense_device_info_find_channel(const struct sense_device_info *info, const char *name);

/** Rates the device offers, Hz, ascending; *@count is 0 when it does not say. Borrowed. */
SENSE_API const double *sense_device_info_get_rates_hz(const struct sense_device_info *info,
						       unsigned int *count);

SENSE_API struct sense_device_info *sense_device_info_ref(struct sense_device_info *info);
SENSE_API void sense_device_info_unref(struct sense_device_info *info);

/* ---- list ---------------------------------------------------------------------- */

struct sense_device_list;

/** sense_device_list_new() - all IIO devices of this machine now, by id. Owned; _free(). */
SENSE_API struct sense_device_list *sense_device_list_new(void);
SENSE_API void sense_device_list_free(struct sense_device_list *list);
SENSE_API unsigned int sense_device_list_get_count(const struct sense_device_list *list);
/** Borrowed from the list. */
SENSE_API struct sense_device_info *sense_device_list_get(const struct sense_device_list *list,
							  unsigned int index);

/* ---- device ---------------------------------------------------------------------- */

struct sense_device;

/**
 * sense_device_open() - open one device for attributes; streaming needs sense_stream_open().
 * @id: stable id, serial number, kernel name, IIO name, or NULL for the only streaming device
 *
 * Owned; sense_device_close(). NULL with -ENODEV when nothing matches (the error
 * lists what is there), -EINVAL when @id is ambiguous.
 */
SENSE_API struct sense_device *sense_device_open(const char *id);
SENSE_API void sense_device_close(struct sense_device *device);
/** Borrowed; as it was at open. */
SENSE_API struct sense_device_info *sense_device_get_info(const struct sense_device *device);

/** sense_device_read() - one channel now, outside any stream: value in the channel's unit. 0 or -errno. */
SENSE_API int sense_device_read(struct sense_device *device, const char *channel, double *value);

/**
 * sense_device_read_attribute() / _write_attribute() - a device attribute as text.
 * Read: length or -errno (-ENOBUFS if @size is too small). Write: 0 or -errno.
 */
SENSE_API int sense_device_read_attribute(struct sense_device *device, const char *name,
					  char *text, size_t size);
SENSE_API int sense_device_write_attribute(struct sense_device *device, const char *name,
					   const char *text);

/* ---- monitor: devices coming and going -------------------------------------------- */

struct sense_device_monitor;

enum sense_device_change { SENSE_DEVICE_ADDED = 1, SENSE_DEVICE_REMOVED = 2 };

/** sense_device_monitor_new() - from udev where it runs, else from the kernel. Owned; _free(). */
SENSE_API struct sense_device_monitor *sense_device_monitor_new(void);
SENSE_API void sense_device_monitor_free(struct sense_device_monitor *monitor);
/** For poll(2), POLLIN. Borrowed. */
SENSE_API int sense_device_monitor_get_fd(const struct sense_device_monitor *monitor);
/**
 * sense_device_monitor_read() - next change, waiting at most @timeout_ns.
 * @info: new reference for an added device; for a removed one its last known info or NULL
 * @kernel_name: at least 32 bytes, filled in both cases
 * Returns enum sense_device_change, 0 on timeout, or -errno.
 */
SENSE_API int sense_device_monitor_read(struct sense_device_monitor *monitor, int64_t timeout_ns,
					struct sense_device_info **info, char kernel_name[32]);

SENSE_END_DECLS

#endif
