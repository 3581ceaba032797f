// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of writing a record out as CSV, for pandas.read_csv() or
 * Octave's importdata(); with "json" as JSON lines.
 *
 *	./dump-record FILE [csv|json] >bath.csv
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sense/error.h>
#include <sense/record.h>

static int fail(void)
{
	const struct sense_error *error = sense_error_last();

	fprintf(stderr, "dump-record: %s\n  %s\n", error->sentence, error->remedy);
	return 4;
}

int main(int argc, char **argv)
{
	struct sense_dump_options options = {
		.format = SENSE_DUMP_CSV,
		.stream = 0,			/* the first there is */
		.first_sequence = 0,
		.last_sequence = UINT64_MAX,	/* to the end */
	};
	struct sense_record_reader *reader;
	int64_t lines;

	if (argc < 2 || argc > 3)
		return fprintf(stderr, "usage: dump-record FILE [csv|json]\n"), 2;
	if (argc == 3 && !strcmp(argv[2], "json"))
		options.format = SENSE_DUMP_JSON;
	reader = sense_record_reader_open(argv[1]);
	if (!reader)
		return fail();
	lines = sense_record_dump(reader, &options, stdout);
	sense_record_reader_close(reader);
	if (lines < 0)
		return fail();
	fprintf(stderr, "%" PRId64 " lines, a missing scan being one without values\n", lines);
	return 0;
}
