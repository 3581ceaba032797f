// SPDX-License-Identifier: LGPL-2.1-or-later
#include "acquire/device.h"

#include <errno.h>
#include <fcntl.h>
#include <iio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acquire/device-info.h"
#include "acquire/device-probe.h"
#include "acquire/iio-unit.h"
#include "acquire/sysfs.h"
#include "base/error.h"

#define NO_DEVICE_REMEDY \
	"see that the card is in and its driver loaded; 'sense doctor' looks into both"

/* How well an id names a device; the best match must be the only one. */
static int match(const struct sense_device_info *info, const char *id)
{
	if (!id)
		return info->features & SENSE_FEATURE_STREAM ? 1 : 0;
	if (!strcmp(info->id, id))
		return 5;
	if (info->serial[0] && !strcmp(info->serial, id))
		return 4;
	if (!strcmp(info->kernel_name, id) || (info->node[0] && !strcmp(info->node, id)))
		return 3;
	if (info->label[0] && !strcmp(info->label, id))
		return 2;
	return !strcmp(info->name, id);
}

static void list_ids(const struct sense_device_list *list, int level, const char *id,
		     const char *before, char *text, size_t size)
{
	size_t used = (size_t)snprintf(text, size, "%s", before);
	const char *comma = "";

	for (unsigned int i = 0; i < sense_device_list_get_count(list) && used < size; i++) {
		const struct sense_device_info *info = sense_device_list_get(list, i);

		if (level && match(info, id) != level)
			continue;
		used += (size_t)snprintf(text + used, size - used, "%s%s", comma, info->id);
		comma = ", ";
	}
}

static struct sense_device_info *choose(const struct sense_device_list *list, const char *id)
{
	struct sense_device_info *chosen = NULL;
	unsigned int matches = 0;
	char remedy[360];
	int best = 0;

	for (unsigned int i = 0; i < sense_device_list_get_count(list); i++) {
		struct sense_device_info *info = sense_device_list_get(list, i);
		int level = match(info, id);

		if (level > best) {
			best = level;
			matches = 0;
			chosen = info;
		}
		matches += level && level == best;
	}
	if (matches == 1)
		return chosen;
	if (matches) {
		list_ids(list, best, id, "name one of: ", remedy, sizeof(remedy));
		return sense_fail_null(EINVAL, id, remedy, id ? "%2$u devices are called %1$s" :
				       "%2$u devices can stream, so one must be named%1$s",
				       id ? id : "", matches);
	}
	if (!sense_device_list_get_count(list))
		return sense_fail_null(ENODEV, id, NO_DEVICE_REMEDY,
				       "this machine has no IIO device");
	list_ids(list, 0, id, "these are there: ", remedy, sizeof(remedy));
	if (!id)
		return sense_fail_null(ENODEV, NULL, remedy,
				       "no IIO device of this machine can stream");
	return sense_fail_null(ENODEV, id, remedy, "there is no device called %s", id);
}

struct sense_device *sense_device_open(const char *id)
{
	struct sense_device_list *list = sense_device_list_new();
	struct sense_device_info *info;
	struct sense_device *device;
	bool none;

