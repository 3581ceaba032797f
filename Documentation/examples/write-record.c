// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimal example of writing a record from a source of one's own: ten seconds
 * of a made-up thermometer at 100 Hz, of which three scans got lost.
 *
 *	./write-record FILE
 */
#include <math.h>
#include <stdio.h>
#include <sense/clock.h>
#include <sense/error.h>
#include <sense/record.h>

#define RATE_HZ 100
#define BLOCK 50

static int fail(void)
{
	const struct sense_error *error = sense_error_last();

	fprintf(stderr, "write-record: %s\n  %s\n", error->sentence, error->remedy);
	return 4;
}

int main(int argc, char **argv)
{
	const struct sense_record_source source = { .device_name = "made-up", .simulated = 1 };
	struct sense_layout *layout = sense_layout_new("made-up-1", BLOCK);
	struct sense_record *record;
	struct sense_frame *frame;
	int64_t stream, start = sense_clock_now_ns();

	if (argc != 2)
		return fprintf(stderr, "usage: write-record FILE\n"), 2;
	/* value = (raw + offset) * scale: a count is a microohm here. */
	if (sense_layout_add_channel(layout, "bath", SENSE_KIND_RTD, 1e-6, 0) < 0)
		return fail();
	sense_layout_set_rate_hz(layout, RATE_HZ);
	frame = sense_frame_new(layout);
	record = sense_record_create(argv[1], NULL);
	if (!record)
		return fail();
	stream = sense_record_begin_stream(record, layout, &source, NULL);
	if (stream < 0)
		return fail();

	sense_frame_clear(frame, 0);
	for (uint64_t i = 0; i < 10 * RATE_HZ; i++) {
		int32_t raw = (int32_t)(108e6 + 1e4 * sin((double)i / 50));
		struct sense_scan scan = { .sequence = i, .raw = &raw,
					   .time_ns = start + (int64_t)i * (1000000000 / RATE_HZ),
					   .flags = SENSE_SCAN_SIMULATED };

		if (i >= 333 && i < 336)
			continue;
		if (sense_frame_put(frame, &scan) < 0)
			return fail();
		if (i % BLOCK != BLOCK - 1)
			continue;
		if (sense_record_append(record, stream, frame) < 0)
			return fail();
		sense_frame_clear(frame, i + 1);
		/* Durable once a second: when this returns, the scans survive a power failure. */
		if (i % RATE_HZ == RATE_HZ - 1 && sense_record_commit(record) < 0)
			return fail();
	}
	if (sense_record_close(record) < 0)
		return fail();
	sense_frame_release(frame);
	sense_layout_unref(layout);
	printf("wrote %s; look inside: sqlite3 %s 'SELECT * FROM gap'\n", argv[1], argv[1]);
	return 0;
}
