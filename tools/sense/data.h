/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * data.h - the options that say which columns of which file are outputs and inputs: alike in all
 * commands that identify or judge models.
 */
#ifndef SENSE_DATA_H
#define SENSE_DATA_H

#include <sense/series.h>

struct data_request {
	struct sense_series_source source;
	char *output_list, *input_list; /* owned: names, cut in place */
	uint64_t stream;
};

enum {
	DATA_FILE = 512,
	DATA_DELIMITER,
	DATA_TIME,
	DATA_TIME_FORMAT,
	DATA_OUTPUT,
	DATA_INPUTS,
	DATA_SKIP_INVALID,
	DATA_STREAM
};

#define DATA_FLAGS                                                                                 \
	{ DATA_FILE, "data", "FILE", "text with a header line, or a record" },                     \
	{ DATA_DELIMITER, "delimiter", "C", "between columns (,); tab is written \\t" },           \
	{ DATA_TIME, "time", "COL", "the column of times" },                                       \
	{ DATA_TIME_FORMAT, "time-format", "FMT", "of strptime(3), UTC; else seconds" },           \
	{ DATA_OUTPUT, "output", "COL,...", "what is measured; the first is judged" },             \
	{ DATA_INPUTS, "inputs", "COL,...", "what acts on it, the actuator first" },               \
	{ DATA_SKIP_INVALID, "skip-invalid", NULL, "leave out rows with a value that is no reading" }, \
	{ DATA_STREAM, "stream", "NUMBER", "which stream of a record" }

/* Takes @key if it is one of the above: 0, EXIT_USAGE said, or -1 when it is another's. */
int data_flag(struct data_request *request, int key, const char *argument);
/* The series, gaps and skipped rows remarked on; NULL with the failure said and @code set. */
struct sense_series *data_load(struct data_request *request, int *code);
void data_release(struct data_request *request);

#endif
