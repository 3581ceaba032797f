// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/device-probe.h"

#include <errno.h>
#include <fcntl.h>
#include <iio.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acquire/device-info.h"
#include "acquire/iio-unit.h"
#include "acquire/scan-format.h"
#include "acquire/sysfs.h"
#include "base/error.h"

struct iio_context *sense_probe_context(bool *none)
{
	struct iio_context *context;

	*none = access(SENSE_IIO_SYSFS, F_OK) < 0;
	if (*none)
		return NULL;
	context = iio_create_local_context();
	if (!context)
		return sense_fail_null(errno ? errno : EIO, SENSE_IIO_SYSFS,
				       "see that sysfs is mounted and readable",
				       "the IIO devices of this machine cannot be listed: %s",
				       strerror(errno));
	return context;
}

bool sense_probe_is_device(const struct iio_device *device)
{
	return !strncmp(iio_device_get_id(device), "iio:device", 10);
}

enum sense_element_role sense_probe_role(const char *iio_id, const char *label)
{
	static const char *const labels[SENSE_ROLES] = {
		[SENSE_ROLE_SEQUENCE] = "sequence", [SENSE_ROLE_COUNTER] = "counter",
		[SENSE_ROLE_FAULT] = "fault",	    [SENSE_ROLE_SATURATION] = "saturation",
		[SENSE_ROLE_SCAN_FLAGS] = "scan_flags",
	};

	if (!strcmp(iio_id, "timestamp"))
		return SENSE_ROLE_TIMESTAMP;
	/* Only counts can be one of ours: a voltage labelled "fault" is a voltage. */
	if (strncmp(iio_id, "count", 5))
		return SENSE_ROLE_CHANNEL;
	for (int role = 0; role < SENSE_ROLES; role++)
		if (labels[role] && !strcmp(labels[role], label))
			return role;
	return SENSE_ROLE_CHANNEL;
}

/* A channel attribute as text, newline removed; "" where there is none. */
static bool channel_text(const struct iio_channel *channel, const char *name, char *text,
			 size_t size)
{
	ssize_t n;

	text[0] = 0;
	if (!iio_channel_find_attr(channel, name))
		return false;
	n = iio_channel_attr_read(channel, name, text, size);
	if (n <= 0) {
		text[0] = 0;
		return false;
	}
	text[size - 1] = 0;
	text[strcspn(text, "\n")] = 0;
	return true;
}

static bool device_text(const struct iio_device *device, const char *name, char *text, size_t size)
{
	ssize_t n;

	text[0] = 0;
	if (!iio_device_find_attr(device, name))
		return false;
	n = iio_device_attr_read(device, name, text, size);
	if (n <= 0) {
		text[0] = 0;
		return false;
	}
	text[size - 1] = 0;
	text[strcspn(text, "\n")] = 0;
	return true;
}

static void probe_range(const struct iio_channel *channel, struct sense_channel_info *info)
{
	char text[128];
	long long min, step, max;

	/* "[min step max]": IIO's form of a range. */
	if (channel_text(channel, "raw_available", text, sizeof(text)) &&
	    sscanf(text, "[%lld %lld %lld]", &min, &step, &max) == 3 && min <= max) {
		info->has_range = true;
		info->range_min = min;
		info->range_max = max;
	}
}

/* Type and place in buffer 0, if it has one there. */
static bool probe_element(int dir, bool output, struct sense_channel_info *info)
{
	const char *prefix = output ? "out" : "in";
	struct sense_scan_type type;
	char name[128], text[64];
	int64_t index;

	snprintf(name, sizeof(name), "buffer0/%s_%s_type", prefix, info->iio_id);
	if (sense_sysfs_read(dir, name, text, sizeof(text)) < 0 ||
	    sense_scan_type_parse(text, &type) < 0)
		return false;
	snprintf(name, sizeof(name), "buffer0/%s_%s_index", prefix, info->iio_id);
	if (sense_sysfs_read_i64(dir, name, &index) < 0)
		return false;
	/* The driver gives a channel of the card's table the scan index it has there. */
	info->card_index = (unsigned int)index;
	info->bits = type.bits;
	info->streamable = !output && sense_scan_type_fits_s32(&type);
	return true;
}

