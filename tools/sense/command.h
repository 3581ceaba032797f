/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - the subcommands of `sense`, and what they return.
 *
 * A new subcommand is one file with one function, one line here and one in
 * main.c's table, and a page in Documentation/man.
 */
#ifndef SENSE_COMMAND_H
#define SENSE_COMMAND_H

enum exit_code {
	EXIT_OK = 0,
	EXIT_NO = 1,		/* the answer is no */
	EXIT_USAGE = 2,		/* the command line asks for what there is not */
	EXIT_DEVICE = 3,	/* no device, or no longer */
	EXIT_ENVIRONMENT = 4	/* input, output, permissions, kernel */
};

struct command {
	const char *name;
	const char *summary;	/* one line, for `sense help` */
	int (*run)(int argc, char **argv);	/* argv[0] is the subcommand's name */
};

extern const struct command commands[];	/* ends with a NULL name */

const struct command *command_find(const char *name);

int command_budget(int argc, char **argv);
int command_calibrate(int argc, char **argv);
int command_conformity(int argc, char **argv);
int command_certificate(int argc, char **argv);
int command_config(int argc, char **argv);
int command_convert(int argc, char **argv);
int command_doctor(int argc, char **argv);
int command_dump(int argc, char **argv);
int command_events(int argc, char **argv);
int command_health(int argc, char **argv);
int command_help(int argc, char **argv);
int command_identify(int argc, char **argv);
int command_info(int argc, char **argv);
int command_list(int argc, char **argv);
int command_loop(int argc, char **argv);
int command_monitor(int argc, char **argv);
int command_plot(int argc, char **argv);
int command_record(int argc, char **argv);
int command_simulate(int argc, char **argv);
int command_version(int argc, char **argv);

#endif
