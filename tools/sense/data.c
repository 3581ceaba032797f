// SPDX-License-Identifier: GPL-2.0-or-later
#include "data.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sense/error.h>
#include <sense/record.h>

#include "archive.h"
#include "command.h"
#include "flags.h"
#include "say.h"

static int cut(char **list, const char *text, const char **names, unsigned int most,
	       unsigned int *count, const char *what)
{
	char *rest, *name;

	free(*list);
	*count = 0;
	rest = *list = strdup(text);
	if (!rest)
		return say_fail(EXIT_ENVIRONMENT, NULL, "no memory");
	while ((name = strsep(&rest, ","))) {
		if (!*name)
			continue;
		if (*count == most)
			return say_fail(EXIT_USAGE, "name fewer columns", "--%s takes %u columns at most",
					what, most);
		names[(*count)++] = name;
	}
	return 0;
}

int data_flag(struct data_request *r, int key, const char *argument)
{
	struct sense_series_source *s = &r->source;

	switch (key) {
	case DATA_FILE:
		s->path = argument;
		return 0;
	case DATA_DELIMITER:
		if (strcmp(argument, "\\t") == 0)
			argument = "\t";
		if (strlen(argument) != 1)
			return say_fail(EXIT_USAGE, "give one character", "'%s' is no delimiter",
					argument);
		s->delimiter = argument[0];
		return 0;
	case DATA_TIME:
		s->time = argument;
		return 0;
	case DATA_TIME_FORMAT:
		s->time_format = argument;
		return 0;
	case DATA_OUTPUT:
		return cut(&r->output_list, argument, s->output, SENSE_SERIES_MAX_OUTPUTS, &s->outputs,
			   "output");
	case DATA_INPUTS:
		return cut(&r->input_list, argument, s->input, SENSE_SERIES_MAX_INPUTS, &s->inputs,
			   "inputs");
	case DATA_SKIP_INVALID:
		s->skip_invalid = 1;
		return 0;
	case DATA_STREAM:
		return flags_uint("stream", argument, 1, INT64_MAX, &r->stream);
	}
	return -1;
}

void data_release(struct data_request *r)
{
	free(r->output_list);
	free(r->input_list);
}

/* ---- records ------------------------------------------------------------------------ */

static int is_record(const char *path)
{
	char head[16] = "";
	FILE *file = fopen(path, "re");
	size_t got = file ? fread(head, 1, sizeof(head), file) : 0;

	if (file)
		fclose(file);
	return got == sizeof(head) && memcmp(head, "SQLite format 3", 16) == 0;
}

struct rows {
	unsigned int count, room, skipped;
	int64_t *time_ns;
	double *y, *u;
};

static int put(struct rows *rows, const struct sense_series_source *s,
	       const struct sense_frame *frame, uint32_t i, const int *channel)
{
	unsigned int n = s->outputs + s->inputs, at = rows->count;

	if (at == rows->room) {
		rows->room = rows->room ? 2 * rows->room : 4096;
		rows->time_ns = realloc(rows->time_ns, rows->room * sizeof(*rows->time_ns));
		rows->y = realloc(rows->y, (size_t)rows->room * s->outputs * sizeof(*rows->y));
		rows->u = realloc(rows->u, ((size_t)rows->room * s->inputs + 1) * sizeof(*rows->u));
		if (!rows->time_ns || !rows->y || !rows->u)
			return say_fail(EXIT_ENVIRONMENT, NULL, "no memory for %u rows", rows->room);
	}
	for (unsigned int j = 0; j < n; j++) {
		double v = sense_frame_get_value(frame, (unsigned int)channel[j])[i];

		if (!isfinite(v)) {
			if (s->skip_invalid) {
				rows->skipped++;
				return 0;
			}
			return say_fail(EXIT_USAGE, "leave such scans out with --skip-invalid",
					"%s: scan %llu has no reading of channel %s", s->path,
					(unsigned long long)(sense_frame_get_first_sequence(frame) + i),
					j < s->outputs ? s->output[j] : s->input[j - s->outputs]);
		}
		if (j < s->outputs)
			rows->y[at * s->outputs + j] = v;
		else
			rows->u[at * s->inputs + j - s->outputs] = v;
	}
	rows->time_ns[at] = sense_frame_get_time_ns(frame)[i];
	rows->count++;
	return 0;
}

