// SPDX-License-Identifier: GPL-2.0-or-later
/* sense record - keep every scan in a durable file. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <sense/sense.h>

#include "command.h"
#include "describe.h"
#include "flags.h"
#include "live.h"
#include "newest.h"
#include "recipe.h"
#include "say.h"
#include "stop.h"
#include "text.h"
#include "view.h"

enum { KEY_CONFIG = 256, KEY_ACK, KEY_LIVE, KEY_RTD, KEY_STRICT };

static const struct flag flags[] = {
	{ 'o', "output", "FILE", "the record: a new one, or one to be continued" },
	{ 'r', "rate", "HZ", "scans per second, one the device offers (default: as it is set)" },
	{ 'c', "channels", "NAME,...", "these channels only" },
	{ 't', "duration", "TIME", "end after so long: 90, 90s, 5m, 8h, 2d (default: Ctrl-C)" },
	{ KEY_CONFIG, "config", "FILE", "run this configuration; it names devices and record" },
	{ KEY_RTD, "rtd", "KIND", THERMOMETER_HELP },
	{ KEY_LIVE, "live", NULL, "show the table of 'sense monitor' meanwhile" },
	{ KEY_STRICT, "strict", NULL, "exit status 1 when a scan was lost" },
	{ KEY_ACK, "ack", NULL, "print 'durable STREAM NEXT_SEQUENCE' for every commit" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "[DEVICE] -o FILE [OPTION]... | --config FILE [OPTION]...",
	.about = "Keep every scan in a durable file: raw counts, sequence number, time and status words,\n"
		 "committed about once a second. What is committed survives kill -9 and power loss.\n"
		 "Missing scans are located, counted and recorded. Ctrl-C ends; everything is kept.",
	.flags = flags,
	.notes = "Examples:\n"
		 "  sense record -o run.sense\n"
		 "  sense record sense-pcie -o run.sense -r 1000 -c bath,ambient -t 8h --live\n"
		 "  sense record --config bath.yaml",
};

#define MOST_STREAMS 16

/* What the pipeline's world thread tells, and this one shows. */
struct watched {
	struct view *view;
	struct newest *newest;
	struct live_rate rate;
	unsigned int one_of;
	uint64_t frames;
	uint64_t durable; /* next sequence */
	int64_t record_stream;
};

struct recording {
	struct recipe recipe;
	const char *config_path;
	double limit_s;
	int live_asked, strict, ack;

	struct sense_config *config;
	struct sense_pipeline *pipeline;
	struct live *live;
	double start_s, end_s, shown_s;
	unsigned int streams;

	pthread_mutex_t lock; /* what follows */
	struct watched watched[MOST_STREAMS];
	uint64_t events_said;
	char event[256];
};

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int parse(struct recording *r, int argc, char **argv)
{
	int key = FLAGS_END, code = 0;

	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		switch (key) {
		case 'o':
			r->recipe.path = optarg;
			break;
		case 'r':
			code = flags_real("rate", optarg, 1e-6, 1e9, &r->recipe.rate_hz);
			break;
		case 'c':
			r->recipe.channels = optarg;
			break;
		case 't':
			code = flags_seconds("duration", optarg, &r->limit_s);
			break;
		case KEY_CONFIG:
			r->config_path = optarg;
			break;
		case KEY_RTD:
			code = thermometer_parse(optarg, &r->recipe.thermometer);
			break;
		case KEY_LIVE:
			r->live_asked = 1;
			break;
		case KEY_STRICT:
			r->strict = 1;
			break;
		case KEY_ACK:
			r->ack = 1;
			break;
		}
	}
	if (code)
		return code;
	if (key == FLAGS_STOP)
		return -1;
	code = flags_operands(&usage, argc, 0, r->config_path ? 0 : 1);
	if (code)
		return code;
	r->recipe.device = optind < argc ? argv[optind] : NULL;
	if (r->config_path &&
	    (r->recipe.path || r->recipe.channels || r->recipe.rate_hz > 0 || r->recipe.thermometer))
		return say_fail(EXIT_USAGE, "write it into the configuration, or leave --config away",
				"--config names devices, channels, rates and record already");
	if (!r->config_path && !r->recipe.path)
		return say_fail(EXIT_USAGE, "name a file with -o, for example -o run.sense",
				"it is not said where the record goes");
	if (r->ack && r->live_asked)
		return say_fail(EXIT_USAGE, "leave one of them away",
				"--ack and --live both print to standard output");
	return 0;
}

/* ---- in the pipeline's world thread ---------------------------------------------------- */

static void on_frame(void *context, unsigned int stream, const struct sense_frame *frame)
{
	struct recording *r = context;
	struct watched *w = &r->watched[stream];

	if (stream >= MOST_STREAMS)
		return;
	newest_take(w->newest, frame);
	if (w->view && w->frames++ % w->one_of == 0)
		view_take(w->view, frame, UINT64_MAX);
}

