// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream-check: a reader that believes nothing. Runs in the guest.
 *
 *	stream-check run [OPTION...]     stream, check that every scan is delivered or located
 *	stream-check unplug [OPTION...]  stream, remove the card, time the news
 *	stream-check die [OPTION...]     stream, and be killed while at it
 *
 * -d DEVICE  -r RATE_HZ  -t SECONDS  -b BLOCK_SCANS  -l BUFFER_SCANS  -B BUFFER
 * -R auto|io_uring|poll  -T TIMEOUT_MS  -c CHANNEL (repeatable)  -s PAUSE_MS per frame
 * -f  wait by the stream's file descriptor
 *
 * "run" prints one line of name=value pairs; 1 when something does not add up.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sense/sense.h>

static const char *device_id;
static double seconds = 2;
static int64_t timeout_ns = -1;
static int pause_ms, by_fd;
static struct sense_stream_config *config;

static uint64_t expected = SENSE_SEQUENCE_NONE, first, scans, missing, partial, frames, faults;
static int64_t last_time;
static uint32_t block, all_flags;

static void die(const char *what)
{
	printf("FAIL: %s: %s (%s)\n", what, sense_error_last()->sentence, sense_error_last()->remedy);
	exit(1);
}

static void wrong(const char *what, uint64_t sequence)
{
	printf("FAIL: %s at scan %" PRIu64 "\n", what, sequence);
	exit(1);
}

static int64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* Gaps and scans together must be every number from the first on, each once. */
static void check(const struct sense_frame *frame)
{
	uint64_t from = sense_frame_get_first_sequence(frame);
	uint32_t count = sense_frame_get_count(frame);
	unsigned int gap = 0, gaps = sense_frame_get_gap_count(frame);
	uint64_t had = scans + missing;

	if (from / block != (from + count - 1) / block)
		wrong("a frame crosses a block's edge", from);
	if (expected == SENSE_SEQUENCE_NONE) {
		first = from;
		if (gaps && sense_frame_get_gap(frame, 0)->first_sequence < from)
			first = sense_frame_get_gap(frame, 0)->first_sequence;
		expected = first;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (!sense_frame_is_present(frame, i))
			continue;
		while (gap < gaps && sense_frame_get_gap(frame, gap)->first_sequence == expected) {
			missing += sense_frame_get_gap(frame, gap)->count;
			expected += sense_frame_get_gap(frame, gap++)->count;
		}
		if (from + i != expected)
			wrong("a scan is neither here nor told missing", expected);
		expected++;
		scans++;
		if (sense_frame_get_time_ns(frame)[i] <= last_time)
			wrong("time goes back", from + i);
		last_time = sense_frame_get_time_ns(frame)[i];
		faults += sense_frame_get_fault(frame)[i] != 0;
	}
	for (; gap < gaps; gap++) {
		if (sense_frame_get_gap(frame, gap)->first_sequence != expected)
			wrong("a gap does not join", expected);
		missing += sense_frame_get_gap(frame, gap)->count;
		expected += sense_frame_get_gap(frame, gap)->count;
	}
	if (scans + missing == had && !gaps)
		wrong("an empty frame", from);
	frames++;
	partial += (sense_frame_get_flags(frame) & SENSE_FRAME_PARTIAL) != 0;
	all_flags |= sense_frame_get_flags(frame);
}

static struct sense_stream *open_stream(void)
{
	struct sense_device *device = sense_device_open(device_id);
	struct sense_stream *stream = device ? sense_stream_open(device, config) : NULL;

	if (!stream)
		die("open");
	sense_device_close(device);
	block = sense_layout_get_block_scans(sense_stream_get_layout(stream));
	return stream;
}

static int next(struct sense_stream *stream, struct sense_frame **frame)
{
	struct pollfd fd = { .fd = sense_stream_get_fd(stream), .events = POLLIN };
	int rc;

	if (!by_fd)
		return sense_stream_read(stream, timeout_ns, frame);
	for (;;) {
		rc = sense_stream_read(stream, 0, frame);
		if (rc)
			return rc;
		if (poll(&fd, 1, 1000) <= 0)
			wrong("the descriptor does not become readable", expected);
	}
}

static void print_events(struct sense_stream *stream)
{
	struct sense_event event;

	while (sense_stream_read_event(stream, &event))
		printf("event %s %s: %s\n", sense_event_type_name(event.type), event.object,
		       event.message);
}

