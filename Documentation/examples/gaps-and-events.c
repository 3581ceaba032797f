// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of accounting for every scan: stream for some seconds, print
 * each gap and event, and show that scans delivered and missing add up.
 *
 *	./gaps-and-events [DEVICE [SECONDS]]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sense/clock.h>
#include <sense/error.h>
#include <sense/stream.h>

static uint64_t present, missing, first = SENSE_SEQUENCE_NONE, end;

static void cover(uint64_t from, uint64_t count)
{
	if (from < first)
		first = from;
	if (from + count > end)
		end = from + count;
}

static void take(struct sense_frame *frame)
{
	/* Slots at the end of a frame that are missing are part of a gap told later. */
	if (sense_frame_get_present_count(frame))
		cover(sense_frame_get_first_sequence(frame), sense_frame_get_count(frame));
	present += sense_frame_get_present_count(frame);
	for (unsigned int i = 0; i < sense_frame_get_gap_count(frame); i++) {
		const struct sense_gap *gap = sense_frame_get_gap(frame, i);

		printf("gap: %" PRIu64 " scans from %" PRIu64 ", cause %s\n", gap->count,
		       gap->first_sequence, sense_gap_cause_name(gap->cause));
		missing += gap->count;
		cover(gap->first_sequence, gap->count);
	}
	sense_frame_release(frame);
}

int main(int argc, char **argv)
{
	struct sense_device *device = sense_device_open(argc > 1 ? argv[1] : NULL);
	struct sense_stream *stream = device ? sense_stream_open(device, NULL) : NULL;
	int64_t until = sense_clock_now_ns() +
			(int64_t)((argc > 2 ? atof(argv[2]) : 5) * 1e9);
	struct sense_frame *frame;
	struct sense_event event;
	int rc = -1;

	if (stream && !sense_stream_start(stream)) {
		while ((rc = sense_stream_read(stream, 500000000, &frame)) >= 0) {
			if (rc)
				take(frame);
			/* After the stop, what the kernel still holds is read until -ENODATA. */
			if (sense_clock_now_ns() >= until)
				sense_stream_stop(stream);
			while (sense_stream_read_event(stream, &event))
				printf("%s: %s\n", sense_event_type_name(event.type), event.message);
		}
		while (sense_stream_read_event(stream, &event))
			printf("%s: %s\n", sense_event_type_name(event.type), event.message);
	}
	fprintf(stderr, "gaps-and-events: %s\n", sense_error_last()->sentence);
	printf("scans %" PRIu64 " + missing %" PRIu64 " = %" PRIu64 "; numbers %" PRIu64 " to %" PRIu64
	       " are %" PRIu64 "\n", present, missing, present + missing, first, end - 1, end - first);
	sense_stream_close(stream);
	sense_device_close(device);
	return present && present + missing == end - first ? 0 : 1;
}
