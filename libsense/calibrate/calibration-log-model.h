/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * calibration-log-model.h - the inside of a calibration log, and one entry as a line.
 */
#ifndef SENSE_CALIBRATE_CALIBRATION_LOG_MODEL_H
#define SENSE_CALIBRATE_CALIBRATION_LOG_MODEL_H

#include <sense/calibration-log.h>

#include "calibrate/arena.h"

#define LOG_BYTES_MAX (32 << 20)
#define LOG_LINE_MAX (1 << 20)


struct sense_calibration_log {
	struct arena arena;
	const char *name;
	const struct sense_log_entry *entries;
	unsigned int count;
	const char *digest;
};

/*
 * One line (without newline) as an entry; strings and points go to @arena. @where: "file:line".
 * 0 or -errno with the sentence.
 */
int log_line_read(const char *where, const char *line, size_t length, struct arena *arena,
		  struct sense_log_entry *entry);
/* The other way: *@line owned, without newline. 0 or -errno. */
int log_line_write(const char *where, const struct sense_log_entry *entry, const char *previous,
		   char **line);
/* What an entry must have, whoever made it. 0 or -@code. */
int log_entry_check(const char *where, const struct sense_log_entry *entry, int code);

#endif
