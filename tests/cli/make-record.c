// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * make-record FILE [SCANS [RATE_HZ]] - a record for the black-box tests, made through the public
 * headers alone: a bath's Pt100, CO2, humidity and a current loop; scans 300 to 349 are missing,
 * the bath's sensor is at fault from 500 to 519. Every value follows from its scan number.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <sense/sense.h>

enum { CHANNELS = 4, BLOCK = 100 };
/* 2026-11-20 12:00:00 UTC, in TAI */
#define TIME0_NS INT64_C(1795176037000000000)

static int fail(void)
{
	fprintf(stderr, "make-record: %s\n", sense_error_last()->sentence);
	return 4;
}

static void raw_of(uint64_t i, double rate_hz, int32_t raw[CHANNELS])
{
	double t = (double)i / rate_hz;
	struct sense_rtd rtd = sense_rtd_iec60751(100);
	double noise = 1e-4 * (double)(i * 2654435761u % 2001 - 1000.0) / 1000.0;
	double bath = 23 + 2 * (1 - exp(-t / 2)) + 0.02 * sin(7 * t) + 10 * noise;

	raw[0] = (int32_t)lround(sense_rtd_resistance_ohm(&rtd, bath) / 1e-6);
	raw[1] = (int32_t)lround((600e-6 + 150e-6 * sin(t / 3)) / 1e-9);
	raw[2] = (int32_t)lround((0.45 + 0.03 * cos(t)) / 1e-6);
	raw[3] = (int32_t)lround((12e-3 + 4e-3 * sin(2 * t)) / 1e-8);
}

int main(int argc, char **argv)
{
	uint64_t scans = argc > 2 ? strtoull(argv[2], NULL, 10) : 1000;
	double rate_hz = argc > 3 ? atof(argv[3]) : 100;
	struct sense_layout *layout = sense_layout_new("test-card-0042", BLOCK);
	struct sense_record *record;
	struct sense_frame *frame;
	struct sense_event event;
	int64_t stream;

	if (argc < 2)
		return 2;
	sense_layout_add_channel(layout, "bath", SENSE_KIND_RTD, 1e-6, 0);
	sense_layout_add_channel(layout, "co2", SENSE_KIND_CO2, 1e-9, 0);
	sense_layout_add_channel(layout, "humidity", SENSE_KIND_HUMIDITY, 1e-6, 0);
	sense_layout_add_channel(layout, "flow", SENSE_KIND_CURRENT_LOOP, 1e-8, 0);
	sense_layout_set_rate_hz(layout, rate_hz);
	record = sense_record_create(argv[1], NULL);
	if (!record)
		return fail();
	stream = sense_record_begin_stream(record, layout, NULL, "version: 1\n");
	if (stream < 0)
		return fail();
	frame = sense_frame_new(layout);
	for (uint64_t block = 0; block < scans; block += BLOCK) {
		int any = 0;

		sense_frame_clear(frame, block);
		for (uint64_t i = block; i < block + BLOCK && i < scans; i++) {
			int32_t raw[CHANNELS];
			struct sense_scan scan = {
				.sequence = i,
				.counter = i,
				.time_ns = TIME0_NS + (int64_t)llround(1e9 * (double)i / rate_hz),
				.fault = i >= 500 && i < 520,
				.flags = SENSE_SCAN_SIMULATED,
				.raw = raw,
			};

			if (i >= 300 && i < 350)
				continue;
			raw_of(i, rate_hz, raw);
			any = 1;
			if (sense_frame_put(frame, &scan))
				return fail();
		}
		if (any && sense_record_append(record, stream, frame))
			return fail();
	}
	sense_event_init(&event, SENSE_EVENT_GAP, SENSE_SEVERITY_WARNING, "test-card-0042",
			 "50 scans are missing from 300 on: the kernel buffer was full");
	event.time_ns = TIME0_NS + 3500000000;
	event.sequence = 300;
	event.count = 50;
	event.cause = SENSE_GAP_KERNEL;
	if (sense_record_append_event(record, stream, &event))
		return fail();
	sense_event_init(&event, SENSE_EVENT_OPERATOR, SENSE_SEVERITY_INFO, "bath",
			 "door opened");
	event.time_ns = TIME0_NS + 4000000000;
	snprintf(event.author, sizeof(event.author), "ada");
	if (sense_record_append_event(record, stream, &event))
		return fail();
	sense_frame_release(frame);
	sense_layout_unref(layout);
	return sense_record_close(record) ? fail() : 0;
}
