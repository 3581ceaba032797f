// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of several devices at once in one thread: every device that
 * streams, for some seconds.
 *
 *	./several-devices [SECONDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sense/clock.h>
#include <sense/error.h>
#include <sense/stream.h>

#define MOST 30

static struct sense_stream *streams[MOST];
static unsigned int count;

static void open_all(void)
{
	struct sense_device_list *list = sense_device_list_new();

	for (unsigned int i = 0; list && i < sense_device_list_get_count(list) && count < MOST; i++) {
		struct sense_device_info *info = sense_device_list_get(list, i);
		struct sense_device *device = NULL;

		if (sense_device_info_get_features(info) & SENSE_FEATURE_STREAM)
			device = sense_device_open(sense_device_info_get_id(info));
		if (!device)
			continue;
		streams[count] = sense_stream_open(device, NULL);
		sense_device_close(device);
		if (streams[count] && !sense_stream_start(streams[count])) {
			count++;
			continue;
		}
		fprintf(stderr, "several-devices: %s\n", sense_error_last()->sentence);
		sense_stream_close(streams[count]);
	}
	sense_device_list_free(list);
}

int main(int argc, char **argv)
{
	int64_t end = sense_clock_now_ns() + (int64_t)((argc > 1 ? atof(argv[1]) : 5) * 1e9);
	int failed = 0;

	open_all();
	while (count && !failed && sense_clock_now_ns() < end) {
		int ready = sense_stream_wait(streams, count, 200000000);

		failed = ready < 0;
		for (unsigned int i = 0; !failed && i < count; i++) {
			struct sense_frame *frame;
			int rc = 0;

			/* Timeout 0 takes the full frames there are and does not wait. */
			while (ready & 1 << i && (rc = sense_stream_read(streams[i], 0, &frame)) > 0)
				sense_frame_release(frame);
			failed |= rc < 0;
		}
	}
	if (failed)
		fprintf(stderr, "several-devices: %s\n", sense_error_last()->sentence);
	for (unsigned int i = 0; i < count; i++) {
		struct sense_stream_counts counts;

		sense_stream_get_counts(streams[i], &counts);
		printf("%s: %llu scans, %llu gaps\n",
		       sense_device_info_get_id(sense_stream_get_info(streams[i])),
		       (unsigned long long)counts.scans, (unsigned long long)counts.gaps);
		failed |= !counts.scans;
		sense_stream_close(streams[i]);
	}
	return count ? failed : 3;
}
