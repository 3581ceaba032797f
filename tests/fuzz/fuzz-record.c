// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A record from anywhere: open it and read all of it. The input is a list of
 * changes to a good record (three bytes of offset, one of length, the bytes),
 * so that it stays a database while anything in it may be wrong; an input that
 * begins as an SQLite file is taken as it is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sense/record.h>

#define SCANS 300
#define BLOCK 50

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static char path[64];
static unsigned char *good, *bad;
static size_t good_size;
static FILE *nowhere;

static void write_good(void)
{
	struct sense_layout *layout = sense_layout_new("fuzz-1", BLOCK);
	struct sense_record_config *config = sense_record_config_new();
	struct sense_record *record;
	struct sense_frame *frame;
	struct sense_event event;
	int64_t stream;

	sense_layout_add_channel(layout, "a", SENSE_KIND_RTD, 1e-3, 1);
	sense_layout_add_channel(layout, "b", SENSE_KIND_CO2, 1e-6, 0);
	frame = sense_frame_new(layout);
	sense_record_config_set_reserve_bytes(config, 0);
	record = sense_record_create(path, config);
	stream = sense_record_begin_stream(record, layout, NULL, "version: 1\n");
	sense_frame_clear(frame, 0);
	for (unsigned int i = 0; i < SCANS; i++) {
		const int32_t raw[2] = { (int32_t)i, -(int32_t)i };
		const struct sense_scan scan = { .sequence = i, .time_ns = 1000000 * i, .raw = raw,
						 .counter = i, .fault = i == 77, .flags = 16 };

		if (i % BLOCK != 7)
			sense_frame_put(frame, &scan);
		if (i % BLOCK != BLOCK - 1)
			continue;
		sense_record_append(record, stream, frame);
		sense_frame_clear(frame, i + 1);
	}
	sense_event_init(&event, SENSE_EVENT_GAP, SENSE_SEVERITY_WARNING, "a", "b");
	sense_record_append_event(record, stream, &event);
	sense_record_close(record);
	sense_frame_release(frame);
	sense_layout_unref(layout);
	sense_record_config_free(config);
}

static void set_up(void)
{
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/sense-fuzz-%d.sense",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", getpid());
	unlink(path);
	write_good();
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		abort();
	good_size = (size_t)st.st_size;
	good = malloc(good_size);
	bad = malloc(good_size);
	if (read(fd, good, good_size) != (ssize_t)good_size)
		abort();
	close(fd);
	nowhere = fopen("/dev/null", "w");
}

static void write_bad(const unsigned char *data, size_t size)
{
	const unsigned char *what = data, *end = data + size;
	size_t length = size;
	int fd;

	if (size < 16 || memcmp(data, "SQLite format 3", 16)) {
		memcpy(bad, good, good_size);
		while (end - data > 4) {
			size_t offset =
				(size_t)(data[0] | data[1] << 8 | data[2] << 16) % good_size;
			size_t n = data[3] % 32u + 1;

			data += 4;
			if (n > (size_t)(end - data))
				n = (size_t)(end - data);
			if (n > good_size - offset)
				n = good_size - offset;
			memcpy(bad + offset, data, n);
			data += n;
		}
		what = bad;
		length = good_size;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, what, length) != (ssize_t)length)
		abort();
	close(fd);
}

static int see(void *context, int64_t stream, const struct sense_event *event)
{
	return ++*(int *)context > 1000;
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	struct sense_record_reader *reader;
	int events = 0;

	if (!good)
		set_up();
	write_bad(data, size);
	reader = sense_record_reader_open(path);
	for (unsigned int i = 0; reader && i < sense_record_reader_get_stream_count(reader); i++) {
		const struct sense_record_stream *stream =
			sense_record_reader_get_stream(reader, i);
		struct sense_dump_options options = {
			.format = i % 2 ? SENSE_DUMP_CSV : SENSE_DUMP_JSON,
			.stream = stream->stream,
			.first_sequence = stream->first_sequence,
			.last_sequence = stream->first_sequence + 1000,
			.raw = size & 1,
		};
		const struct sense_frame *frame;

		if (sense_record_reader_seek(reader, stream->stream, 0) < 0)
			continue;
		for (int frames = 0; frames < 1000; frames++) {
			int rc = sense_record_reader_next(reader, &frame);

			if (!rc || (rc < 0 && rc != -EILSEQ))
				break;
		}
		sense_record_dump(reader, &options, nowhere);
	}
	if (reader)
		sense_record_reader_each_event(reader, 0, see, &events);
	sense_record_reader_close(reader);
	return 0;
}
