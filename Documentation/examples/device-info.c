// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of what a device says about itself, and of reading each of
 * its channels once, outside any stream.
 *
 *	./device-info [DEVICE]
 */
#include <stdio.h>
#include <sense/device.h>
#include <sense/error.h>

int main(int argc, char **argv)
{
	struct sense_device *device = sense_device_open(argc > 1 ? argv[1] : NULL);
	const struct sense_device_info *info;
	const double *rates;
	unsigned int count;

	if (!device) {
		const struct sense_error *error = sense_error_last();

		fprintf(stderr, "device-info: %s\n  %s\n", error->sentence, error->remedy);
		return 3;
	}
	info = sense_device_get_info(device);
	printf("%s, serial number %s\n", sense_device_info_get_id(info),
	       sense_device_info_get_serial(info));

	rates = sense_device_info_get_rates_hz(info, &count);
	printf("rates:");
	for (unsigned int i = 0; i < count; i++)
		printf(" %g", rates[i]);
	printf(" Hz\n");

	for (unsigned int i = 0; i < sense_device_info_get_channel_count(info); i++) {
		const struct sense_channel_info *channel = sense_device_info_get_channel(info, i);
		const char *name = sense_channel_info_get_name(channel);
		const char *unit = sense_channel_info_get_unit(channel);
		double value;

		printf("%-16s %-20s %-8s", name,
		       sense_kind_name(sense_channel_info_get_kind(channel)),
		       sense_channel_info_get_direction(channel) == SENSE_OUTPUT ? "output" : "input");
		/* The value is in SI units or degC, whatever IIO's own unit is. */
		if (!sense_device_read(device, name, &value))
			printf(" %.6g %s\n", value, unit);
		else
			printf(" - (%s)\n", sense_error_last()->sentence);
	}
	sense_device_close(device);
	return 0;
}