static int read_rows(struct sense_record_reader *reader, const struct sense_record_stream *stream,
		     const struct sense_series_source *s, struct rows *rows)
{
	int channel[SENSE_SERIES_MAX_OUTPUTS + SENSE_SERIES_MAX_INPUTS], result = 0, code = 0;
	const struct sense_frame *frame;

	for (unsigned int j = 0; j < s->outputs + s->inputs; j++) {
		channel[j] = sense_layout_find_channel(stream->layout, j < s->outputs ?
							       s->output[j] : s->input[j - s->outputs]);
		if (channel[j] < 0)
			return say_library_as(EXIT_USAGE);
	}
	if (sense_record_reader_seek(reader, stream->stream, 0))
		return say_library();
	while (!code && (result = sense_record_reader_next(reader, &frame)) == 1)
		for (uint32_t i = 0; !code && i < sense_frame_get_count(frame); i++)
			if (sense_frame_is_present(frame, i))
				code = put(rows, s, frame, i, channel);
	return code ? code : result < 0 ? say_library() : 0;
}

static struct sense_series *load_record(struct data_request *r, int *code)
{
	const struct sense_series_source *s = &r->source;
	struct sense_record_reader *reader = archive_open(s->path);
	const struct sense_record_stream *stream;
	struct sense_series *series = NULL;
	struct rows rows = { 0 };

	if (!reader) {
		*code = EXIT_ENVIRONMENT;
		return NULL;
	}
	stream = archive_stream(reader, s->path, (int64_t)r->stream, code);
	if (stream)
		*code = read_rows(reader, stream, s, &rows);
	if (stream && !*code) {
		series = sense_series_new(rows.count, rows.time_ns, s->outputs, s->output, rows.y,
					  s->inputs, s->input, rows.u);
		if (!series)
			*code = say_library_as(EXIT_USAGE);
		if (rows.skipped)
			say_note("%s: %u scans without a reading are left out", s->path, rows.skipped);
	}
	free(rows.time_ns);
	free(rows.y);
	free(rows.u);
	sense_record_reader_close(reader);
	return series;
}

/* ---- both --------------------------------------------------------------------------- */

struct sense_series *data_load(struct data_request *r, int *code)
{
	const struct sense_series_source *s = &r->source;
	struct sense_series *series;
	double longest;
	unsigned int row, gaps;

	*code = EXIT_USAGE;
	if (!s->path || !s->outputs) {
		say_fail(EXIT_USAGE, "give --data FILE and --output COL",
			 "it is not said %s", s->path ? "what is measured" : "where the data are");
		return NULL;
	}
	*code = 0;
	if (is_record(s->path)) {
		series = load_record(r, code);
	} else {
		if (!s->time) {
			*code = say_fail(EXIT_USAGE, "give --time COL",
					 "it is not said which column has the times");
			return NULL;
		}
		series = sense_series_load(s);
		if (!series) {
			int error = sense_error_last()->code;

			*code = say_library_as(error == EBADMSG || error == ENODATA ||
							       error == EINVAL ?
						       EXIT_USAGE : EXIT_ENVIRONMENT);
		}
	}
	if (!series)
		return NULL;
	gaps = sense_series_get_gaps(series, &longest, &row);
	if (gaps)
		say_note("%s: %u gap%s of more than ten periods, the longest of %.6g s before row %u",
			 s->path, gaps, gaps == 1 ? "" : "s", longest, row);
	if (sense_series_get_skipped(series))
		say_note("%s: %u rows without a reading are left out", s->path,
			 sense_series_get_skipped(series));
	return series;
}