static int run(void)
{
	struct sense_stream *stream = open_stream();
	struct sense_stream_counts counts;
	int64_t end, cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	struct sense_frame *frame;
	uint64_t lost = 0;
	int rc;

	if (sense_stream_start(stream) < 0)
		die("start");
	end = now_ns(CLOCK_MONOTONIC) + (int64_t)(seconds * 1e9);
	while ((rc = next(stream, &frame)) >= 0) {
		if (rc) {
			check(frame);
			sense_frame_release(frame);
		}
		if (pause_ms)
			usleep((useconds_t)pause_ms * 1000);
		if (now_ns(CLOCK_MONOTONIC) >= end && sense_stream_stop(stream) < 0)
			die("stop");
	}
	cpu = now_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	print_events(stream);
	if (rc != -ENODATA)
		die("read");
	sense_stream_get_counts(stream, &counts);
	for (int i = 0; i < SENSE_GAP_CAUSES; i++)
		lost += counts.lost[i];
	printf("reader=%d scans=%" PRIu64 " first=%" PRIu64 " end=%" PRIu64 " missing=%" PRIu64
	       " gaps=%" PRIu64 " unknown=%" PRIu64 " card=%" PRIu64 " kernel=%" PRIu64
	       " corrupt=%" PRIu64 " time=%" PRIu64 " frames=%" PRIu64 " partial=%" PRIu64
	       " faults=%" PRIu64 " flags=%u reads=%" PRIu64 " buffer=%u cpu_ns_per_scan=%.0f\n",
	       sense_stream_get_reader(stream), scans, first, expected, missing, counts.gaps,
	       counts.lost[SENSE_GAP_UNKNOWN], counts.lost[SENSE_GAP_CARD],
	       counts.lost[SENSE_GAP_KERNEL], counts.lost[SENSE_GAP_CORRUPT],
	       counts.lost[SENSE_GAP_TIME], frames, partial, faults, all_flags, counts.reads,
	       counts.buffer_scans, scans ? (double)cpu / (double)scans : 0.0);
	if (scans != counts.scans || missing != lost || !scans || scans + missing != expected - first)
		wrong("the counts do not add up", expected);
	sense_stream_close(stream);
	return 0;
}

static int64_t removed_ns;

static void *remove_card(void *path)
{
	FILE *file;

	usleep(1000000);
	file = fopen(path, "w");
	if (!file)
		die("remove");
	removed_ns = now_ns(CLOCK_MONOTONIC);
	fputs("1", file);
	fclose(file);
	return NULL;
}

static int unplug(void)
{
	struct sense_stream *stream = open_stream();
	struct sense_frame *frame;
	struct sense_latest latest;
	char path[600], real[512];
	pthread_t thread;
	int64_t news;
	int rc;

	snprintf(path, sizeof(path), "%s/..",
		 sense_device_info_get_sysfs_path(sense_stream_get_info(stream)));
	if (!realpath(path, real))
		die("realpath");
	snprintf(path, sizeof(path), "%.500s/remove", real);
	if (sense_stream_start(stream) < 0)
		die("start");
	pthread_create(&thread, NULL, remove_card, path);
	while ((rc = next(stream, &frame)) >= 0)
		if (rc) {
			check(frame);
			sense_frame_release(frame);
		}
	news = now_ns(CLOCK_MONOTONIC);
	pthread_join(thread, NULL);
	print_events(stream);
	printf("ended with %s after %.0f ms: %s\n", strerrorname_np(-rc), (news - removed_ns) * 1e-6,
	       sense_error_last()->sentence);
	if (rc != -ENODEV || news - removed_ns > 1000000000 ||
	    sense_stream_get_latest(stream, 0, &latest) != -ENODEV ||
	    sense_stream_read(stream, 0, &frame) != -ENODEV)
		wrong("that is not what a removed card gives", expected);
	sense_stream_close(stream);
	return 0;
}

static int be_killed(void)
{
	struct sense_stream *stream = open_stream();
	struct sense_frame *frame;

	if (sense_stream_start(stream) < 0 || sense_stream_read(stream, -1, &frame) != 1)
		die("start");
	kill(getpid(), SIGKILL);
	return 1;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int option;

	config = sense_stream_config_new();
	optind = 2;
	while ((option = getopt(argc, argv, "d:r:t:b:l:B:R:T:c:s:fw:")) != -1) {
		switch (option) {
		case 'd': device_id = optarg; break;
		case 'r': sense_stream_config_set_rate_hz(config, atof(optarg)); break;
		case 't': seconds = atof(optarg); break;
		case 'b': sense_stream_config_set_block_scans(config, (uint32_t)atoi(optarg)); break;
		case 'l': sense_stream_config_set_buffer_scans(config, (uint32_t)atoi(optarg)); break;
		case 'w': sense_stream_config_set_watermark(config, (uint32_t)atoi(optarg)); break;
		case 'B': sense_stream_config_set_buffer(config, (unsigned int)atoi(optarg)); break;
		case 'R':
			sense_stream_config_set_reader(config, !strcmp(optarg, "poll") ?
						       SENSE_READER_POLL : !strcmp(optarg, "io_uring") ?
						       SENSE_READER_IO_URING : SENSE_READER_AUTO);
			break;
		case 'T': timeout_ns = atoi(optarg) * INT64_C(1000000); break;
		case 'c':
			if (sense_stream_config_add_channel(config, optarg) < 0)
				die("channel");
			break;
		case 's': pause_ms = atoi(optarg); break;
		case 'f': by_fd = 1; break;
		default: return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "run"))
		return run();
	if (!strcmp(what, "unplug"))
		return unplug();
	if (!strcmp(what, "die"))
		return be_killed();
	return 2;
}
