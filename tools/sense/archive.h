/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archive.h - a record opened to be looked at, and which of its streams is meant.
 */
#ifndef SENSE_ARCHIVE_H
#define SENSE_ARCHIVE_H

#include <sense/record.h>

/* NULL with the failure said. */
struct sense_record_reader *archive_open(const char *path);

/*
 * The stream of that number, or the only one for 0. NULL with EXIT_USAGE said: no such
 * number, or several and none named; EXIT_ENVIRONMENT when the record is empty. @code is set.
 */
const struct sense_record_stream *archive_stream(struct sense_record_reader *reader,
						 const char *path, int64_t number, int *code);

#endif
