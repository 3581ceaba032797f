// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gaps BUFFER RATE SECONDS [LENGTH [PAUSE_MS]]: stream the only device through libsense and print
 * its own account of it, for comparison with the card's:
 *   gap FIRST COUNT CAUSE       one line per gap
 *   end FIRST NEXT DELIVERED LOST
 * [FIRST, NEXT) is what the stream answers for. With PAUSE_MS the reader sleeps between frames.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <sense/sense.h>

/* A buffer that joins a running card answers for what comes after, not for what was before. */
static uint64_t first = UINT64_MAX, next, delivered, lost;

static void answer_for(uint64_t from, uint64_t count)
{
	if (from < first)
		first = from;
	if (from + count > next)
		next = from + count;
}

static int fail(const char *doing)
{
	const struct sense_error *e = sense_error_last();

	fprintf(stderr, "gaps: %s: %s (%s)\n", doing, e->sentence, e->remedy);
	return e->code == ENODEV ? 3 : 4;
}

static void take(struct sense_frame *frame)
{
	for (unsigned int i = 0; i < sense_frame_get_gap_count(frame); i++) {
		const struct sense_gap *gap = sense_frame_get_gap(frame, i);

		printf("gap %" PRIu64 " %" PRIu64 " %s\n", gap->first_sequence, gap->count,
		       sense_gap_cause_name(gap->cause));
		lost += gap->count;
		answer_for(gap->first_sequence, gap->count);
	}
	for (uint32_t i = 0; i < sense_frame_get_count(frame); i++)
		if (sense_frame_is_present(frame, i)) {
			answer_for(sense_frame_get_first_sequence(frame) + i, 1);
			delivered++;
		}
	sense_frame_release(frame);
}

int main(int argc, char **argv)
{
	struct sense_stream_config *config = sense_stream_config_new();
	struct sense_device *device = sense_device_open(NULL);
	struct sense_stream *stream;
	struct sense_frame *frame;
	struct timespec now, pause = { 0 };
	double end;
	int ret;

	if (argc < 4)
		return 2;
	if (!device)
		return fail("open");
	sense_stream_config_set_buffer(config, (unsigned int)atoi(argv[1]));
	sense_stream_config_set_rate_hz(config, atof(argv[2]));
	if (argc > 4)
		sense_stream_config_set_buffer_scans(config, (uint32_t)atoi(argv[4]));
	if (argc > 5)
		pause.tv_nsec = atol(argv[5]) * 1000000;
	stream = sense_stream_open(device, config);
	if (!stream || sense_stream_start(stream) < 0)
		return fail("start");
	clock_gettime(CLOCK_MONOTONIC, &now);
	end = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec + atof(argv[3]);
	do {
		ret = sense_stream_read(stream, 100000000, &frame);
		if (ret == 1)
			take(frame);
		if (pause.tv_nsec)
			nanosleep(&pause, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (ret >= 0 && (double)now.tv_sec + 1e-9 * (double)now.tv_nsec < end);
	if (ret < 0)
		return fail("read");
	sense_stream_stop(stream);
	while ((ret = sense_stream_read(stream, 1000000000, &frame)) == 1)
		take(frame);
	if (ret != -ENODATA)
		return fail("read the rest");
	printf("end %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", first, next, delivered, lost);
	sense_stream_close(stream);
	sense_device_close(device);
	sense_stream_config_free(config);
	return 0;
}
