// SPDX-License-Identifier: GPL-2.0-or-later
/* sense help - the list of subcommands, or the help of one. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <sense/version.h>

#include "command.h"
#include "flags.h"
#include "say.h"

static const struct flag flags[] = { { 0, NULL, NULL, NULL } };

static const struct usage usage = {
	.synopsis = "[SUBCOMMAND]",
	.about = "List the subcommands, or print the help of one.",
	.flags = flags,
};

static int print_list(void)
{
	printf("sense %s - samples from acquisition cards, each scan accounted for\n\n"
	       "Usage: sense SUBCOMMAND [ARGUMENT]...\n\n",
	       SENSE_VERSION);
	for (const struct command *command = commands; command->name; command++)
		printf("  %s%-12s%s %s\n", ink(stdout, INK_BOLD), command->name,
		       ink(stdout, INK_PLAIN), command->summary);
	printf("\n'sense help SUBCOMMAND' or 'man sense-SUBCOMMAND' says more. Start with 'sense doctor'\n"
	       "and 'sense list'; --json works everywhere.\n\n"
	       "Exit status: 0 done; 1 the answer is no; 2 wrong usage; 3 no device; 4 input, output or\n"
	       "environment.\n");
	return say_done(stdout, "standard output");
}

int command_help(int argc, char **argv)
{
	const struct command *command;
	char *ask[] = { NULL, "--help", NULL };
	int code;

	if (argc == 0)
		return print_list();
	if (flags_next(&usage, argc, argv) != FLAGS_END)
		return flags_exit();
	code = flags_operands(&usage, argc, 0, 1);
	if (code)
		return code;
	if (optind == argc || strcmp(argv[optind], "help") == 0)
		return print_list();
	command = command_find(argv[optind]);
	if (!command)
		return say_fail(EXIT_USAGE, "'sense help' lists them",
				"there is no subcommand '%s'", argv[optind]);
	say_set_command(command->name);
	ask[0] = (char *)command->name;
	optind = 0; /* 0, not 1: getopt starts afresh */
	return command->run(2, ask);
}