	if (!list)
		return NULL;
	info = choose(list, id);
	device = info ? calloc(1, sizeof(*device)) : NULL;
	if (info && !device)
		sense_fail(ENOMEM, info->id, NULL, "no memory for a device");
	if (!device) {
		sense_device_list_free(list);
		return NULL;
	}
	device->info = sense_device_info_ref(info);
	sense_device_list_free(list);
	device->dir = open(device->info->sysfs_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	device->context = sense_probe_context(&none);
	if (device->context)
		device->iio = iio_context_find_device(device->context, device->info->kernel_name);
	if (device->dir < 0 || !device->iio) {
		sense_fail(ENODEV, device->info->id, NO_DEVICE_REMEDY,
			   "%s went away while it was opened", device->info->id);
		sense_device_close(device);
		return NULL;
	}
	return device;
}

void sense_device_close(struct sense_device *device)
{
	if (!device)
		return;
	if (device->context)
		iio_context_destroy(device->context);
	if (device->dir >= 0)
		close(device->dir);
	sense_device_info_unref(device->info);
	free(device);
}

struct sense_device_info *sense_device_get_info(const struct sense_device *device)
{
	return device->info;
}

static int read_failed(const struct sense_device *device, const char *what, int rc)
{
	if (rc == -EBUSY)
		return sense_fail(EBUSY, device->info->id, "take the value from the stream",
				  "%s cannot be read singly while a buffer runs", what);
	if (rc == -ENODEV || rc == -ENOENT)
		if (faccessat(device->dir, "name", F_OK, 0) < 0 &&
		    faccessat(device->dir, "uevent", F_OK, 0) < 0)
			return sense_fail(ENODEV, device->info->id, NO_DEVICE_REMEDY,
					  "%s is gone", device->info->id);
	return sense_fail(-rc, device->info->id, NULL, "%s of %s cannot be read: %s", what,
			  device->info->id, strerror(-rc));
}

int sense_device_read(struct sense_device *device, const char *name, double *value)
{
	const struct sense_channel_info *info = sense_device_info_find_channel(device->info, name);
	struct iio_channel *channel;
	long long raw;
	int rc;

	if (!info)
		return -ENOENT;
	channel = iio_device_find_channel(device->iio, info->iio_id,
					  info->direction == SENSE_OUTPUT);
	if (!channel)
		return sense_fail(ENOENT, device->info->id, NULL, "%s has no channel called %s",
				  device->info->id, name);
	if (iio_channel_find_attr(channel, "raw")) {
		rc = iio_channel_attr_read_longlong(channel, "raw", &raw);
		if (rc < 0)
			return read_failed(device, info->name, rc);
		*value = ((double)raw + info->offset) * info->scale;
		return 0;
	}
	if (!iio_channel_find_attr(channel, "input"))
		return sense_fail(ENODATA, device->info->id, "stream it",
				  "channel %s has no value to be read singly", info->name);
	rc = iio_channel_attr_read_double(channel, "input", value);
	if (rc < 0)
		return read_failed(device, info->name, rc);
	*value *= sense_iio_unit_of(info->iio_id).factor;
	return 0;
}

/* An attribute is a file right below the device, or of one of its buffers. */
static int check_name(const struct sense_device *device, const char *name)
{
	const char *slash = strchr(name, '/');

	if (!*name || *name == '/' || *name == '.' || strstr(name, "..") ||
	    (slash && strchr(slash + 1, '/')))
		return sense_fail(EINVAL, device->info->id, "name a file of its sysfs directory",
				  "'%s' is no name of an attribute", name);
	return 0;
}

int sense_device_read_attribute(struct sense_device *device, const char *name, char *text,
				size_t size)
{
	int rc = check_name(device, name);

	if (rc < 0)
		return rc;
	rc = sense_sysfs_read(device->dir, name, text, size);
	if (rc == -ENOBUFS)
		return sense_fail(ENOBUFS, device->info->id, "offer more room",
				  "attribute %s does not fit %zu bytes", name, size);
	return rc < 0 ? read_failed(device, name, rc) : rc;
}

int sense_device_write_attribute(struct sense_device *device, const char *name, const char *text)
{
	int rc = check_name(device, name);

	if (rc < 0)
		return rc;
	rc = sense_sysfs_write(device->dir, name, text);
	if (rc == -EACCES)
		return sense_fail(EACCES, device->info->id, "join the group sense, or be root",
				  "attribute %s of %s may not be written", name, device->info->id);
	if (rc < 0)
		return sense_fail(-rc, device->info->id, NULL, "%s of %s does not take '%s': %s",
				  name, device->info->id, text, strerror(-rc));
	return 0;
}