static void probe_channel(const struct iio_channel *channel, struct sense_channel_info *info)
{
	struct sense_iio_unit unit;
	enum sense_kind kind;
	char text[64];
	double value;
	bool raw = iio_channel_find_attr(channel, "raw") != NULL;

	snprintf(info->iio_id, sizeof(info->iio_id), "%s", iio_channel_get_id(channel));
	unit = sense_iio_unit_of(info->iio_id);
	info->kind = unit.kind;
	if (channel_text(channel, "kind", text, sizeof(text))) {
		kind = sense_kind_from_name(text);
		if (kind != SENSE_KIND_OTHER)
			info->kind = kind;
	}
	if (channel_text(channel, "label", text, sizeof(text)) && text[0])
		snprintf(info->name, sizeof(info->name), "%s", text);
	else
		snprintf(info->name, sizeof(info->name), "%s", info->iio_id);
	if (channel_text(channel, "group", text, sizeof(text)))
		info->group = (unsigned int)strtoul(text, NULL, 10);
	info->direction = iio_channel_is_output(channel) ? SENSE_OUTPUT : SENSE_INPUT;
	info->scale = unit.factor;
	if ((raw || !iio_channel_find_attr(channel, "input")) &&
	    iio_channel_find_attr(channel, "scale") &&
	    iio_channel_attr_read_double(channel, "scale", &value) >= 0)
		info->scale = value * unit.factor;
	if (iio_channel_find_attr(channel, "offset") &&
	    iio_channel_attr_read_double(channel, "offset", &value) >= 0)
		info->offset = value;
	probe_range(channel, info);
}

static void add_rate(struct sense_device_info *info, double rate)
{
	unsigned int i;

	if (rate <= 0 || info->rate_count == SENSE_MAX_RATES)
		return;
	for (i = info->rate_count; i && info->rates_hz[i - 1] > rate; i--)
		info->rates_hz[i] = info->rates_hz[i - 1];
	info->rates_hz[i] = rate;
	info->rate_count++;
}

/* A list of rates; a range "[min step max]" has no list to give. */
static void probe_rates(const struct iio_device *device, struct sense_device_info *info)
{
	char text[1024];
	const char *at = text;

	if (!device_text(device, "sampling_frequency_available", text, sizeof(text))) {
		for (unsigned int i = 0; i < iio_device_get_channels_count(device); i++)
			if (channel_text(iio_device_get_channel(device, i),
					 "sampling_frequency_available", text, sizeof(text)))
				break;
	}
	while (*at && *at != '[') {
		char *end;
		double rate = strtod(at, &end);

		if (end == at)
			break;
		add_rate(info, rate);
		at = end;
	}
}

/* The kernel module or driver, and where the device sits on its bus. */
static void probe_udev(struct sense_device_info *info, char *path, size_t path_size)
{
	struct udev *udev = udev_new();
	struct udev_device *self, *parent;
	const char *text;

	snprintf(path, path_size, "%s", info->kernel_name);
	if (!udev)
		return;
	self = udev_device_new_from_subsystem_sysname(udev, "iio", info->kernel_name);
	parent = self ? udev_device_get_parent(self) : NULL;
	if (parent)
		snprintf(path, path_size, "%s", udev_device_get_sysname(parent));
	for (; parent; parent = udev_device_get_parent(parent)) {
		if (!info->driver[0] && (text = udev_device_get_driver(parent)))
			snprintf(info->driver, sizeof(info->driver), "%s", text);
		/* A USB device keeps its serial number in an attribute of its own. */
		if (!info->serial[0] && (text = udev_device_get_sysattr_value(parent, "serial")))
			snprintf(info->serial, sizeof(info->serial), "%s", text);
	}
	if (self && (text = udev_device_get_devnode(self)))
		snprintf(info->node, sizeof(info->node), "%s", text);
	udev_device_unref(self);
	udev_unref(udev);
}

/* An id becomes a file name and a topic: anything else than these turns into '_'. */
static void make_id(struct sense_device_info *info, const char *path)
{
	if (info->serial[0])
		snprintf(info->id, sizeof(info->id), "%.40s-%.50s", info->name, info->serial);
	else
		snprintf(info->id, sizeof(info->id), "%.40s@%.50s", info->name, path);
	for (char *c = info->id; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@:",
			    *c))
			*c = '_';
}

