// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of the stages run together, from a configuration: devices
 * are read, calibrated and recorded, and once a second the newest values show.
 *
 *	./run-pipeline CONFIGURATION [SECONDS]
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sense/error.h>
#include <sense/pipeline.h>

static int fail(void)
{
	const struct sense_error *error = sense_error_last();

	fprintf(stderr, "run-pipeline: %s\n  %s\n", error->sentence, error->remedy);
	return error->code == ENODEV ? 3 : 4;
}

static void print_latest(const struct sense_pipeline *pipeline)
{
	struct sense_pipeline_status status;
	struct sense_latest latest;

	for (unsigned int s = 0; s < sense_pipeline_get_stream_count(pipeline); s++) {
		const struct sense_stream *stream = sense_pipeline_get_stream(pipeline, s);
		struct sense_layout *layout = sense_stream_get_layout(stream);

		for (unsigned int c = 0; c < sense_layout_get_channel_count(layout); c++)
			if (!sense_pipeline_get_latest(pipeline, s, c, &latest))
				printf("%s %.6g %s, %.0f ms old  ",
				       sense_channel_info_get_name(
					       sense_layout_get_channel(layout, c)),
				       latest.value, sense_pipeline_get_unit(pipeline, s, c),
				       1e-6 * (double)latest.age_ns);
	}
	sense_pipeline_get_status(pipeline, &status);
	printf("| %" PRIu64 " scans durable, %" PRIu64 " dropped\n", status.record.scans,
	       status.scans_dropped);
}

int main(int argc, char **argv)
{
	double seconds = argc > 2 ? atof(argv[2]) : 5;
	struct sense_pipeline *pipeline;
	struct sense_config *config;
	int ended = 0;

	if (argc < 2)
		return fprintf(stderr, "usage: run-pipeline CONFIGURATION [SECONDS]\n"), 2;
	config = sense_config_load(argv[1]);
	if (!config)
		return fail();
	pipeline = sense_pipeline_new(config);
	sense_config_free(config);
	if (!pipeline || sense_pipeline_start(pipeline) < 0)
		return fail();
	for (; seconds > 0 && !ended; seconds -= 1) {
		/* 1: it ended by itself, because a device went or the disk is full. */
		ended = sense_pipeline_wait(pipeline, INT64_C(1000000000));
		print_latest(pipeline);
	}
	/* Everything read is durable when this returns; why it ended, if it did, comes back. */
	if (sense_pipeline_stop(pipeline) < 0)
		return fail();
	sense_pipeline_free(pipeline);
	return 0;
}
