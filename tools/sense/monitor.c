// SPDX-License-Identifier: GPL-2.0-or-later
/* sense monitor - watch a device: a live table on a terminal, rows or JSON otherwise. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sense/sense.h>

#include "command.h"
#include "describe.h"
#include "flags.h"
#include "live.h"
#include "say.h"
#include "stop.h"
#include "text.h"
#include "thermometer.h"
#include "view.h"
#include "watch.h"

enum { KEY_BUFFER = 256, KEY_CONFIG, KEY_RTD };

static const struct flag flags[] = {
	{ 'c', "channels", "NAME,...", "these channels only" },
	{ 'r', "rate", "HZ", "scans per second, one the device offers (default: as it is set)" },
	{ 'n', "scans", "COUNT", "end after so many scans" },
	{ 't', "time", "TIME", "end after so long: 90, 90s, 5m, 8h" },
	{ 'i', "interval", "TIME", "a row per channel so often, when not on a terminal (1 s)" },
	{ KEY_BUFFER, "buffer", "0|1", "kernel buffer to use (1 where the device has it)" },
	{ KEY_CONFIG, "config", "FILE", "calibrate by this configuration, so that U is known" },
	{ KEY_RTD, "rtd", "KIND", THERMOMETER_HELP },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "[DEVICE] [OPTION]...",
	.about = "Watch a device. On a terminal: a table of the last second, drawn again five times a\n"
		 "second. On a pipe: tab-separated rows, SI units or degC (man sense-monitor says each\n"
		 "column). With --json: one object per interval. Nothing is stored; a recording of the\n"
		 "same device goes on beside it, for it has a kernel buffer of its own.",
	.flags = flags,
	.notes = "Examples:\n"
		 "  sense monitor\n"
		 "  sense monitor -c bath,ambient -r 1000\n"
		 "  sense monitor -t 10 | column -t",
};

struct monitor {
	const char *device_id, *channels, *time, *interval, *config_path;
	double rate_hz, limit_s, interval_s;
	uint64_t limit_scans;
	int buffer; /* -1: not said */
	enum thermometer thermometer;

	struct sense_stream *stream;
	struct sense_device_info *info;
	struct sense_calibrator *calibrator;
	struct view *view;
	struct live *live;
	struct live_rate rate;
	uint64_t taken, frames, turn_scans;
	unsigned int one_of;
	double start_s, turn_s, scan_s; /* start, last turn, last scan: CLOCK_MONOTONIC */
	char event[256];
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int parse(struct monitor *m, int argc, char **argv)
{
	uint64_t n;
	int key = FLAGS_END, code = 0;

	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		switch (key) {
		case 'c':
			m->channels = optarg;
			break;
		case 'r':
			code = flags_real("rate", optarg, 1e-6, 1e9, &m->rate_hz);
			break;
		case 'n':
			code = flags_uint("scans", optarg, 1, UINT64_MAX, &m->limit_scans);
			break;
		case 't':
			code = flags_seconds("time", optarg, &m->limit_s);
			break;
		case 'i':
			code = flags_seconds("interval", optarg, &m->interval_s);
			break;
		case KEY_BUFFER:
			code = flags_uint("buffer", optarg, 0, 1, &n);
			m->buffer = code ? -1 : (int)n;
			break;
		case KEY_CONFIG:
			m->config_path = optarg;
			break;
		case KEY_RTD:
			code = thermometer_parse(optarg, &m->thermometer);
			break;
		}
	}
	if (code)
		return code;
	if (key == FLAGS_STOP)
		return -1;
	code = flags_operands(&usage, argc, 0, 1);
	if (!code)
		m->device_id = optind < argc ? argv[optind] : NULL;
	return code;
}

static int add_channels(struct sense_stream_config *config, const char *names)
{
	char *copy = strdup(names), *rest = copy, *name;
	int code = 0;

	if (!copy)
		abort();
	while (!code && (name = strsep(&rest, ",")))
		if (*name && sense_stream_config_add_channel(config, name))
			code = say_device();
	free(copy);
	return code;
}

static int open_stream(struct monitor *m)
{
	struct sense_device *device = sense_device_open(m->device_id);
	struct sense_stream_config *config;
	int code = 0;

	if (!device)
		return say_device();
	m->info = sense_device_info_ref(sense_device_get_info(device));
	config = sense_stream_config_new();
	if (!config)
		abort();
	sense_stream_config_set_rate_hz(config, m->rate_hz);
	m->buffer = watch_configure(config, device, m->buffer, m->rate_hz);
	if (m->channels)
		code = add_channels(config, m->channels);
	if (!code) {
		m->stream = sense_stream_open(device, config);
		if (!m->stream)
			code = say_device();
	}
	sense_stream_config_free(config);
	sense_device_close(device);
	return code;
}

/*
 * Statistics cost time for every sample; beyond this many a second only some of the
 * frames are looked at, and the table says so. No scan is lost by that.
 */
#define SAMPLES_PER_S 400000

