// SPDX-License-Identifier: GPL-2.0-or-later
/* sense dump - a record as CSV or JSON lines. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include <sense/sense.h>

#include "archive.h"
#include "command.h"
#include "flags.h"
#include "say.h"

enum { KEY_FROM = 256, KEY_TO, KEY_RAW, KEY_STREAM };

static const struct flag flags[] = {
	{ 'f', "format", "csv|json", "CSV (default) or JSON lines" },
	{ 'o', "output", "FILE", "write there instead of standard output" },
	{ KEY_STREAM, "stream", "NUMBER", "which stream of the record; needed when it has several" },
	{ KEY_FROM, "from", "SEQUENCE", "from this scan on" },
	{ KEY_TO, "to", "SEQUENCE", "up to and with this scan" },
	{ KEY_RAW, "raw", NULL, "raw counts instead of values" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "FILE [OPTION]...",
	.about = "Write a record out, one line per scan, in SI units or degC. A missing scan is a line\n"
		 "without values. The record may still be written to.",
	.flags = flags,
	.notes = "Examples:\n"
		 "  sense dump run.sense -o run.csv\n"
		 "  python3 -c 'import pandas; print(pandas.read_csv(\"run.csv\").describe())'\n"
		 "  sense dump run.sense --from 1000 --to 1009 --raw",
};

int command_dump(int argc, char **argv)
{
	struct sense_dump_options options = { .format = SENSE_DUMP_CSV, .last_sequence = UINT64_MAX };
	const struct sense_record_stream *stream;
	struct sense_record_reader *reader;
	const char *path, *output = NULL;
	FILE *file = stdout;
	uint64_t number = 0;
	int64_t lines;
	int key = FLAGS_END, code = 0, said = 0;

	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		switch (key) {
		case 'f':
			said = 1;
			if (strcmp(optarg, "csv") == 0)
				options.format = SENSE_DUMP_CSV;
			else if (strcmp(optarg, "json") == 0)
				options.format = SENSE_DUMP_JSON;
			else
				code = say_fail(EXIT_USAGE, "say csv or json",
						"there is no format '%s'", optarg);
			break;
		case 'o':
			output = optarg;
			break;
		case KEY_STREAM:
			code = flags_uint("stream", optarg, 1, INT64_MAX, &number);
			break;
		case KEY_FROM:
			code = flags_uint("from", optarg, 0, UINT64_MAX, &options.first_sequence);
			break;
		case KEY_TO:
			code = flags_uint("to", optarg, 0, UINT64_MAX, &options.last_sequence);
			break;
		case KEY_RAW:
			options.raw = 1;
			break;
		}
	}
	if (code || key == FLAGS_STOP)
		return code ? code : flags_exit();
	code = flags_operands(&usage, argc, 1, 1);
	if (code)
		return code;
	path = argv[optind];
	if (say_is_json() && !said)
		options.format = SENSE_DUMP_JSON;
	if (options.last_sequence < options.first_sequence)
		return say_fail(EXIT_USAGE, NULL,
				"--to %" PRIu64 " comes before --from %" PRIu64,
				options.last_sequence, options.first_sequence);

	reader = archive_open(path);
	if (!reader)
		return EXIT_ENVIRONMENT;
	stream = archive_stream(reader, path, (int64_t)number, &code);
	if (stream && output) {
		file = fopen(output, "we");
		if (!file)
			code = say_fail(EXIT_ENVIRONMENT, "name a file that can be written",
					"cannot write %s: %s", output, strerror(errno));
	}
	if (stream && !code) {
		options.stream = stream->stream;
		lines = sense_record_dump(reader, &options, file);
		if (lines < 0 && sense_error_last()->code == EPIPE)
			code = EXIT_ENVIRONMENT; /* who reads has seen enough */
		else if (lines < 0 && ferror(file))
			code = say_fail(EXIT_ENVIRONMENT, "make room on its disk",
					"cannot write %s: %s", output ? output : "standard output",
					strerror(sense_error_last()->code));
		else if (lines < 0)
			code = say_library_as(EXIT_ENVIRONMENT);
		else
			code = say_done(file, output ? output : "standard output");
		if (file != stdout && fclose(file) && !code)
			code = say_fail(EXIT_ENVIRONMENT, "make room on its disk",
					"cannot write %s: %s", output, strerror(errno));
	}
	sense_record_reader_close(reader);
	return code;
}
