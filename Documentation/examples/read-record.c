// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of reading a record, also while it is being written: its
 * streams, the mean of the first channel frame by frame, its gaps and events.
 *
 *	./read-record FILE
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sense/error.h>
#include <sense/record.h>

static int fail(void)
{
	const struct sense_error *error = sense_error_last();

	fprintf(stderr, "read-record: %s\n  %s\n", error->sentence, error->remedy);
	return 4;
}

static void print_frame(const struct sense_frame *frame)
{
	const struct sense_channel_info *info =
		sense_layout_get_channel(sense_frame_get_layout(frame), 0);
	const int32_t *raw = sense_frame_get_raw(frame, 0);
	uint32_t good = 0;
	double sum = 0;

	for (unsigned int i = 0; i < sense_frame_get_gap_count(frame); i++) {
		const struct sense_gap *gap = sense_frame_get_gap(frame, i);

		printf("  gap at %" PRIu64 ": %" PRIu64 " scans, %s\n", gap->first_sequence,
		       gap->count, sense_gap_cause_name(gap->cause));
	}
	for (uint32_t i = 0; i < sense_frame_get_count(frame); i++) {
		if (sense_frame_get_quality(frame, 0, i) &
		    (SENSE_QUALITY_MISSING | SENSE_QUALITY_FAULT))
			continue;
		sum += raw[i];
		good++;
	}
	if (good)
		printf("  %" PRIu64 ": %s %.6f %s\n", sense_frame_get_first_sequence(frame),
		       sense_channel_info_get_name(info),
		       (sum / good + sense_channel_info_get_offset(info)) *
			       sense_channel_info_get_scale(info),
		       sense_channel_info_get_unit(info));
}

static int print_event(void *context, int64_t stream, const struct sense_event *event)
{
	printf("  %s: %s: %s\n", sense_event_type_name(event->type), event->object, event->message);
	return 0;
}

int main(int argc, char **argv)
{
	struct sense_record_reader *reader;
	const struct sense_frame *frame;
	int rc;

	if (argc != 2)
		return fprintf(stderr, "usage: read-record FILE\n"), 2;
	reader = sense_record_reader_open(argv[1]);
	if (!reader)
		return fail();
	for (unsigned int i = 0; i < sense_record_reader_get_stream_count(reader); i++) {
		const struct sense_record_stream *stream =
			sense_record_reader_get_stream(reader, i);

		printf("stream %" PRId64 " of %s, started %s: %" PRIu64 " scans, %" PRIu64
		       " missing%s\n", stream->stream, stream->device_id, stream->started,
		       stream->scans, stream->missing, stream->simulated ? " (simulated)" : "");
		if (sense_record_reader_seek(reader, stream->stream, 0) < 0)
			return fail();
		while ((rc = sense_record_reader_next(reader, &frame)) != 0) {
			if (rc == 1)
				print_frame(frame);
			else if (rc == -EILSEQ)
				fail(); /* one damaged row: the next call goes on behind it */
			else
				return fail();
		}
		rc = sense_record_reader_each_event(reader, stream->stream, print_event, NULL);
		if (rc < 0)
			return fail();
	}
	sense_record_reader_close(reader);
	return 0;
}