static unsigned int count_buffers(int dir)
{
	unsigned int n = 0;
	char name[32];

	do {
		snprintf(name, sizeof(name), "buffer%u/enable", n);
	} while (!faccessat(dir, name, F_OK, 0) && ++n);
	return n;
}

static void probe_features(const struct iio_device *device, int dir, uint32_t roles,
			   struct sense_device_info *info)
{
	char text[32];
	const uint32_t status = 1u << SENSE_ROLE_FAULT | 1u << SENSE_ROLE_SATURATION |
				1u << SENSE_ROLE_SCAN_FLAGS;

	for (unsigned int i = 0; info->buffer_count && i < info->channel_count; i++)
		if (info->channels[i].streamable)
			info->features |= SENSE_FEATURE_STREAM;
	if (roles & 1u << SENSE_ROLE_SEQUENCE)
		info->features |= SENSE_FEATURE_SEQUENCE;
	if ((roles & status) == status)
		info->features |= SENSE_FEATURE_STATUS;
	if (roles & 1u << SENSE_ROLE_COUNTER)
		info->features |= SENSE_FEATURE_COUNTER;
	if (!faccessat(dir, "buffer0/lost_ranges", F_OK, 0))
		info->features |= SENSE_FEATURE_LOST_RANGES;
	if (info->buffer_count > 1)
		info->features |= SENSE_FEATURE_LOOP_BUFFER;
	if (device_text(device, "simulated", text, sizeof(text)) && text[0] == '1')
		info->features |= SENSE_FEATURE_SIMULATED;
}

static void probe_channels(const struct iio_device *device, int dir, struct sense_device_info *info,
			   uint32_t *roles)
{
	unsigned int count = iio_device_get_channels_count(device);

	for (unsigned int i = 0; i < count; i++) {
		const struct iio_channel *channel = iio_device_get_channel(device, i);
		struct sense_channel_info one = { .direction = SENSE_INPUT };
		enum sense_element_role role;
		char label[64];

		channel_text(channel, "label", label, sizeof(label));
		role = sense_probe_role(iio_channel_get_id(channel), label);
		if (role != SENSE_ROLE_CHANNEL) {
			*roles |= 1u << role;
			continue;
		}
		probe_channel(channel, &one);
		/*
		 * libiio takes every attribute that begins with in_ or out_ for a
		 * channel's; without a value it is a setting of the device.
		 */
		if (!probe_element(dir, one.direction == SENSE_OUTPUT, &one) &&
		    !iio_channel_find_attr(channel, "raw") &&
		    !iio_channel_find_attr(channel, "input"))
			continue;
		sense_device_info_add(info, &one);
	}
}

struct sense_device_info *sense_probe_info(struct iio_device *device)
{
	unsigned int count = iio_device_get_channels_count(device);
	struct sense_device_info *info = sense_device_info_new(count);
	const char *name = iio_device_get_name(device);
	uint32_t roles = 0;
	char path[128];
	int dir;

	if (!info)
		return NULL;
	snprintf(info->kernel_name, sizeof(info->kernel_name), "%s", iio_device_get_id(device));
	snprintf(info->name, sizeof(info->name), "%s", name ? name : info->kernel_name);
	snprintf(info->sysfs_path, sizeof(info->sysfs_path), SENSE_IIO_SYSFS "/%s",
		 info->kernel_name);
	dir = open(info->sysfs_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0) {
		sense_fail(ENODEV, info->kernel_name, NULL, "%s went away while it was looked at",
			   info->kernel_name);
		sense_device_info_unref(info);
		return NULL;
	}
	device_text(device, "serialnumber", info->serial, sizeof(info->serial));
	device_text(device, "label", info->label, sizeof(info->label));
	if (!info->label[0] && iio_device_get_label(device))
		snprintf(info->label, sizeof(info->label), "%s", iio_device_get_label(device));
	probe_udev(info, path, sizeof(path));
	make_id(info, path);
	info->buffer_count = count_buffers(dir);
	if (!info->node[0] && info->buffer_count)
		snprintf(info->node, sizeof(info->node), "/dev/%s", info->kernel_name);
	if (!info->buffer_count)
		info->node[0] = 0;
	probe_channels(device, dir, info, &roles);
	probe_rates(device, info);
	probe_features(device, dir, roles, info);
	close(dir);
	return info;
}
