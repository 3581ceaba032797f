// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of a control loop's view: one thread reads the short buffer,
 * another takes the newest value of a channel with its age, 10 times a second.
 *
 *	./read-latest [DEVICE [TURNS]]
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <sense/error.h>
#include <sense/stream.h>

static atomic_int over;

static void *read_stream(void *stream)
{
	struct sense_frame *frame;
	int rc;

	/* The loop wants values, not frames: they are read to be let go. */
	while (!atomic_load(&over) && (rc = sense_stream_read(stream, 100000000, &frame)) >= 0)
		if (rc)
			sense_frame_release(frame);
	return NULL;
}

int main(int argc, char **argv)
{
	struct sense_stream_config *config = sense_stream_config_new();
	struct sense_device *device = sense_device_open(argc > 1 ? argv[1] : NULL);
	int turns = argc > 2 ? atoi(argv[2]) : 20, seen = 0;
	struct sense_stream *stream = NULL;
	pthread_t thread;

	/* Buffer 1 is short and wakes its reader at every scan; not every device has it. */
	if (device && sense_device_info_get_features(sense_device_get_info(device)) &
			      SENSE_FEATURE_LOOP_BUFFER)
		sense_stream_config_set_buffer(config, 1);
	if (device)
		stream = sense_stream_open(device, config);
	sense_stream_config_free(config);
	sense_device_close(device);
	if (!stream || sense_stream_start(stream) < 0) {
		fprintf(stderr, "read-latest: %s\n  %s\n", sense_error_last()->sentence,
			sense_error_last()->remedy);
		sense_stream_close(stream);
		return 4;
	}
	pthread_create(&thread, NULL, read_stream, stream);
	for (int i = 0; i < turns; i++) {
		struct sense_latest latest;

		nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
		if (sense_stream_get_latest(stream, 0, &latest) < 0)
			continue;
		printf("scan %llu: %.6g, %.3f ms old%s\n", (unsigned long long)latest.sequence,
		       latest.value, (double)latest.age_ns * 1e-6,
		       latest.quality & SENSE_QUALITY_FAULT ? ", sensor fault" : "");
		seen++;
	}
	atomic_store(&over, 1);
	pthread_join(thread, NULL);
	sense_stream_close(stream);
	return seen ? 0 : 1;
}