/* Calibrations only: which device, rate and channels to watch is said on the command line. */
static int calibrate(struct monitor *m, struct sense_layout *layout)
{
	struct sense_config *config = sense_config_load(m->config_path);
	unsigned int device = 0;
	int code = 0;

	if (!config)
		return say_library_as(EXIT_ENVIRONMENT);
	while (device < sense_config_get_device_count(config) &&
	       strcmp(sense_config_get_device_id(config, device),
		      sense_device_info_get_id(m->info)))
		device++;
	if (device == sense_config_get_device_count(config))
		device = 0;
	if (sense_config_get_device_count(config) > 1 &&
	    strcmp(sense_config_get_device_id(config, device), sense_device_info_get_id(m->info)))
		code = say_fail(EXIT_USAGE, "list it there by this id",
				"%s names several devices, and %s is none of them", m->config_path,
				sense_device_info_get_id(m->info));
	else if (sense_config_calibrate(config, device, layout, m->channels != NULL, m->calibrator))
		code = say_library_as(EXIT_USAGE);
	sense_config_free(config);
	return code;
}

static int set_up(struct monitor *m)
{
	struct sense_layout *layout;
	double samples;
	int code = open_stream(m);

	if (code)
		return code;
	layout = sense_stream_get_layout(m->stream);
	samples = sense_layout_get_rate_hz(layout) * sense_layout_get_channel_count(layout);
	m->one_of = (unsigned int)fmax(1, ceil(samples / SAMPLES_PER_S));
	if (m->limit_scans)
		m->one_of = 1;
	m->calibrator = thermometer_calibrator(m->thermometer, layout);
	if (!m->calibrator)
		return say_library();
	if (m->config_path)
		code = calibrate(m, layout);
	if (code)
		return code;
	if (!say_is_json() && say_is_terminal(stdout)) {
		m->live = live_new(stdout);
		m->interval_s = 0.2;
	}
	m->view = view_new(layout, m->live ? 5 : 1);
	if (sense_stream_start(m->stream))
		return say_device();
	return 0;
}

static void take_events(struct monitor *m)
{
	struct sense_event event;
	struct sense_clock_state clock = { .tai_offset_s = 0 };

	while (sense_stream_read_event(m->stream, &event) > 0) {
		char utc[32];

		if (event.severity < SENSE_SEVERITY_NOTICE)
			continue;
		sense_clock_get_state(&clock);
		sense_clock_format(event.time_ns, clock.tai_offset_s, utc);
		snprintf(m->event, sizeof(m->event), "%.8s %s", utc + 11, event.message);
		if (!m->live)
			describe_print_event(stderr, &event, clock.tai_offset_s);
	}
}

static void print_json(struct monitor *m, const struct sense_stream_counts *counts, double rate_hz)
{
	struct sense_layout *layout = view_get_layout(m->view);
	json_t *channels = json_array(), *lost = json_object();
	struct sense_clock_state clock = { .tai_offset_s = 0 };
	char utc[32];

	sense_clock_get_state(&clock);
	for (unsigned int cause = 0; cause < SENSE_GAP_CAUSES; cause++)
		if (counts->lost[cause])
			json_object_set_new(lost,
					    sense_gap_cause_name((enum sense_gap_cause)cause),
					    json_integer((json_int_t)counts->lost[cause]));
	for (unsigned int c = 0; c < sense_layout_get_channel_count(layout); c++) {
		const struct sense_channel_info *info = sense_layout_get_channel(layout, c);
		struct view_numbers n = view_get_window(m->view, c);
		double u = view_get_last_u(m->view, c);

		json_array_append_new(
			channels,
			json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, "
				  "s:I, s:I, s:I, s:I}", "name",
				  sense_channel_info_get_name(info), "kind",
				  sense_kind_name(sense_channel_info_get_kind(info)), "unit",
				  view_get_unit(m->view, c), "value",
				  describe_real(view_get_last(m->view, c)), "u", describe_real(u),
				  "U", describe_real(2 * u), "k",
				  isnan(u) ? json_null() : json_integer(2), "mean",
				  describe_real(n.mean), "std", describe_real(n.std), "min",
				  describe_real(n.min), "max", describe_real(n.max), "n",
				  (json_int_t)n.n, "faults", (json_int_t)n.faults, "saturated",
				  (json_int_t)n.saturated, "outside", (json_int_t)n.outside,
				  "expired", (json_int_t)n.expired));
	}
	say_json(json_pack(
		"{s:s, s:s, s:b, s:f, s:I, s:f, s:I, s:I, s:o, s:i, s:i, s:i, s:o}", "time",
		sense_clock_format(sense_clock_now_ns(), clock.tai_offset_s, utc), "device",
		sense_device_info_get_id(m->info), "simulated",
		!!(sense_device_info_get_features(m->info) & SENSE_FEATURE_SIMULATED), "elapsed_s",
		now_s() - m->start_s, "scans", (json_int_t)counts->scans, "rate_hz", rate_hz, "gaps",
		(json_int_t)counts->gaps, "lost_scans", (json_int_t)live_lost(counts->lost), "lost",
		lost, "buffer", m->buffer, "fill_scans", (int)counts->fill, "buffer_scans",
		(int)counts->buffer_scans, "channels", channels));
}

