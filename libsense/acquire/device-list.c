// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <iio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acquire/device-info.h"
#include "acquire/device-probe.h"
#include "base/error.h"

struct sense_device_list {
	unsigned int count;
	struct sense_device_info **infos;
};

static int by_id(const void *a, const void *b)
{
	const struct sense_device_info *const *x = a, *const *y = b;
	int order = strcmp((*x)->id, (*y)->id);

	return order ? order : strcmp((*x)->kernel_name, (*y)->kernel_name);
}

/* Two of one name on one bus device, without serial: the kernel's number tells them apart. */
static void make_unique(struct sense_device_list *list)
{
	for (unsigned int i = 1; i < list->count; i++) {
		struct sense_device_info *info = list->infos[i];
		size_t used = strlen(info->id);

		if (!strcmp(info->id, list->infos[i - 1]->id))
			snprintf(info->id + used, sizeof(info->id) - used, ":%s",
				 info->kernel_name + strcspn(info->kernel_name, "0123456789"));
	}
}

struct sense_device_list *sense_device_list_new(void)
{
	struct sense_device_list *list = calloc(1, sizeof(*list));
	struct iio_context *context;
	unsigned int count;
	bool none;

	if (!list)
		return sense_fail_null(ENOMEM, NULL, NULL, "no memory for a list of devices");
	context = sense_probe_context(&none);
	if (!context) {
		if (none)
			return list;
		free(list);
		return NULL;
	}
	count = iio_context_get_devices_count(context);
	list->infos = calloc(count ? count : 1, sizeof(*list->infos));
	if (!list->infos) {
		sense_fail(ENOMEM, NULL, NULL, "no memory for a list of devices");
		goto fail;
	}
	for (unsigned int i = 0; i < count; i++) {
		struct iio_device *device = iio_context_get_device(context, i);
		struct sense_device_info *info;

		if (!sense_probe_is_device(device))
			continue;
		info = sense_probe_info(device);
		if (info)
			list->infos[list->count++] = info;
		else if (sense_error_last()->code != ENODEV)
			goto fail;
	}
	iio_context_destroy(context);
	qsort(list->infos, list->count, sizeof(*list->infos), by_id);
	make_unique(list);
	return list;

fail:
	iio_context_destroy(context);
	sense_device_list_free(list);
	return NULL;
}

void sense_device_list_free(struct sense_device_list *list)
{
	if (!list)
		return;
	for (unsigned int i = 0; i < list->count; i++)
		sense_device_info_unref(list->infos[i]);
	free(list->infos);
	free(list);
}

unsigned int sense_device_list_get_count(const struct sense_device_list *list)
{
	return list->count;
}

struct sense_device_info *sense_device_list_get(const struct sense_device_list *list,
						unsigned int index)
{
	return index < list->count ? list->infos[index] : NULL;
}
