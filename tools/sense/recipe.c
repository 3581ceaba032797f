// SPDX-License-Identifier: GPL-2.0-or-later
#include "recipe.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "say.h"

/* A JSON string is a YAML string. */
static void put_string(FILE *file, const char *text)
{
	json_t *string = json_string(text);
	char *quoted = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;

	fputs(quoted ? quoted : "\"\"", file);
	free(quoted);
	json_decref(string);
}

static int chosen(const struct recipe *recipe, const struct sense_channel_info *channel)
{
	const char *names[] = { sense_channel_info_get_name(channel),
				sense_channel_info_get_iio_id(channel) };

	if (!sense_channel_info_is_streamable(channel))
		return 0;
	if (!recipe->channels)
		return 1;
	for (const char *at = recipe->channels; *at;) {
		size_t length = strcspn(at, ",");

		for (unsigned int i = 0; i < 2; i++)
			if (strlen(names[i]) == length && strncmp(at, names[i], length) == 0)
				return 1;
		at += length + (at[length] == ',');
	}
	return 0;
}

/* Every name asked for is one the device has. */
static int known(const struct recipe *recipe, const struct sense_device_info *info)
{
	char *copy, *rest, *name;
	int good = 1;

	if (!recipe->channels)
		return 1;
	rest = copy = strdup(recipe->channels);
	while (good && (name = strsep(&rest, ",")))
		good = !*name || sense_device_info_find_channel(info, name);
	free(copy);
	return good;
}

static void write_text(const struct recipe *recipe, const struct sense_device_info *info,
		       FILE *file)
{
	unsigned int count = sense_device_info_get_channel_count(info), n = 0;

	fputs("version: 1\ndevices:\n  - id: ", file);
	put_string(file, sense_device_info_get_id(info));
	if (recipe->rate_hz > 0)
		fprintf(file, "\n    rate_hz: %.17g", recipe->rate_hz);
	for (unsigned int i = 0; recipe->channels && i < count; i++) {
		const struct sense_channel_info *channel = sense_device_info_get_channel(info, i);

		if (!chosen(recipe, channel))
			continue;
		fputs(n++ ? ", " : "\n    channels: [", file);
		put_string(file, sense_channel_info_get_name(channel));
	}
	fputs(n ? "]\n" : "\n", file);
	n = 0;
	for (unsigned int i = 0; i < count; i++) {
		const struct sense_channel_info *channel = sense_device_info_get_channel(info, i);
		double r0 = thermometer_r0_ohm(recipe->thermometer, channel);

		if (!(r0 > 0) || !chosen(recipe, channel))
			continue;
		fputs(n++ ? "  - channel: " : "calibration:\n  - channel: ", file);
		put_string(file, sense_channel_info_get_name(channel));
		fprintf(file, "\n    sensor: pt%.0f\n", r0);
	}
	fputs("record:\n  path: ", file);
	put_string(file, recipe->path);
	fputc('\n', file);
}

char *recipe_write(const struct recipe *recipe, int *code)
{
	struct sense_device *device = sense_device_open(recipe->device);
	const struct sense_device_info *info;
	char *text = NULL;
	size_t size;
	FILE *file;

	if (!device) {
		*code = say_device();
		return NULL;
	}
	info = sense_device_get_info(device);
	if (!known(recipe, info)) {
		*code = say_device();
	} else {
		file = open_memstream(&text, &size);
		if (!file)
			abort();
		write_text(recipe, info, file);
		fclose(file);
	}
	sense_device_close(device);
	return text;
}