static void on_event(void *context, const struct sense_event *event)
{
	struct recording *r = context;
	struct sense_clock_state clock = { .tai_offset_s = 0 };
	char utc[32];

	if (event->severity < SENSE_SEVERITY_NOTICE)
		return;
	sense_clock_get_state(&clock);
	sense_clock_format(event->time_ns, clock.tai_offset_s, utc);
	pthread_mutex_lock(&r->lock);
	snprintf(r->event, sizeof(r->event), "%.8s %s", utc + 11, event->message);
	/* A card that overruns all the time must not fill a log: the record has them all. */
	if (!say_is_terminal(stderr) && r->events_said < 20) {
		describe_print_event(stderr, event, clock.tai_offset_s);
		if (++r->events_said == 20)
			say_note("further events are in the record only: sense events FILE");
	}
	pthread_mutex_unlock(&r->lock);
}

static void on_durable(void *context, unsigned int stream, int64_t record_stream,
		       uint64_t next_sequence)
{
	struct recording *r = context;

	if (stream < MOST_STREAMS) {
		pthread_mutex_lock(&r->lock);
		r->watched[stream].durable = next_sequence;
		r->watched[stream].record_stream = record_stream;
		pthread_mutex_unlock(&r->lock);
	}
	if (!r->ack)
		return;
	printf("durable %" PRId64 " %" PRIu64 "\n", record_stream, next_sequence);
	fflush(stdout);
}

/* ---- in this thread ------------------------------------------------------------------------ */

static int open_pipeline(struct recording *r)
{
	static const struct sense_pipeline_observer observer = { on_frame, on_event, on_durable };
	char *text;
	int code = 0;

	if (r->config_path) {
		r->config = sense_config_load(r->config_path);
		if (!r->config)
			return say_library_as(EXIT_ENVIRONMENT);
		if (!*sense_config_get_record_path(r->config))
			return say_fail(EXIT_USAGE, "add 'record: {path: FILE}' to it",
					"%s names no record", r->config_path);
	} else {
		text = recipe_write(&r->recipe, &code);
		if (!text)
			return code;
		r->config = sense_config_parse("command line", text, strlen(text));
		free(text);
		if (!r->config)
			return say_library_as(EXIT_USAGE);
	}
	r->pipeline = sense_pipeline_new(r->config);
	if (!r->pipeline) {
		/* Not to be found may be a channel, which is a matter of usage, or the file's folder. */
		if (strcmp(sense_error_last()->object, sense_config_get_record_path(r->config)) == 0)
			return say_library_as(EXIT_ENVIRONMENT);
		return say_device();
	}
	if (sense_pipeline_set_observer(r->pipeline, &observer, r))
		return say_library();
	r->streams = sense_pipeline_get_stream_count(r->pipeline);
	if (r->streams > MOST_STREAMS)
		r->streams = MOST_STREAMS;
	for (unsigned int i = 0; i < r->streams; i++) {
		const struct sense_stream *stream = sense_pipeline_get_stream(r->pipeline, i);
		struct sense_layout *layout = sense_stream_get_layout(stream);
		double samples = sense_layout_get_rate_hz(layout) *
				 sense_layout_get_channel_count(layout);

		/* As in sense monitor: the statistics must not become the load. */
		r->watched[i].one_of = (unsigned int)fmax(1, ceil(samples / 400000));
		r->watched[i].newest = newest_new(layout);
		if (r->live_asked)
			r->watched[i].view = view_new(layout, say_is_terminal(stdout) ? 5 : 1);
	}
	if (sense_pipeline_start(r->pipeline))
		return say_device();
	return 0;
}

static void add_counts(const struct recording *r, struct sense_stream_counts *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned int i = 0; i < r->streams; i++) {
		struct sense_stream_counts counts;

		sense_stream_get_counts(sense_pipeline_get_stream(r->pipeline, i), &counts);
		sum->scans += counts.scans;
		sum->gaps += counts.gaps;
		for (unsigned int cause = 0; cause < SENSE_GAP_CAUSES; cause++)
			sum->lost[cause] += counts.lost[cause];
	}
}

/* Scans, gaps and losses of everything: the streams', and what found no room in the ring. */
static void totals(const struct recording *r, struct sense_stream_counts *sum,
		   struct sense_pipeline_status *status)
{
	add_counts(r, sum);
	sense_pipeline_get_status(r->pipeline, status);
	sum->lost[SENSE_GAP_READER] += status->scans_dropped;
	sum->gaps += status->frames_dropped;
}

