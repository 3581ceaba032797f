// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/error.h"
#include "base/frame.h"

#define NS_PER_S INT64_C(1000000000)

/* Three words and the time at most 24 characters each, a number 25, a name twice 64. */
#define LINE_BYTES ((SENSE_FRAME_MAX_CHANNELS * 2 + 6) * 160)

struct dump {
	const struct sense_dump_options *options;
	const struct sense_record_stream *stream;
	FILE *file;
	bool values;			/* stored ones, with their uncertainty */
	char units[SENSE_FRAME_MAX_CHANNELS][16];
	char *keys[SENSE_FRAME_MAX_CHANNELS];	/* JSON: "name [unit]": with its quotes */
	char *u_keys[SENSE_FRAME_MAX_CHANNELS];
	int64_t lines;
	uint64_t next;			/* sequence number of the next line */
	int64_t last_time_ns;
	size_t used;
	char line[LINE_BYTES];
};

/* ---- one line ----------------------------------------------------------- */

static void add(struct dump *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct dump *d, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(d->line + d->used, sizeof(d->line) - d->used, format, args);
	va_end(args);
	if (n > 0)
		d->used += (size_t)n;
	if (d->used >= sizeof(d->line))
		d->used = sizeof(d->line) - 1;
}

/* The shortest decimal that reads back as the same double. */
static void add_double(struct dump *d, double value)
{
	char text[32];
	int digits = 15;

	if (!isfinite(value)) {
		add(d, "%s", d->options->format == SENSE_DUMP_JSON ? "null" : "NaN");
		return;
	}
	do
		snprintf(text, sizeof(text), "%.*g", digits, value);
	while (digits++ < 17 && strtod(text, NULL) != value);
	add(d, "%s", text);
}

static bool json(const struct dump *d)
{
	return d->options->format == SENSE_DUMP_JSON;
}

static void add_time(struct dump *d, int64_t ns)
{
	int64_t s = ns / NS_PER_S, rest = ns % NS_PER_S;

	if (json(d)) {
		add(d, "{\"time_ns\":%" PRId64, ns);
		return;
	}
	if (rest < 0) {
		rest += NS_PER_S;
		s--;
	}
	/* Before 1970 the fraction counts the other way. */
	if (s < 0 && rest) {
		s++;
		rest = NS_PER_S - rest;
		add(d, "%s%" PRId64 ".%09" PRId64, s ? "" : "-", s, rest);
	} else {
		add(d, "%" PRId64 ".%09" PRId64, s, rest);
	}
}

static void add_word(struct dump *d, const char *name, const uint64_t *word)
{
	if (json(d))
		add(d, ",\"%s\":", name);
	else
		add(d, ",");
	if (word)
		add(d, "%" PRIu64, *word);
	else
		add(d, json(d) ? "null" : "NaN");
}

/* The separator, and what stands before a number. */
static void add_key(struct dump *d, const char *key)
{
	if (json(d))
		add(d, ",%s:", key);
	else
		add(d, ",");
}

static void add_channel(struct dump *d, const struct sense_frame *frame, unsigned int c,
			uint32_t slot)
{
	const struct sense_channel_info *info = &d->stream->layout->channels[c];
	bool present = frame != NULL;

	add_key(d, d->keys[c]);
	if (!present)
		add_double(d, NAN);
	else if (d->options->raw)
		add(d, "%" PRId32, frame->raw[c][slot]);
	else if (d->values)
		add_double(d, frame->value[c][slot]);
	else if (frame->fault[slot] >> c & 1)
		add_double(d, NAN);
	else
		add_double(d, (frame->raw[c][slot] + info->offset) * info->scale);
	if (!d->values)
		return;
	add_key(d, d->u_keys[c]);
	add_double(d, present ? frame->value_u[c][slot] : NAN);
}

