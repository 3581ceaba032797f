// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of streaming: frames of one device, the mean of each
 * channel in each, for some seconds.
 *
 *	./stream-frames [DEVICE [SECONDS]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sense/error.h>
#include <sense/stream.h>

static int fail(void)
{
	const struct sense_error *error = sense_error_last();

	fprintf(stderr, "stream-frames: %s\n  %s\n", error->sentence, error->remedy);
	return 4;
}

static void print_means(const struct sense_frame *frame)
{
	const struct sense_layout *layout = sense_frame_get_layout(frame);
	uint32_t count = sense_frame_get_count(frame);

	printf("%llu", (unsigned long long)sense_frame_get_first_sequence(frame));
	for (unsigned int c = 0; c < sense_layout_get_channel_count(layout); c++) {
		const struct sense_channel_info *info = sense_layout_get_channel(layout, c);
		const int32_t *raw = sense_frame_get_raw(frame, c);
		uint32_t good = 0;
		double sum = 0;

		for (uint32_t i = 0; i < count; i++) {
			/* A missing scan keeps its slot, and a faulty sensor its number. */
			if (sense_frame_get_quality(frame, c, i) &
			    (SENSE_QUALITY_MISSING | SENSE_QUALITY_FAULT))
				continue;
			sum += raw[i];
			good++;
		}
		printf("  %s %.6g %s", sense_channel_info_get_name(info),
		       (sum / good + sense_channel_info_get_offset(info)) *
			       sense_channel_info_get_scale(info),
		       sense_channel_info_get_unit(info));
	}
	printf("\n");
}

int main(int argc, char **argv)
{
	struct sense_device *device = sense_device_open(argc > 1 ? argv[1] : NULL);
	struct sense_stream *stream = device ? sense_stream_open(device, NULL) : NULL;
	double seconds = argc > 2 ? atof(argv[2]) : 5;
	uint64_t scans = 0, wanted;
	struct sense_frame *frame;
	int rc;

	/* The stream keeps what it needs of the device. */
	sense_device_close(device);
	if (!stream || sense_stream_start(stream) < 0)
		return fail();
	wanted = (uint64_t)(seconds * sense_layout_get_rate_hz(sense_stream_get_layout(stream)));
	while (scans < wanted && (rc = sense_stream_read(stream, -1, &frame)) > 0) {
		print_means(frame);
		scans += sense_frame_get_count(frame);
		sense_frame_release(frame);
	}
	rc = scans < wanted ? fail() : 0;
	sense_stream_close(stream);
	return rc;
}