static void show_tables(struct recording *r)
{
	char event[sizeof(r->event)];

	pthread_mutex_lock(&r->lock);
	memcpy(event, r->event, sizeof(event));
	pthread_mutex_unlock(&r->lock);
	for (unsigned int i = 0; i < r->streams; i++) {
		const struct sense_stream *stream = sense_pipeline_get_stream(r->pipeline, i);
		const struct sense_device_info *info = sense_stream_get_info(stream);
		struct watched *w = &r->watched[i];
		struct live_status status = {
			.device_id = sense_device_info_get_id(info),
			.simulated = !!(sense_device_info_get_features(info) &
					SENSE_FEATURE_SIMULATED),
			.elapsed_s = now_s() - r->start_s,
			.one_of = w->one_of,
			.reader = sense_stream_get_reader(stream) == SENSE_READER_IO_URING ?
					  "io_uring" :
					  "poll",
			.event = event,
		};

		sense_stream_get_counts(stream, &status.counts);
		status.rate_hz = live_rate(&w->rate, now_s(), status.counts.scans);
		live_device(r->live, w->view, &status);
		view_turn(w->view);
	}
}

static void show(struct recording *r)
{
	struct sense_stream_counts sum;
	struct sense_pipeline_status status;
	char scans[32], bytes[32], rate[32], lost[160], elapsed[32];
	double hz;

	if (r->live_asked)
		show_tables(r);
	totals(r, &sum, &status);
	/* Across all streams; beside a table of one stream its own rate says the same. */
	hz = r->live_asked ? 0 : live_rate(&r->watched[0].rate, now_s(), sum.scans);
	live_line(r->live, "%s%s%s  %s scans%s%s  lost %s  file %s, %s scans durable",
		  ink(stdout, INK_BOLD), r->live_asked ? "record" : "recording",
		  ink(stdout, INK_PLAIN), text_count(sum.scans, scans, sizeof(scans)),
		  r->live_asked ? "" : "  ", r->live_asked ? "" : text_rate(hz, rate, sizeof(rate)),
		  live_lost_text(sum.lost, lost, sizeof(lost)),
		  text_bytes((double)status.record.bytes, bytes, sizeof(bytes)),
		  text_count(status.record.scans, elapsed, sizeof(elapsed)));
	live_show(r->live);
	r->shown_s = now_s();
}

static void run(struct recording *r)
{
	FILE *where = r->live_asked ? stdout : stderr;
	double every_s = say_is_terminal(where) ? 0.2 : 10;
	int quiet = say_is_json() || (r->ack && !say_is_terminal(where));

	r->live = live_new(where);
	r->start_s = r->shown_s = now_s();
	for (unsigned int i = 0; i < r->streams; i++)
		live_rate(&r->watched[i].rate, r->start_s, 0);
	for (;;) {
		double wait_s = 0.2;

		if (r->limit_s > 0)
			wait_s = fmin(wait_s, r->start_s + r->limit_s - now_s());
		if (sense_pipeline_wait(r->pipeline, (int64_t)(1e9 * fmax(wait_s, 0))) == 1)
			break;
		if (stop_asked() || (r->limit_s > 0 && now_s() - r->start_s >= r->limit_s))
			break;
		if (!quiet && now_s() - r->shown_s >= every_s)
			show(r);
	}
	r->end_s = now_s();
}

/* What there is to tell once the pipeline has gone and the file is closed. */
struct summary {
	struct sense_stream_counts sum;
	struct sense_pipeline_status status;
	double seconds, bytes;
	const char *path;
	char *devices, *values;	/* for people */
	json_t *streams; /* for machines */
};

static void summarise(const struct recording *r, struct summary *s)
{
	size_t size, values_size;
	FILE *file = open_memstream(&s->devices, &size);
	FILE *values = open_memstream(&s->values, &values_size);

	if (!file || !values)
		abort();
	totals(r, &s->sum, &s->status);
	s->seconds = r->end_s - r->start_s;
	s->path = sense_config_get_record_path(r->config);
	s->streams = json_array();
	for (unsigned int i = 0; i < r->streams; i++) {
		const struct sense_stream *stream = sense_pipeline_get_stream(r->pipeline, i);
		const struct sense_device_info *info = sense_stream_get_info(stream);
		double hz = sense_layout_get_rate_hz(sense_stream_get_layout(stream));
		int simulated = !!(sense_device_info_get_features(info) & SENSE_FEATURE_SIMULATED);
		char rate[32], digest[65];

		sense_pipeline_get_calibration_digest(r->pipeline, i, digest);
		newest_print(r->watched[i].newest, values);
		fprintf(values, "          calibration set sha256 %s\n", digest);
		fprintf(file, "%s%s%s, set to %s", i ? "\n          " : "",
			sense_device_info_get_id(info), simulated ? " (a simulated card)" : "",
			text_rate(hz, rate, sizeof(rate)));
		json_array_append_new(
			s->streams,
			json_pack("{s:s, s:I, s:o, s:o, s:b, s:s, s:o}", "device",
				  sense_device_info_get_id(info), "stream",
				  (json_int_t)r->watched[i].record_stream, "next_sequence",
				  describe_u64(r->watched[i].durable), "rate_hz", describe_real(hz),
				  "simulated", simulated, "calibration_sha256", digest, "newest",
				  newest_json(r->watched[i].newest)));
	}
	fclose(file);
	fclose(values);
}

