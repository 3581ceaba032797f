// SPDX-License-Identifier: GPL-2.0-or-later
/* sense list - the devices of this machine. */
#include <stdio.h>

#include <sense/sense.h>

#include "command.h"
#include "describe.h"
#include "flags.h"
#include "say.h"
#include "table.h"

static const struct flag flags[] = { { 0, NULL, NULL, NULL } };

static const struct usage usage = {
	.synopsis = "[--json]",
	.about = "List the IIO devices of this machine, one per line. Any of id, serial number, name or\n"
		 "kernel name says to the other subcommands which device is meant.",
	.flags = flags,
};

static void print_table(const struct sense_device_list *list)
{
	static const char *const columns[] = { "id",	    "name",  "driver", ">channels",
					       "node",	    "features" };
	struct table *table = table_new(6, columns);

	for (unsigned int i = 0; i < sense_device_list_get_count(list); i++) {
		const struct sense_device_info *info = sense_device_list_get(list, i);
		char words[128];

		table_cell(table, "%s", sense_device_info_get_id(info));
		table_cell(table, "%s", sense_device_info_get_name(info));
		table_cell(table, "%s", sense_device_info_get_driver(info));
		table_cell(table, "%u", sense_device_info_get_channel_count(info));
		table_cell(table, "%s", sense_device_info_get_node(info));
		table_cell(table, "%s",
			   describe_features(sense_device_info_get_features(info), words,
					     sizeof(words)));
	}
	table_print(table, stdout, 0);
	table_free(table);
}

int command_list(int argc, char **argv)
{
	struct sense_device_list *list;
	unsigned int count;
	int code;

	if (flags_next(&usage, argc, argv) != FLAGS_END)
		return flags_exit();
	code = flags_operands(&usage, argc, 0, 0);
	if (code)
		return code;

	list = sense_device_list_new();
	if (!list)
		return say_library();
	count = sense_device_list_get_count(list);
	if (say_is_json()) {
		json_t *devices = json_array();

		for (unsigned int i = 0; i < count; i++)
			json_array_append_new(devices,
					      describe_device(sense_device_list_get(list, i)));
		code = say_json(json_pack("{s:o}", "devices", devices));
	} else if (count) {
		print_table(list);
		code = say_done(stdout, "standard output");
	}
	sense_device_list_free(list);
	if (!count && !code)
		return say_fail(EXIT_DEVICE,
				"plug a card in, or see what 'sense doctor' finds; 'make run' starts "
				"a simulated one",
				"this machine has no IIO device");
	return code;
}
