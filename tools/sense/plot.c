// SPDX-License-Identifier: GPL-2.0-or-later
/* sense plot - a record as an SVG picture. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sense/sense.h>

#include "archive.h"
#include "chart.h"
#include "command.h"
#include "flags.h"
#include "say.h"
#include "text.h"
#include "thermometer.h"

enum { KEY_FROM = 256, KEY_TO, KEY_STREAM, KEY_RTD, KEY_WIDTH, KEY_HEIGHT, KEY_TITLE };

static const struct flag flags[] = {
	{ 'o', "output", "FILE", "the picture; - is standard output" },
	{ 'c', "channels", "NAME,...", "these channels only" },
	{ KEY_STREAM, "stream", "NUMBER", "which stream of the record; needed when it has several" },
	{ KEY_FROM, "from", "SEQUENCE", "from this scan on" },
	{ KEY_TO, "to", "SEQUENCE", "up to and with this scan" },
	{ KEY_RTD, "rtd", "KIND", THERMOMETER_HELP },
	{ KEY_WIDTH, "width", "PIXELS", "of the picture (960)" },
	{ KEY_HEIGHT, "height", "PIXELS", "of each panel (200)" },
	{ KEY_TITLE, "title", "TEXT", "instead of the device's id" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "FILE -o PICTURE.svg [OPTION]...",
	.about = "Draw value over time, one panel per unit. A long record is drawn as the band between\n"
		 "least and greatest of each column of pixels with its mean, so no peak is lost. Missing\n"
		 "scans are marked red, faulty samples by ticks at the bottom.",
	.flags = flags,
	.notes = "Examples:\n"
		 "  sense plot run.sense -o run.svg\n"
		 "  sense plot run.sense -c bath -o - | rsvg-convert >bath.png",
};

struct plot {
	const char *path, *output, *channels, *title;
	uint64_t number, from, to, width, height;
	enum thermometer thermometer;

	struct sense_record_reader *reader;
	const struct sense_record_stream *stream;
	struct chart *chart;
	int series[SENSE_FRAME_MAX_CHANNELS];		/* -1: not drawn */
	struct text_unit unit[SENSE_FRAME_MAX_CHANNELS];
	struct sense_rtd rtd[SENSE_FRAME_MAX_CHANNELS];	/* r0_ohm 0: none */
	int drawn;
	uint64_t next;					/* sequence number expected */
	int64_t last_ns;
	int begun;
};

static int parse(struct plot *p, int argc, char **argv)
{
	int key = FLAGS_END, code = 0;

	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		switch (key) {
		case 'o':
			p->output = optarg;
			break;
		case 'c':
			p->channels = optarg;
			break;
		case KEY_STREAM:
			code = flags_uint("stream", optarg, 1, INT64_MAX, &p->number);
			break;
		case KEY_FROM:
			code = flags_uint("from", optarg, 0, UINT64_MAX, &p->from);
			break;
		case KEY_TO:
			code = flags_uint("to", optarg, 0, UINT64_MAX, &p->to);
			break;
		case KEY_RTD:
			code = thermometer_parse(optarg, &p->thermometer);
			break;
		case KEY_WIDTH:
			code = flags_uint("width", optarg, 300, 20000, &p->width);
			break;
		case KEY_HEIGHT:
			code = flags_uint("height", optarg, 60, 5000, &p->height);
			break;
		case KEY_TITLE:
			p->title = optarg;
			break;
		}
	}
	if (code)
		return code;
	if (key == FLAGS_STOP)
		return -1;
	code = flags_operands(&usage, argc, 1, 1);
	if (code)
		return code;
	p->path = argv[optind];
	if (!p->output)
		return say_fail(EXIT_USAGE, "name a file with -o, or - for standard output",
				"it is not said where the picture goes");
	if (p->to < p->from)
		return say_fail(EXIT_USAGE, NULL, "--to %" PRIu64 " comes before --from %" PRIu64,
				p->to, p->from);
	return 0;
}

static int choose(struct plot *p)
{
	struct sense_layout *layout = p->stream->layout;
	char *copy, *rest, *name;

	for (unsigned int c = 0; c < sense_layout_get_channel_count(layout); c++)
		p->series[c] = p->channels ? -1 : 0;
	if (!p->channels)
		return 0;
	rest = copy = strdup(p->channels);
	while ((name = strsep(&rest, ","))) {
		int c = *name ? sense_layout_find_channel(layout, name) : -1;

		if (*name && c < 0) {
			free(copy);
			return say_library_as(EXIT_USAGE);
		}
		if (*name)
			p->series[c] = 0;
	}
	free(copy);
	return 0;
}

static int rewind_to(struct plot *p)
{
	return sense_record_reader_seek(p->reader, p->stream->stream, p->from);
}

/* Times of the first and last scan in question; 1 when there is one, 0, or -errno. */
static int span(struct plot *p, int64_t *from_ns, int64_t *to_ns, uint64_t *scans)
{
	const struct sense_frame *frame;
	int result, found = 0;

	*scans = 0;
	if (rewind_to(p))
		return -EIO;
	while ((result = sense_record_reader_next(p->reader, &frame)) == 1) {
		uint64_t first = sense_frame_get_first_sequence(frame);
		const int64_t *time = sense_frame_get_time_ns(frame);

		if (first > p->to)
			break;
		for (uint32_t i = 0; i < sense_frame_get_count(frame); i++) {
			if (first + i < p->from || first + i > p->to ||
			    !sense_frame_is_present(frame, i))
				continue;
			if (!found++)
				*from_ns = time[i];
			*to_ns = time[i];
			(*scans)++;
		}
	}
	return result < 0 ? result : found > 0;
}

