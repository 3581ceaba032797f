// SPDX-License-Identifier: GPL-2.0-or-later
#include "archive.h"

#include <inttypes.h>
#include <stdio.h>

#include "command.h"
#include "say.h"

struct sense_record_reader *archive_open(const char *path)
{
	struct sense_record_reader *reader = sense_record_reader_open(path);

	if (!reader)
		say_library_as(EXIT_ENVIRONMENT);
	return reader;
}

const struct sense_record_stream *archive_stream(struct sense_record_reader *reader,
						 const char *path, int64_t number, int *code)
{
	unsigned int count = sense_record_reader_get_stream_count(reader);
	char names[512] = "";
	size_t at = 0;

	if (!count) {
		*code = say_fail(EXIT_ENVIRONMENT, "it was opened for recording, but no stream began",
				 "%s holds no samples", path);
		return NULL;
	}
	for (unsigned int i = 0; i < count; i++) {
		const struct sense_record_stream *stream = sense_record_reader_get_stream(reader, i);

		if (stream->stream == number || (!number && count == 1))
			return stream;
		if (at < sizeof(names))
			at += (size_t)snprintf(names + at, sizeof(names) - at,
					       "%s%" PRId64 " (%s, %s)", i ? ", " : "",
					       stream->stream, stream->device_id, stream->started);
	}
	if (number)
		*code = say_fail(EXIT_USAGE, NULL, "%s has no stream %" PRId64 ", only %s", path,
				 number, names);
	else
		*code = say_fail(EXIT_USAGE, "name one with --stream", "%s has %u streams: %s", path,
				 count, names);
	return NULL;
}