/* @frame: NULL for a missing scan */
static int write_line(struct dump *d, const struct sense_frame *frame, uint32_t slot,
		      uint64_t sequence, int64_t time_ns)
{
	d->used = 0;
	add_time(d, time_ns);
	add_word(d, "sequence", &sequence);
	for (unsigned int c = 0; c < d->stream->layout->channel_count; c++)
		add_channel(d, frame, c, slot);
	add_word(d, "fault", frame ? &frame->fault[slot] : NULL);
	add_word(d, "saturation", frame ? &frame->saturation[slot] : NULL);
	add_word(d, "flags", frame ? &frame->scan_flags[slot] : NULL);
	add(d, json(d) ? "}\n" : "\n");
	d->next = sequence + 1;
	d->last_time_ns = time_ns;
	d->lines++;
	if (fwrite(d->line, 1, d->used, d->file) == d->used)
		return 0;
	return sense_fail(errno ? errno : EIO, "output", "see that it can be written and has space",
			  "cannot write line %" PRId64 " of the dump: %s", d->lines,
			  strerror(errno ? errno : EIO));
}

/* ---- header ------------------------------------------------------------- */

/* RFC 4180: quoted where it must be. */
static void add_csv_text(struct dump *d, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		add(d, "%s", text);
		return;
	}
	add(d, "\"");
	for (; *text; text++)
		add(d, *text == '"' ? "\"\"" : "%c", *text);
	add(d, "\"");
}

static void column_name(const struct dump *d, unsigned int c, bool u, char *text, size_t size)
{
	const char *name = d->stream->layout->channels[c].name;

	snprintf(text, size, d->units[c][0] ? (u ? "u(%s) [%s]" : "%s [%s]") : (u ? "u(%s)" : "%s"),
		 name, d->units[c]);
}

static int write_header(struct dump *d)
{
	char name[96];

	d->used = 0;
	add(d, "time [s],sequence");
	for (unsigned int c = 0; c < d->stream->layout->channel_count; c++)
		for (int u = 0; u < (d->values ? 2 : 1); u++) {
			column_name(d, c, u, name, sizeof(name));
			add(d, ",");
			add_csv_text(d, name);
		}
	add(d, ",fault,saturation,flags\n");
	if (fwrite(d->line, 1, d->used, d->file) == d->used)
		return 0;
	return sense_fail(EIO, "output", "see that it can be written and has space",
			  "cannot write the dump's header");
}

/* A JSON string of any bytes: what is no UTF-8 becomes a question mark. */
static char *json_text(char *text)
{
	json_t *string = json_string(text);
	char *result;

	if (!string) {
		for (char *c = text; *c; c++)
			if (*c & 0x80)
				*c = '?';
		string = json_string(text);
	}
	result = json_dumps(string, JSON_ENCODE_ANY);
	json_decref(string);
	return result;
}

static int make_keys(struct dump *d)
{
	char name[96];

	for (unsigned int c = 0; c < d->stream->layout->channel_count; c++) {
		column_name(d, c, false, name, sizeof(name));
		d->keys[c] = json_text(name);
		column_name(d, c, true, name, sizeof(name));
		d->u_keys[c] = json_text(name);
		if (!d->keys[c] || !d->u_keys[c])
			return sense_fail(ENOMEM, NULL, NULL, "out of memory");
	}
	return 0;
}

/* What the first frame carries is what the columns mean. */
static int begin(struct dump *d, const struct sense_frame *frame)
{
	d->values = !d->options->raw && frame && frame->layout->channel_count &&
		    frame->value_unit[0];
	for (unsigned int c = 0; c < d->stream->layout->channel_count; c++)
		snprintf(d->units[c], sizeof(d->units[c]), "%s", d->options->raw ? "raw" :
			 d->values ? frame->value_unit[c] :
			 sense_channel_info_get_unit(&d->stream->layout->channels[c]));
	return json(d) ? make_keys(d) : write_header(d);
}

/* ---- frames ------------------------------------------------------------- */

static int check_units(const struct dump *d, const struct sense_frame *frame)
{
	bool values = frame->layout->channel_count && frame->value_unit[0];

	if (d->options->raw)
		return 0;
	for (unsigned int c = 0; c < frame->layout->channel_count; c++)
		if (values != d->values || (values && strcmp(frame->value_unit[c], d->units[c])))
			return sense_fail(
				EINVAL, d->stream->layout->channels[c].name,
				"dump what is before and what is from there on one by one",
				"channel %s changes its unit at sequence number %" PRIu64
				" and a column has one unit",
				d->stream->layout->channels[c].name, frame->first_sequence);
	return 0;
}