static void add_series(struct plot *p)
{
	struct sense_layout *layout = p->stream->layout;

	for (unsigned int c = 0; c < sense_layout_get_channel_count(layout); c++) {
		const struct sense_channel_info *info = sense_layout_get_channel(layout, c);
		double r0 = thermometer_r0_ohm(p->thermometer, info);
		const char *unit = sense_channel_info_get_unit(info);

		if (p->series[c] < 0)
			continue;
		p->rtd[c].r0_ohm = 0;
		if (r0 > 0) {
			p->rtd[c] = sense_rtd_iec60751(r0);
			unit = "Cel";
		}
		p->unit[c] = text_unit(sense_channel_info_get_kind(info), unit);
		p->series[c] = (int)chart_add_series(p->chart, sense_channel_info_get_name(info),
						     p->unit[c].name);
		p->drawn++;
	}
}

static void take_slot(struct plot *p, const struct sense_frame *frame, uint32_t i)
{
	int64_t time_ns = sense_frame_get_time_ns(frame)[i] -
			  INT64_C(1000000000) * p->stream->tai_offset_s;
	uint64_t fault = sense_frame_get_fault(frame)[i];
	uint64_t sequence = sense_frame_get_first_sequence(frame) + i;

	if (p->begun && sequence > p->next)
		chart_gap(p->chart, p->last_ns, time_ns, sequence - p->next);
	p->begun = 1;
	p->next = sequence + 1;
	p->last_ns = time_ns;
	for (unsigned int c = 0; c < sense_layout_get_channel_count(p->stream->layout); c++) {
		const struct sense_channel_info *info = sense_layout_get_channel(p->stream->layout, c);
		double value;

		if (p->series[c] < 0)
			continue;
		value = (sense_frame_get_raw(frame, c)[i] + sense_channel_info_get_offset(info)) *
			sense_channel_info_get_scale(info);
		if (fault >> c & 1)
			value = NAN;
		else if (p->rtd[c].r0_ohm > 0)
			value = sense_rtd_temperature_degC(&p->rtd[c], value);
		chart_put(p->chart, (unsigned int)p->series[c], time_ns, value * p->unit[c].factor);
	}
}

static int gather(struct plot *p)
{
	const struct sense_frame *frame;
	int result;

	if (rewind_to(p))
		return -EIO;
	while ((result = sense_record_reader_next(p->reader, &frame)) == 1) {
		uint64_t first = sense_frame_get_first_sequence(frame);

		if (first > p->to)
			break;
		for (uint32_t i = 0; i < sense_frame_get_count(frame); i++)
			if (first + i >= p->from && first + i <= p->to &&
			    sense_frame_is_present(frame, i))
				take_slot(p, frame, i);
	}
	return result < 0 ? result : 0;
}

static int draw(struct plot *p)
{
	const struct sense_record_stream *stream = p->stream;
	struct chart_head head = { .width = (unsigned int)p->width,
				   .panel_height = (unsigned int)p->height };
	char subtitle[256], count[32], rate[32];
	int result = span(p, &head.from_ns, &head.to_ns, &head.samples);

	if (result < 0)
		return say_library_as(EXIT_ENVIRONMENT);
	if (!result)
		return say_fail(EXIT_NO, "'sense dump' shows which sequence numbers there are",
				"%s has no scan in that range", p->path);
	head.from_ns -= INT64_C(1000000000) * stream->tai_offset_s;
	head.to_ns -= INT64_C(1000000000) * stream->tai_offset_s;
	head.title = p->title ? p->title : stream->device_id;
	snprintf(subtitle, sizeof(subtitle), "%s scans, %s%s%s",
		 text_count(head.samples, count, sizeof(count)),
		 text_rate(sense_layout_get_rate_hz(stream->layout), rate, sizeof(rate)),
		 stream->simulated ? ", simulated card" : "",
		 stream->tai_offset_s ? "" : ", times are UTC as the machine had it");
	head.subtitle = subtitle;
	text_set_utf8(1); /* in the file, whatever the terminal does */
	p->chart = chart_new(&head);
	add_series(p);
	if (gather(p))
		return say_library_as(EXIT_ENVIRONMENT);
	return 0;
}

static int write_picture(const struct plot *p)
{
	FILE *file = strcmp(p->output, "-") == 0 ? stdout : fopen(p->output, "we");
	int code;

	if (!file)
		return say_fail(EXIT_ENVIRONMENT, "name a file that can be written",
				"cannot write %s: %s", p->output, strerror(errno));
	chart_print(p->chart, file);
	code = say_done(file, p->output);
	if (file != stdout && fclose(file) && !code)
		code = say_fail(EXIT_ENVIRONMENT, "make room on its disk", "cannot write %s: %s",
				p->output, strerror(errno));
	if (!code && file != stdout && say_is_json())
		code = say_json(json_pack("{s:s, s:i}", "picture", p->output, "channels", p->drawn));
	return code;
}

int command_plot(int argc, char **argv)
{
	struct plot p = { .to = UINT64_MAX, .width = 960, .height = 200 };
	int code = parse(&p, argc, argv);

	if (code)
		return code < 0 ? flags_exit() : code;
	p.reader = archive_open(p.path);
	if (!p.reader)
		return EXIT_ENVIRONMENT;
	p.stream = archive_stream(p.reader, p.path, (int64_t)p.number, &code);
	if (!code)
		code = choose(&p);
	if (!code)
		code = draw(&p);
	if (!code)
		code = write_picture(&p);
	chart_free(p.chart);
	sense_record_reader_close(p.reader);
	return code;
}
