/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flags.h - the options of a subcommand: one table gives parsing and help.
 */
#ifndef SENSE_FLAGS_H
#define SENSE_FLAGS_H

#include <stdint.h>

struct flag {
	int key;		/* its letter, or 256 and up for one without a letter */
	const char *name;	/* long name; NULL ends the table */
	const char *argument;	/* what it takes, in capitals; NULL for none */
	const char *help;
};

struct usage {
	const char *synopsis;	/* after "sense NAME" */
	const char *about;	/* a paragraph */
	const struct flag *flags;
	const char *notes;	/* examples and the like; may be NULL */
};

enum { FLAGS_END = -1, FLAGS_STOP = -2 };

/*
 * The next option's key (its argument in optarg), FLAGS_END when only operands are
 * left (from optind), or FLAGS_STOP when all is said: return flags_exit() then.
 * --help and --json are understood everywhere.
 */
int flags_next(const struct usage *usage, int argc, char **argv);
int flags_exit(void);

/* At least @min, at most @max operands left: 0, or EXIT_USAGE said. */
int flags_operands(const struct usage *usage, int argc, int min, int max);

/* Argument as a number; 0, or EXIT_USAGE said. Units: the suffixes of flags_seconds are s, m, h, d. */
int flags_real(const char *name, const char *text, double min, double max, double *value);
int flags_uint(const char *name, const char *text, uint64_t min, uint64_t max, uint64_t *value);
int flags_seconds(const char *name, const char *text, double *seconds);

void flags_help(const char *command, const struct usage *usage);

#endif
