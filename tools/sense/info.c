// SPDX-License-Identifier: GPL-2.0-or-later
/* sense info - all there is to know about one device. */
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sense/sense.h>

#include "command.h"
#include "describe.h"
#include "flags.h"
#include "say.h"
#include "table.h"
#include "text.h"

static const struct flag flags[] = { { 0, NULL, NULL, NULL } };

static const struct usage usage = {
	.synopsis = "[DEVICE] [--json]",
	.about = "Print what a device is, how its time is kept, its buffers and its channels.\n"
		 "DEVICE is an id, serial number, name or kernel name of 'sense list'; with exactly one\n"
		 "streaming device it can be left out.",
	.flags = flags,
};

/* What a device says of itself in sysfs, and how it is called here. */
static const struct {
	const char *attribute, *key;
} attributes[] = {
	{ "sampling_frequency", "rate now" },
	{ "current_timestamp_clock", "clock" },
	{ "hwfifo_enabled", "hardware FIFO" },
	{ "hwfifo_watermark", "FIFO watermark" },
};

static const char *range(const struct sense_channel_info *channel, struct text_unit unit,
			 char *text, size_t size)
{
	double scale = sense_channel_info_get_scale(channel) * unit.factor;
	double offset = sense_channel_info_get_offset(channel);
	int64_t min, max;

	if (sense_channel_info_get_range(channel, &min, &max))
		return "-";
	snprintf(text, size, "%.6g to %.6g", ((double)min + offset) * scale,
		 ((double)max + offset) * scale);
	return text;
}

static void print_channels(const struct sense_device_info *info)
{
	static const char *const columns[] = { "channel", "iio",    "kind",    "unit",	">range",
					       ">resolution", ">bits", ">group", "use" };
	struct table *table = table_new(9, columns);

	for (unsigned int i = 0; i < sense_device_info_get_channel_count(info); i++) {
		const struct sense_channel_info *channel = sense_device_info_get_channel(info, i);
		struct text_unit unit = text_unit(sense_channel_info_get_kind(channel),
						  sense_channel_info_get_unit(channel));
		char text[80];

		table_cell(table, "%s", sense_channel_info_get_name(channel));
		table_cell(table, "%s", sense_channel_info_get_iio_id(channel));
		table_cell(table, "%s", sense_kind_name(sense_channel_info_get_kind(channel)));
		table_cell(table, "%s", unit.name);
		table_cell(table, "%s", range(channel, unit, text, sizeof(text)));
		table_cell(table, "%.3g", fabs(sense_channel_info_get_scale(channel) * unit.factor));
		table_cell(table, "%u", sense_channel_info_get_bits(channel));
		table_cell(table, "%u", sense_channel_info_get_group(channel));
		table_cell(table, "%s",
			   sense_channel_info_get_direction(channel) == SENSE_OUTPUT ? "output" :
			   sense_channel_info_is_streamable(channel)		     ? "stream" :
										       "single");
	}
	table_print(table, stdout, 1);
	table_free(table);
}

static void line(const char *key, const char *value)
{
	if (value && *value)
		printf("%s%-16s%s %s\n", ink(stdout, INK_DIM), key, ink(stdout, INK_PLAIN), value);
}

static void print_rates(const struct sense_device_info *info)
{
	unsigned int count;
	const double *rates = sense_device_info_get_rates_hz(info, &count);
	char text[512] = "";
	size_t at = 0;

	for (unsigned int i = 0; i < count && at < sizeof(text) - 24; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%.9g", i ? ", " : "",
				       rates[i]);
	if (count)
		snprintf(text + at, sizeof(text) - at, " Hz");
	line("rates", text);
}

static void print_text(const struct sense_device_info *info)
{
	uint32_t bits = sense_device_info_get_features(info);
	char text[256];

	line("id", sense_device_info_get_id(info));
	line("name", sense_device_info_get_name(info));
	line("label", sense_device_info_get_label(info));
	line("serial number", sense_device_info_get_serial(info));
	line("driver", sense_device_info_get_driver(info));
	line("kernel name", sense_device_info_get_kernel_name(info));
	line("node", sense_device_info_get_node(info));
	line("sysfs", sense_device_info_get_sysfs_path(info));
	if (bits & SENSE_FEATURE_SIMULATED)
		line("simulated", "yes: this card is a model, not hardware");
	line("features", describe_features(bits, text, sizeof(text)));
	print_rates(info);
	for (unsigned int i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		line(attributes[i].key,
		     describe_attribute(info, attributes[i].attribute, text, sizeof(text)));
	for (unsigned int i = 0; i < sense_device_info_get_buffer_count(info); i++) {
		char name[32], length[32], watermark[32], enable[32], attribute[64];

		snprintf(name, sizeof(name), "buffer %u", i);
		snprintf(attribute, sizeof(attribute), "buffer%u/length", i);
		describe_attribute(info, attribute, length, sizeof(length));
		snprintf(attribute, sizeof(attribute), "buffer%u/watermark", i);
		describe_attribute(info, attribute, watermark, sizeof(watermark));
		snprintf(attribute, sizeof(attribute), "buffer%u/enable", i);
		describe_attribute(info, attribute, enable, sizeof(enable));
		snprintf(text, sizeof(text), "%s, length %s scans, watermark %s",
			 strcmp(enable, "1") == 0 ? "running" : "idle", *length ? length : "?",
			 *watermark ? watermark : "?");
		line(name, text);
	}
	if (!(bits & SENSE_FEATURE_SEQUENCE) && bits & SENSE_FEATURE_STREAM)
		line("losses", "judged by time: this device numbers no scans");
	if (sense_device_info_get_channel_count(info)) {
		putchar('\n');
		print_channels(info);
	}
}

int command_info(int argc, char **argv)
{
	struct sense_device *device;
	struct sense_device_info *info;
	int code;

	if (flags_next(&usage, argc, argv) != FLAGS_END)
		return flags_exit();
	code = flags_operands(&usage, argc, 0, 1);
	if (code)
		return code;

	device = sense_device_open(optind < argc ? argv[optind] : NULL);
	if (!device)
		return say_device();
	info = sense_device_get_info(device);
	if (say_is_json()) {
		json_t *object = describe_device(info);
		json_t *now = json_object();
		char text[256];

		for (unsigned int i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
			if (*describe_attribute(info, attributes[i].attribute, text, sizeof(text)))
				json_object_set_new(now, attributes[i].attribute, json_string(text));
		json_object_set_new(object, "attributes", now);
		code = say_json(object);
	} else {
		print_text(info);
		code = say_done(stdout, "standard output");
	}
	sense_device_close(device);
	return code;
}
