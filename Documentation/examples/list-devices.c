// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of listing the acquisition devices of this machine.
 *
 *	cc list-devices.c $(pkg-config --cflags --libs sense) && ./a.out
 */
#include <stdio.h>
#include <sense/device.h>
#include <sense/error.h>

static int fail(void)
{
	const struct sense_error *error = sense_error_last();

	fprintf(stderr, "list-devices: %s\n  %s\n", error->sentence, error->remedy);
	return 4;
}

int main(void)
{
	struct sense_device_list *list = sense_device_list_new();
	unsigned int count;

	if (!list)
		return fail();
	count = sense_device_list_get_count(list);
	for (unsigned int i = 0; i < count; i++) {
		/* Borrowed from the list; sense_device_info_ref() would keep it longer. */
		struct sense_device_info *info = sense_device_list_get(list, i);
		uint32_t features = sense_device_info_get_features(info);

		printf("%s (%s, driver %s): %u channels%s%s%s\n", sense_device_info_get_id(info),
		       sense_device_info_get_kernel_name(info), sense_device_info_get_driver(info),
		       sense_device_info_get_channel_count(info),
		       features & SENSE_FEATURE_STREAM ? ", streams" : "",
		       features & SENSE_FEATURE_SEQUENCE ? ", numbers its scans" : "",
		       features & SENSE_FEATURE_SIMULATED ? ", simulated" : "");
	}
	sense_device_list_free(list);
	return count ? 0 : 3;
}