static void print_rows(struct monitor *m, const struct sense_stream_counts *counts, double rate_hz)
{
	struct sense_layout *layout = view_get_layout(m->view);
	static int headed;

	if (!headed++)
		puts("elapsed_s\tchannel\tunit\tvalue\tmean\tstd\tmin\tmax\tn\tfaults\tsaturated\t"
		     "rate_hz\tgaps\tlost_scans\tfill_scans\tu\toutside\texpired");
	for (unsigned int c = 0; c < sense_layout_get_channel_count(layout); c++) {
		const struct sense_channel_info *info = sense_layout_get_channel(layout, c);
		struct view_numbers n = view_get_window(m->view, c);

		printf("%.3f\t%s\t%s\t%.9g\t%.9g\t%.9g\t%.9g\t%.9g\t%" PRIu64 "\t%" PRIu64
		       "\t%" PRIu64 "\t%.6g\t%" PRIu64 "\t%" PRIu64 "\t%u\t%.3g\t%" PRIu64
		       "\t%" PRIu64 "\n",
		       now_s() - m->start_s, sense_channel_info_get_name(info),
		       view_get_unit(m->view, c), view_get_last(m->view, c), n.mean, n.std, n.min,
		       n.max, n.n, n.faults, n.saturated, rate_hz, counts->gaps,
		       live_lost(counts->lost), counts->fill, view_get_last_u(m->view, c),
		       n.outside, n.expired);
	}
	fflush(stdout);
}

static void show(struct monitor *m)
{
	struct sense_stream_counts counts;
	double now = now_s(), rate_hz;

	sense_stream_get_counts(m->stream, &counts);
	if (m->live) {
		struct live_status status = {
			.device_id = sense_device_info_get_id(m->info),
			.simulated = !!(sense_device_info_get_features(m->info) &
					SENSE_FEATURE_SIMULATED),
			.elapsed_s = now - m->start_s,
			.rate_hz = live_rate(&m->rate, now, counts.scans),
			.silent_s = now - m->scan_s,
			.counts = counts,
			.buffer = (unsigned int)m->buffer,
			.one_of = m->one_of,
			.reader = sense_stream_get_reader(m->stream) == SENSE_READER_IO_URING ?
					  "io_uring" :
					  "poll",
			.event = m->event,
		};

		live_device(m->live, m->view, &status);
		live_line(m->live, "%svalue: the newest; the rest: the last second. Ctrl-C ends.%s",
			  ink(stdout, INK_DIM), ink(stdout, INK_PLAIN));
		live_show(m->live);
	} else {
		rate_hz = (double)(counts.scans - m->turn_scans) / fmax(now - m->turn_s, 1e-9);
		if (say_is_json())
			print_json(m, &counts, rate_hz);
		else
			print_rows(m, &counts, rate_hz);
		if (now - m->scan_s >= 2)
			say_note("no scan for %.1f s", now - m->scan_s);
	}
	m->turn_scans = counts.scans;
	view_turn(m->view);
}

static void take(struct monitor *m, struct sense_frame *frame)
{
	uint64_t left = m->limit_scans ? m->limit_scans - m->taken : UINT64_MAX;

	m->scan_s = now_s();
	if (m->frames++ % m->one_of == 0) {
		sense_calibrator_apply(m->calibrator, frame);
		m->taken += view_take(m->view, frame, left);
	}
	sense_frame_release(frame);
}

static int run(struct monitor *m)
{
	int result = 0, done = 0;

	m->start_s = m->turn_s = m->scan_s = now_s();
	while (!done) {
		struct sense_frame *frame = NULL;
		double wait_s = m->turn_s + m->interval_s - now_s();

		if (m->limit_s > 0)
			wait_s = fmin(wait_s, m->start_s + m->limit_s - now_s());
		wait_s = fmin(fmax(wait_s, 0), 0.25); /* Ctrl-C is looked at this often */
		result = sense_stream_read(m->stream, (int64_t)(1e9 * wait_s), &frame);
		if (result == 1)
			take(m, frame);
		take_events(m);
		done = (result < 0 && result != -EINTR) || stop_asked() || ferror(stdout) ||
		       (m->limit_scans && m->taken >= m->limit_scans) ||
		       (m->limit_s > 0 && now_s() - m->start_s >= m->limit_s);
		if (done || now_s() - m->turn_s >= m->interval_s) {
			show(m);
			m->turn_s = now_s();
		}
	}
	return result < 0 && result != -EINTR ? result : 0;
}

int command_monitor(int argc, char **argv)
{
	struct monitor m = { .buffer = -1, .interval_s = 1 };
	int code = parse(&m, argc, argv), result = 0;

	if (code)
		return code < 0 ? flags_exit() : code;
	stop_catch();
	code = set_up(&m);
	if (!code) {
		result = run(&m);
		sense_stream_stop(m.stream);
	}
	live_free(m.live); /* before any sentence: it gives the cursor back */
	if (result < 0)
		code = say_device();
	else if (!code)
		code = say_done(stdout, "standard output");
	view_free(m.view);
	sense_calibrator_free(m.calibrator);
	sense_stream_close(m.stream);
	sense_device_info_unref(m.info);
	return code;
}
