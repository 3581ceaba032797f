// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <iio.h>
#include <libudev.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "acquire/device-info.h"
#include "acquire/device-probe.h"
#include "base/error.h"

struct sense_device_monitor {
	struct udev *udev;
	struct udev_monitor *monitor;
	/* What was there last: a removed device can be asked nothing any more. */
	struct sense_device_list *known;
};

static int listen_to(struct sense_device_monitor *monitor, const char *source)
{
	monitor->monitor = udev_monitor_new_from_netlink(monitor->udev, source);
	if (!monitor->monitor)
		return -errno;
	if (udev_monitor_filter_add_match_subsystem_devtype(monitor->monitor, "iio", NULL) < 0 ||
	    udev_monitor_enable_receiving(monitor->monitor) < 0)
		return -EIO;
	return 0;
}

struct sense_device_monitor *sense_device_monitor_new(void)
{
	struct sense_device_monitor *monitor = calloc(1, sizeof(*monitor));
	/*
	 * udev tells of a device once its rules have run and its node has its
	 * group. Where no udevd runs nobody would tell, so the kernel does.
	 */
	const char *source = access("/run/udev/control", F_OK) ? "kernel" : "udev";
	int rc;

	if (!monitor)
		return sense_fail_null(ENOMEM, NULL, NULL, "no memory for a monitor");
	monitor->udev = udev_new();
	rc = monitor->udev ? listen_to(monitor, source) : -ENOMEM;
	if (rc < 0) {
		sense_fail(-rc, source, NULL, "devices coming and going cannot be watched: %s",
			   strerror(-rc));
		sense_device_monitor_free(monitor);
		return NULL;
	}
	/* After listening: nothing can slip between. */
	monitor->known = sense_device_list_new();
	if (!monitor->known) {
		sense_device_monitor_free(monitor);
		return NULL;
	}
	return monitor;
}

void sense_device_monitor_free(struct sense_device_monitor *monitor)
{
	if (!monitor)
		return;
	sense_device_list_free(monitor->known);
	if (monitor->monitor)
		udev_monitor_unref(monitor->monitor);
	if (monitor->udev)
		udev_unref(monitor->udev);
	free(monitor);
}

int sense_device_monitor_get_fd(const struct sense_device_monitor *monitor)
{
	return udev_monitor_get_fd(monitor->monitor);
}

static struct sense_device_info *find(const struct sense_device_list *list, const char *kernel_name)
{
	for (unsigned int i = 0; list && i < sense_device_list_get_count(list); i++)
		if (!strcmp(sense_device_list_get(list, i)->kernel_name, kernel_name))
			return sense_device_info_ref(sense_device_list_get(list, i));
	return NULL;
}

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* 1 when there is something to receive, 0 when the time is over. */
static int wait_until(struct sense_device_monitor *monitor, int64_t deadline, bool forever)
{
	struct pollfd fd = { .fd = sense_device_monitor_get_fd(monitor), .events = POLLIN };
	int64_t left;
	struct timespec timeout;
	int rc;

	do {
		left = deadline - monotonic_ns();
		if (left < 0)
			left = 0;
		timeout.tv_sec = left / 1000000000;
		timeout.tv_nsec = left % 1000000000;
		rc = ppoll(&fd, 1, forever ? NULL : &timeout, NULL);
	} while (rc < 0 && errno == EINTR && (forever || monotonic_ns() < deadline));
	if (rc < 0 && errno != EINTR)
		return sense_fail(errno, "monitor", NULL, "waiting for devices failed: %s",
				  strerror(errno));
	return rc > 0;
}

int sense_device_monitor_read(struct sense_device_monitor *monitor, int64_t timeout_ns,
			      struct sense_device_info **info, char kernel_name[32])
{
	int64_t deadline = monotonic_ns() + (timeout_ns > 0 ? timeout_ns : 0);

	for (;;) {
		struct sense_device_list *list;
		struct udev_device *change;
		const char *name, *action;
		int what = 0;
		int rc = wait_until(monitor, deadline, timeout_ns < 0);

		if (rc <= 0)
			return rc;
		change = udev_monitor_receive_device(monitor->monitor);
		if (!change)
			continue;
		name = udev_device_get_sysname(change);
		action = udev_device_get_action(change);
		if (name && action && !strncmp(name, "iio:device", 10)) {
			if (!strcmp(action, "add"))
				what = SENSE_DEVICE_ADDED;
			else if (!strcmp(action, "remove"))
				what = SENSE_DEVICE_REMOVED;
		}
		if (what)
			snprintf(kernel_name, 32, "%s", name);
		udev_device_unref(change);
		if (!what)
			continue;
		if (what == SENSE_DEVICE_REMOVED)
			*info = find(monitor->known, kernel_name);
		list = sense_device_list_new();
		if (list) {
			sense_device_list_free(monitor->known);
			monitor->known = list;
		}
		if (what == SENSE_DEVICE_ADDED) {
			*info = find(monitor->known, kernel_name);
			/* Gone again already: its removal is the next thing to be told. */
			if (!*info)
				continue;
		}
		return what;
	}
}
