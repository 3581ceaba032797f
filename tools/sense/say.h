/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * say.h - how the command speaks: failures as one sentence with its remedy on
 * standard error, as JSON when --json was given; colours on a terminal only,
 * and not when NO_COLOR is set.
 */
#ifndef SENSE_SAY_H
#define SENSE_SAY_H

#include <jansson.h>
#include <stdio.h>

void say_set_command(const char *name);
const char *say_get_command(void);
void say_set_json(int json);
int say_is_json(void);

/* Print a failure, return @code. @remedy may be NULL. No full stop at the end of either. */
int say_fail(int code, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Print libsense's last failure; return the exit code it calls for. */
int say_library(void);
/* The same, with an exit code of the caller's own. */
int say_library_as(int code);
/* Likewise for what was asked of a device: what it has not got is a mistake in the asking. */
int say_device(void);
/* Exit code for an errno value, positive or negative. */
int say_exit_code(int error);

/* A remark on standard error that is no failure. */
void say_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Standard output is complete and on its way: EXIT_OK, or EXIT_ENVIRONMENT with a
 * sentence when the disk or pipe did not take it.
 */
int say_done(FILE *file, const char *name);

/* One JSON value and a newline; the reference is taken over. */
int say_json(json_t *value);

enum ink { INK_PLAIN, INK_BOLD, INK_DIM, INK_GOOD, INK_WARN, INK_BAD };
/* Escape sequence, or "" where the stream is no terminal. */
const char *ink(FILE *file, enum ink ink);
int say_is_terminal(FILE *file);

#endif