/* Lines for the scans missing before @to; times drawn straight from the last to @time_ns. */
static int write_missing(struct dump *d, uint64_t to, int64_t time_ns)
{
	uint64_t first = d->next, count = to - first;
	int64_t from_ns = d->last_time_ns;
	double step = (double)(time_ns - from_ns) / (double)(count + 1);
	int rc = 0;

	while (d->next < to && d->next <= d->options->last_sequence && !rc)
		rc = write_line(d, NULL, 0, d->next,
				from_ns + (int64_t)(step * (double)(d->next - first + 1)));
	return rc;
}

/* Scans may be missing before the first frame too; their times follow from the rate. */
static void start(struct dump *d, uint64_t first, int64_t time_ns)
{
	double rate_hz = d->stream->layout->rate_hz;

	d->next = d->options->first_sequence > d->stream->first_sequence ?
		  d->options->first_sequence : d->stream->first_sequence;
	d->last_time_ns = time_ns;
	if (d->next < first && rate_hz > 0)
		d->last_time_ns -= (int64_t)(1e9 / rate_hz * (double)(first - d->next + 1));
}

static int write_frame(struct dump *d, const struct sense_frame *frame)
{
	uint64_t last = d->options->last_sequence, from = frame->first_sequence;
	uint32_t slot = d->options->first_sequence > from ?
			(uint32_t)(d->options->first_sequence - from) : 0;
	int rc = check_units(d, frame);

	if (!d->lines)
		start(d, from + slot, frame->time_ns[slot]);
	if (!rc && d->next < from + slot)
		rc = write_missing(d, from + slot, frame->time_ns[slot]);
	/* A frame may repeat slots that were missing in the one before it. */
	if (d->next > from + slot)
		slot = (uint32_t)(d->next - from);
	for (; slot < frame->count && from + slot <= last && !rc; slot++)
		rc = write_line(d, sense_frame_is_present(frame, slot) ? frame : NULL, slot,
				from + slot, frame->time_ns[slot]);
	return rc;
}

static const struct sense_record_stream *choose(struct sense_record_reader *reader, int64_t number)
{
	for (unsigned int i = 0; i < sense_record_reader_get_stream_count(reader); i++) {
		const struct sense_record_stream *stream =
			sense_record_reader_get_stream(reader, i);

		if (!number || stream->stream == number)
			return stream;
	}
	return sense_fail_null(ENOENT, sense_record_reader_path(reader),
			       number ? "choose one of the streams there are" :
			       "record something first", number ?
			       "there is no stream %" PRId64 " in %s" : "stream %" PRId64
			       " cannot be had: %s has none yet", number,
			       sense_record_reader_path(reader));
}

static int write_all(struct dump *d, struct sense_record_reader *reader)
{
	const struct sense_frame *frame = NULL;
	int rc = sense_record_reader_seek(reader, d->stream->stream, d->options->first_sequence);

	if (!rc)
		rc = sense_record_reader_next(reader, &frame);
	if (rc >= 0) {
		int began = begin(d, rc ? frame : NULL);

		rc = began ? began : rc;
	}
	while (rc == 1 && frame->first_sequence <= d->options->last_sequence) {
		rc = write_frame(d, frame);
		if (!rc)
			rc = sense_record_reader_next(reader, &frame);
	}
	return rc < 0 ? rc : 0;
}

int64_t sense_record_dump(struct sense_record_reader *reader,
			  const struct sense_dump_options *options, FILE *file)
{
	/* Numbers have a point, whatever the program's locale. */
	locale_t c_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0), before;
	struct dump *d = calloc(1, sizeof(*d));
	int64_t result;

	if (!d || !c_locale) {
		free(d);
		if (c_locale)
			freelocale(c_locale);
		return sense_fail(ENOMEM, NULL, NULL, "out of memory");
	}
	before = uselocale(c_locale);
	d->options = options;
	d->file = file;
	d->stream = choose(reader, options->stream);
	result = d->stream ? write_all(d, reader) : -ENOENT;
	if (!result && fflush(file))
		result = sense_fail(errno, "output", "see that it can be written and has space",
				    "cannot write the dump: %s", strerror(errno));
	if (!result)
		result = d->lines;
	for (unsigned int c = 0; c < SENSE_FRAME_MAX_CHANNELS; c++) {
		free(d->keys[c]);
		free(d->u_keys[c]);
	}
	uselocale(before);
	freelocale(c_locale);
	free(d);
	return result;
}