static void print_summary(const struct summary *s, FILE *file)
{
	char a[32], b[32], lost[160];

	fprintf(file, "device    %s\n", s->devices);
	fprintf(file, "recorded  %s scans in %s\n",
		text_count(s->status.record.scans, a, sizeof(a)),
		text_duration(s->seconds, b, sizeof(b)));
	if (live_lost(s->sum.lost))
		fprintf(file, "lost      %s%s, in %s gap%s%s\n", ink(file, INK_BAD),
			live_lost_text(s->sum.lost, lost, sizeof(lost)),
			text_count(s->sum.gaps, a, sizeof(a)), s->sum.gaps == 1 ? "" : "s",
			ink(file, INK_PLAIN));
	else
		fprintf(file, "lost      no scan\n");
	fputs(s->values, file);
	fprintf(file, "file      %s, %s, %s commits, the longest %.1f ms\n", s->path,
		text_bytes(s->bytes, a, sizeof(a)),
		text_count(s->status.record.commits, b, sizeof(b)),
		1e-6 * (double)s->status.record.commit_max_ns);
	if (!s->status.real_time)
		fprintf(file, "reader    at ordinary priority; 'sense doctor' says how to permit more\n");
	fprintf(file, "look      sense dump %s | head\n          sense plot %s -o picture.svg\n"
		      "          sense events %s\n          sqlite3 -readonly %s .tables\n",
		s->path, s->path, s->path, s->path);
}

static int json_summary(const struct summary *s)
{
	json_t *lost = json_object();

	for (unsigned int cause = 0; cause < SENSE_GAP_CAUSES; cause++)
		if (s->sum.lost[cause])
			json_object_set_new(lost,
					    sense_gap_cause_name((enum sense_gap_cause)cause),
					    json_integer((json_int_t)s->sum.lost[cause]));
	return say_json(json_pack(
		"{s:s, s:f, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:f, s:b, s:O}", "record", s->path,
		"duration_s", s->seconds, "scans", (json_int_t)s->sum.scans, "durable_scans",
		(json_int_t)s->status.record.scans, "gaps", (json_int_t)s->sum.gaps, "lost_scans",
		(json_int_t)live_lost(s->sum.lost), "lost", lost, "bytes", (json_int_t)s->bytes,
		"commits", (json_int_t)s->status.record.commits, "commit_max_s",
		1e-9 * (double)s->status.record.commit_max_ns, "real_time", s->status.real_time,
		"streams", s->streams));
}

static int finish(struct recording *r)
{
	struct summary s = { .bytes = 0 };
	struct stat file;
	int result = sense_pipeline_stop(r->pipeline), code = EXIT_OK, printed;

	if (r->live_asked)
		show(r); /* the last word */
	live_free(r->live);
	r->live = NULL;
	if (result < 0)
		code = say_device();
	summarise(r, &s);
	/* Closing folds the log into the file: its size and its name are final then. */
	sense_pipeline_free(r->pipeline);
	r->pipeline = NULL;
	s.bytes = stat(s.path, &file) == 0 ? (double)file.st_size : (double)s.status.record.bytes;
	if (say_is_json()) {
		printed = json_summary(&s);
	} else {
		print_summary(&s, r->ack ? stderr : stdout);
		printed = say_done(stdout, "standard output");
	}
	if (!code)
		code = printed;
	if (!code && r->strict && live_lost(s.sum.lost))
		code = say_fail(EXIT_NO, "'sense events --type gap' lists them",
				"%" PRIu64 " scans were lost", live_lost(s.sum.lost));
	json_decref(s.streams);
	free(s.devices);
	free(s.values);
	return code;
}

int command_record(int argc, char **argv)
{
	struct recording r = { .recipe = { .thermometer = THERMOMETER_AUTO },
			       .lock = PTHREAD_MUTEX_INITIALIZER };
	int code = parse(&r, argc, argv);

	if (code)
		return code < 0 ? flags_exit() : code;
	stop_catch();
	code = open_pipeline(&r);
	if (!code) {
		run(&r);
		code = finish(&r);
	}
	sense_pipeline_free(r.pipeline);
	sense_config_free(r.config);
	for (unsigned int i = 0; i < MOST_STREAMS; i++) {
		view_free(r.watched[i].view);
		newest_free(r.watched[i].newest);
	}
	return code;
}
