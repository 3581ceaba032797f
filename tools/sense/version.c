// SPDX-License-Identifier: GPL-2.0-or-later
/* sense version - which command, which library. */
#include <stdio.h>
#include <string.h>

#include <sense/sense.h>

#include "command.h"
#include "flags.h"
#include "say.h"

static const struct flag flags[] = { { 0, NULL, NULL, NULL } };

static const struct usage usage = {
	.synopsis = "[--json]",
	.about = "Print the version of the command and of the library it runs with.",
	.flags = flags,
};

int command_version(int argc, char **argv)
{
	int code;

	if (flags_next(&usage, argc, argv) != FLAGS_END)
		return flags_exit();
	code = flags_operands(&usage, argc, 0, 0);
	if (code)
		return code;
	if (say_is_json())
		return say_json(json_pack("{s:s, s:s, s:s, s:i}", "sense", SENSE_VERSION, "libsense",
					  sense_version(), "build_id", sense_build_id(),
					  "record_schema", SENSE_RECORD_SCHEMA));
	printf("sense %s\nlibsense %s%s%s\nrecord schema %d\n", SENSE_VERSION, sense_version(),
	       *sense_build_id() ? ", build " : "", sense_build_id(), SENSE_RECORD_SCHEMA);
	if (strcmp(SENSE_VERSION, sense_version()) != 0)
		say_note("the library in use is not the one this command was built with; "
			 "'ldd sense' shows where it is found");
	return say_done(stdout, "standard output");
}
