// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sense - samples from acquisition cards: see them, record them, look at them.
 */
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "say.h"
#include "text.h"

/* In the order in which a newcomer meets them. */
const struct command commands[] = {
	{ "list", "the devices of this machine", command_list },
	{ "info", "all there is to know about one device", command_info },
	{ "monitor", "watch a device: values, rate, gaps, faults", command_monitor },
	{ "record", "keep every scan in a durable file", command_record },
	{ "dump", "write a record out as CSV or JSON lines", command_dump },
	{ "plot", "draw a record as an SVG picture", command_plot },
	{ "events", "what happened besides samples", command_events },
	{ "convert", "a sensor's electrical value to the measured one, and back", command_convert },
	{ "certificate", "read, verify and list calibration certificates", command_certificate },
	{ "budget", "the uncertainty of a result, from a budget file", command_budget },
	{ "conformity", "is a value within its limits, and how sure is that", command_conformity },
	{ "calibrate", "compare a sensor with a reference, fit, keep what was found",
	  command_calibrate },
	{ "health", "a calibration log: in control, drifting, due when", command_health },
	{ "identify", "a model of the plant, from data", command_identify },
	{ "simulate", "how far a model is from what was measured", command_simulate },
	{ "loop", "control a simulated chamber and report its deviation", command_loop },
	{ "config", "check a configuration file", command_config },
	{ "doctor", "what on this machine needs mending, and how", command_doctor },
	{ "version", "versions of the command and the library", command_version },
	{ "help", "this list, or help on one subcommand", command_help },
	{ NULL, NULL, NULL }
};

const struct command *command_find(const char *name)
{
	const struct command *command;

	for (command = commands; command->name; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

static const char *nearest(const char *name)
{
	const char *best = NULL;
	unsigned int least = 3; /* a word further off than two strokes is another word */

	for (const struct command *command = commands; command->name; command++) {
		unsigned int strokes = text_distance(name, command->name);

		if (strokes < least) {
			least = strokes;
			best = command->name;
		}
	}
	return best;
}

int main(int argc, char **argv)
{
	const struct command *command;
	const char *name;

	/*
	 * Whoever reads the output may stop reading ("sense dump | head"). Writing then fails, so
	 * that what is open is closed in order; a recording even goes on.
	 */
	signal(SIGPIPE, SIG_IGN);
	/* Characters as the terminal has them; numbers and dates stay as in the files. */
	setlocale(LC_CTYPE, "");
	text_set_utf8(strcmp(nl_langinfo(CODESET), "UTF-8") == 0);

	if (argc < 2) {
		command_help(0, NULL);
		return EXIT_USAGE;
	}
	name = argv[1];
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	else if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
		name = "version";
	command = command_find(name);
	if (!command) {
		const char *meant = nearest(name);

		if (meant)
			return say_fail(EXIT_USAGE, "'sense help' lists them",
					"there is no subcommand '%s', perhaps '%s' was meant", name,
					meant);
		return say_fail(EXIT_USAGE, "'sense help' lists them",
				"there is no subcommand '%s'", name);
	}
	say_set_command(command->name);
	return command->run(argc - 1, argv + 1);
}
