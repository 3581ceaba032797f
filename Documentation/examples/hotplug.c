// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of devices coming and going: print each change.
 *
 *	./hotplug [SECONDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sense/clock.h>
#include <sense/device.h>
#include <sense/error.h>

int main(int argc, char **argv)
{
	struct sense_device_monitor *monitor = sense_device_monitor_new();
	int64_t end = sense_clock_now_ns() + (int64_t)((argc > 1 ? atof(argv[1]) : 60) * 1e9);
	struct sense_device_info *info;
	char kernel_name[32];
	int64_t left;
	int change;

	if (!monitor) {
		fprintf(stderr, "hotplug: %s\n  %s\n", sense_error_last()->sentence,
			sense_error_last()->remedy);
		return 4;
	}
	printf("watching\n");
	fflush(stdout);
	while ((left = end - sense_clock_now_ns()) > 0) {
		change = sense_device_monitor_read(monitor, left, &info, kernel_name);
		if (change < 0) {
			fprintf(stderr, "hotplug: %s\n", sense_error_last()->sentence);
			sense_device_monitor_free(monitor);
			return 4;
		}
		if (!change)
			continue;
		/* Of a removed device only what was known before can be told, if it was. */
		printf("%s %s (%s)\n", change == SENSE_DEVICE_ADDED ? "added" : "removed",
		       info ? sense_device_info_get_id(info) : "unknown", kernel_name);
		fflush(stdout);
		sense_device_info_unref(info);
	}
	sense_device_monitor_free(monitor);
	return 0;
}
