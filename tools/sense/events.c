// SPDX-License-Identifier: GPL-2.0-or-later
/* sense events - what happened besides samples, in a record or at a device now. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sense/sense.h>

#include "archive.h"
#include "command.h"
#include "describe.h"
#include "flags.h"
#include "say.h"
#include "stop.h"
#include "watch.h"

enum { KEY_DEVICE = 256, KEY_STREAM, KEY_TYPE, KEY_SEVERITY };

static const struct flag flags[] = {
	{ 'd', "device", "DEVICE", "listen to a device instead of reading a record" },
	{ 'f', "follow", NULL, "go on as more come, until Ctrl-C" },
	{ KEY_STREAM, "stream", "NUMBER", "of this stream of the record only" },
	{ KEY_TYPE, "type", "TYPE", "of this type only: gap, fault, clock-step, ..." },
	{ KEY_SEVERITY, "severity", "LEAST", "info, notice, warning, error or critical, and above" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "FILE | --device DEVICE [OPTION]...",
	.about = "Print gaps, faults, clock steps, configuration, operator actions and the like, oldest\n"
		 "first. On a pipe: time, severity, type, object, author, message, tab-separated.",
	.flags = flags,
	.notes = "Examples:\n"
		 "  sense events run.sense --type gap\n"
		 "  sense events --device sense-pcie --severity warning",
};

struct filter {
	uint32_t type, severity;
	uint64_t skip, seen; /* when a record is read again for more */
	int32_t tai_offset_s;
	struct sense_record_reader *reader;
};

static void print_event(const struct filter *filter, const struct sense_event *event,
			int64_t stream, int32_t tai_offset_s)
{
	if (filter->type && event->type != filter->type)
		return;
	if (event->severity < filter->severity)
		return;
	if (say_is_json()) {
		json_t *object = describe_event(event, tai_offset_s);

		if (object && stream)
			json_object_set_new(object, "stream", json_integer(stream));
		say_json(object);
	} else {
		describe_print_event(stdout, event, tai_offset_s);
	}
}

static int32_t tai_offset(const struct filter *filter, int64_t number)
{
	unsigned int count = sense_record_reader_get_stream_count(filter->reader);

	for (unsigned int i = 0; i < count; i++) {
		const struct sense_record_stream *stream =
			sense_record_reader_get_stream(filter->reader, i);

		if (stream->stream == number || !number)
			return stream->tai_offset_s;
	}
	return 0;
}

static int each(void *context, int64_t stream, const struct sense_event *event)
{
	struct filter *filter = context;

	if (filter->seen++ < filter->skip)
		return 0;
	print_event(filter, event, stream, tai_offset(filter, stream));
	return stop_asked() || ferror(stdout);
}

static int from_record(const char *path, int64_t stream, int follow, struct filter *filter)
{
	int code = EXIT_OK, result;

	filter->reader = archive_open(path);
	if (!filter->reader)
		return EXIT_ENVIRONMENT;
	if (stream && !archive_stream(filter->reader, path, stream, &code)) {
		sense_record_reader_close(filter->reader);
		return code;
	}
	do {
		filter->seen = 0;
		result = sense_record_reader_each_event(filter->reader, stream, each, filter);
		filter->skip = filter->seen;
		fflush(stdout);
		if (result < 0)
			code = say_library_as(EXIT_ENVIRONMENT);
		else if (follow && !stop_asked())
			poll(NULL, 0, 500);
	} while (follow && !code && !stop_asked() && !ferror(stdout));
	sense_record_reader_close(filter->reader);
	return code ? code : say_done(stdout, "standard output");
}

static int stream_events(struct sense_stream *stream, const struct filter *filter)
{
	struct sense_clock_state clock = { .tai_offset_s = 0 };
	struct sense_event event;

	while (sense_stream_read_event(stream, &event) > 0) {
		sense_clock_get_state(&clock);
		print_event(filter, &event, 0, clock.tai_offset_s);
	}
	fflush(stdout);
	return ferror(stdout);
}

static int from_device(const char *id, const struct filter *filter)
{
	struct sense_device *device = sense_device_open(id);
	struct sense_stream_config *config;
	struct sense_stream *stream;
	int code = EXIT_OK, result = 0;

	if (!device)
		return say_device();
	config = sense_stream_config_new();
	watch_configure(config, device, -1, 0);
	stream = sense_stream_open(device, config);
	sense_stream_config_free(config);
	sense_device_close(device);
	if (!stream || sense_stream_start(stream)) {
		code = say_device();
		sense_stream_close(stream);
		return code;
	}
	while (!stop_asked()) {
		struct sense_frame *frame = NULL;

		result = sense_stream_read(stream, 200000000, &frame);
		sense_frame_release(frame);
		if (stream_events(stream, filter))
			break;
		if (result < 0 && result != -EINTR)
			break;
	}
	sense_stream_stop(stream);
	if (result < 0 && result != -EINTR)
		code = say_device();
	sense_stream_close(stream);
	return code ? code : say_done(stdout, "standard output");
}

int command_events(int argc, char **argv)
{
	struct filter filter = { .type = 0 };
	const char *device = NULL;
	uint64_t stream = 0;
	int key = FLAGS_END, code = 0, follow = 0;

	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		switch (key) {
		case 'd':
			device = optarg;
			break;
		case 'f':
			follow = 1;
			break;
		case KEY_STREAM:
			code = flags_uint("stream", optarg, 1, INT64_MAX, &stream);
			break;
		case KEY_TYPE:
			filter.type = sense_event_type_from_name(optarg);
			if (!filter.type)
				code = say_fail(EXIT_USAGE, "'man sense-events' lists them",
						"there is no event type '%s'", optarg);
			break;
		case KEY_SEVERITY:
			filter.severity = sense_severity_from_name(optarg);
			if (!filter.severity && strcmp(optarg, "info") != 0)
				code = say_fail(EXIT_USAGE,
						"say info, notice, warning, error or critical",
						"there is no severity '%s'", optarg);
			break;
		}
	}
	if (code || key == FLAGS_STOP)
		return code ? code : flags_exit();
	code = flags_operands(&usage, argc, device ? 0 : 1, device ? 0 : 1);
	if (code)
		return code;
	if (device || follow)
		stop_catch();
	return device ? from_device(device, &filter) :
			from_record(argv[optind], (int64_t)stream, follow, &filter);
}
