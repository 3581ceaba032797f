// SPDX-License-Identifier: GPL-2.0-or-later
#include "live.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "say.h"
#include "table.h"
#include "text.h"

struct live {
	FILE *file;
	int terminal;
	FILE *page; /* memory stream over text */
	char *text;
	size_t size;
	unsigned int drawn; /* lines of the page on the screen */
};

static void open_page(struct live *live)
{
	live->text = NULL;
	live->page = open_memstream(&live->text, &live->size);
	if (!live->page)
		abort();
}

struct live *live_new(FILE *file)
{
	struct live *live = calloc(1, sizeof(*live));

	if (!live)
		abort();
	live->file = file;
	live->terminal = say_is_terminal(file);
	if (live->terminal)
		fputs("\033[?25l", file); /* no cursor while the page is drawn over and over */
	open_page(live);
	return live;
}

void live_free(struct live *live)
{
	if (!live)
		return;
	if (live->terminal)
		fputs("\033[?25h", live->file);
	fflush(live->file);
	fclose(live->page);
	free(live->text);
	free(live);
}

static void screen(const struct live *live, unsigned int *columns, unsigned int *rows)
{
	struct winsize size = { 0 };
	const char *wish = getenv("COLUMNS");

	*columns = 100;
	*rows = 50;
	if (!live->terminal) {
		*columns = 1000;
		*rows = UINT32_MAX;
		return;
	}
	/* A serial console knows no size and says 0. */
	ioctl(fileno(live->file), TIOCGWINSZ, &size);
	if (size.ws_col)
		*columns = size.ws_col;
	else if (wish && atoi(wish) > 0)
		*columns = (unsigned int)atoi(wish);
	if (size.ws_row)
		*rows = size.ws_row;
}

/* One line, cut to the width; colours take no room. */
static void put_line(FILE *file, const char *line, size_t length, unsigned int width)
{
	unsigned int column = 0;

	for (size_t i = 0; i < length;) {
		size_t n = 1;

		if (line[i] == '\033') {
			while (i + n < length && line[i + n] != 'm')
				n++;
			n++;
		} else {
			while (i + n < length && ((unsigned char)line[i + n] & 0xc0) == 0x80)
				n++;
			if (column++ >= width) {
				i += n;
				continue;
			}
		}
		if (i + n > length)
			n = length - i;
		fwrite(line + i, 1, n, file);
		i += n;
	}
}

void live_show(struct live *live)
{
	unsigned int columns, rows, lines = 0;

	fclose(live->page);
	screen(live, &columns, &rows);
	if (live->terminal && live->drawn)
		fprintf(live->file, "\033[%uA\r", live->drawn);
	for (const char *line = live->text; *line;) {
		size_t length = strcspn(line, "\n");

		if (lines + 2 > rows) /* no room: the head matters more than the tail */
			break;
		put_line(live->file, line, length, columns);
		fputs(live->terminal ? "\033[K\n" : "\n", live->file);
		lines++;
		line += length + (line[length] == '\n');
	}
	if (live->terminal)
		fputs("\033[J", live->file);
	fflush(live->file);
	live->drawn = lines;
	free(live->text);
	open_page(live);
}

void live_line(struct live *live, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vfprintf(live->page, format, args);
	va_end(args);
	fputc('\n', live->page);
}

uint64_t live_lost(const uint64_t *lost)
{
	uint64_t sum = 0;

	for (unsigned int cause = 0; cause < SENSE_GAP_CAUSES; cause++)
		sum += lost[cause];
	return sum;
}

const char *live_lost_text(const uint64_t *lost, char *text, size_t size)
{
	size_t at = 0;
	char count[32];

	snprintf(text, size, "none");
	for (unsigned int cause = 0; cause < SENSE_GAP_CAUSES; cause++)
		if (lost[cause] && at < size)
			at += (size_t)snprintf(text + at, size - at, "%s%s by %s", at ? ", " : "",
					       text_count(lost[cause], count, sizeof(count)),
					       sense_gap_cause_name((enum sense_gap_cause)cause));
	return text;
}

static void head(struct live *live, const struct live_status *status, uint32_t frame_flags)
{
	const struct sense_stream_counts *counts = &status->counts;
	uint64_t lost = live_lost(counts->lost);
	char a[64], b[64], c[64], causes[160];

	fprintf(live->page, "%s%s%s", ink(live->file, INK_BOLD), status->device_id,
		ink(live->file, INK_PLAIN));
	if (status->simulated)
		fprintf(live->page, "  %ssimulated card%s", ink(live->file, INK_WARN),
			ink(live->file, INK_PLAIN));
	fprintf(live->page, "  %s  %s scans  %s%s%s\n",
		text_duration(status->elapsed_s, a, sizeof(a)),
		text_count(counts->scans, b, sizeof(b)), ink(live->file, INK_BOLD),
		text_rate(status->rate_hz, c, sizeof(c)), ink(live->file, INK_PLAIN));

	fprintf(live->page, "%sgaps %s, lost scans %s%s", ink(live->file, lost ? INK_BAD : INK_GOOD),
		text_count(counts->gaps, a, sizeof(a)),
		live_lost_text(counts->lost, causes, sizeof(causes)), ink(live->file, INK_PLAIN));
	if (counts->buffer_scans)
		fprintf(live->page, "  kernel buffer %u: %s of %s scans (%.0f %%)", status->buffer,
			text_count(counts->fill, a, sizeof(a)),
			text_count(counts->buffer_scans, b, sizeof(b)),
			100.0 * counts->fill / counts->buffer_scans);
	if (status->reader)
		fprintf(live->page, "  %s", status->reader);
	fputc('\n', live->page);

	if (status->silent_s >= 2)
		fprintf(live->page, "%sno scan for %s%s\n", ink(live->file, INK_BAD),
			text_duration(status->silent_s, a, sizeof(a)), ink(live->file, INK_PLAIN));
	if (frame_flags & (SENSE_FRAME_CLOCK_UNSYNCHRONISED | SENSE_FRAME_TAI_OFFSET_UNKNOWN))
		fprintf(live->page, "%sclock: %s%s%s ('sense doctor' says what to do)%s\n",
			ink(live->file, INK_DIM),
			frame_flags & SENSE_FRAME_CLOCK_UNSYNCHRONISED ? "not synchronised" : "",
			(frame_flags & SENSE_FRAME_CLOCK_UNSYNCHRONISED) &&
					(frame_flags & SENSE_FRAME_TAI_OFFSET_UNKNOWN) ?
				", " :
				"",
			frame_flags & SENSE_FRAME_TAI_OFFSET_UNKNOWN ? "TAI - UTC unknown" : "",
			ink(live->file, INK_PLAIN));
	if (status->one_of > 1)
		fprintf(live->page, "%sstatistics of one frame in %u, to keep up%s\n",
			ink(live->file, INK_DIM), status->one_of, ink(live->file, INK_PLAIN));
	if (status->event && *status->event)
		fprintf(live->page, "%slatest event: %s%s\n", ink(live->file, INK_DIM),
			status->event, ink(live->file, INK_PLAIN));
}

static const char *state(const struct view_numbers *numbers, double u, char *text, size_t size)
{
	char count[32];

	/* Without a value because it is outside or expired is said as that. */
	if (numbers->faults > numbers->outside && numbers->faults > numbers->expired)
		snprintf(text, size, "FAULT %s", text_count(numbers->faults, count, sizeof(count)));
	else if (numbers->saturated)
		snprintf(text, size, "saturated %s",
			 text_count(numbers->saturated, count, sizeof(count)));
	else if (numbers->expired)
		snprintf(text, size, "expired");
	else if (numbers->outside)
		snprintf(text, size, "outside %s",
			 text_count(numbers->outside, count, sizeof(count)));
	else if (!numbers->n)
		snprintf(text, size, "no data");
	else if (isnan(u))
		snprintf(text, size, "no calibration");
	else
		snprintf(text, size, "ok");
	return text;
}

void live_device(struct live *live, struct view *view, const struct live_status *status)
{
	const char *plus_minus = text_is_utf8() ? ">± U (k=2)" : ">+- U (k=2)";
	const char *const wide[] = { "channel", ">value", plus_minus, "unit", ">mean",
				     ">std",	">min",	  ">max",     "state" };
	const char *const narrow[] = { "channel", ">value", plus_minus, "unit", "state" };
	struct sense_layout *layout = view_get_layout(view);
	struct table *table;
	unsigned int columns, rows;
	int all;

	head(live, status, view_get_frame_flags(view));
	screen(live, &columns, &rows);
	all = columns >= 100;
	table = all ? table_new(9, wide) : table_new(5, narrow);
	for (unsigned int c = 0; c < sense_layout_get_channel_count(layout); c++) {
		const struct sense_channel_info *info = sense_layout_get_channel(layout, c);
		struct text_unit unit = text_unit(sense_channel_info_get_kind(info),
						  view_get_unit(view, c));
		struct view_numbers n = view_get_window(view, c);
		double std = n.std * unit.factor;
		/* Without noise the resolution says how many digits mean something. */
		double spread = std > 0 ? std : fabs(sense_channel_info_get_scale(info) * unit.factor);
		double u = view_get_last_u(view, c);
		double expanded = text_two_digits(2 * u * unit.factor);
		char text[64];

		table_cell(table, "%s", sense_channel_info_get_name(info));
		/* No more digits than the uncertainty bears (GUM 7.2.6); the mean keeps the noise's. */
		table_cell(table, "%s",
			   text_value(view_get_last(view, c) * unit.factor,
				      expanded > 0 ? expanded : spread, text, sizeof(text)));
		table_cell(table, "%s", text_value(expanded, expanded, text, sizeof(text)));
		table_cell(table, "%s", unit.name);
		if (all) {
			table_cell(table, "%s",
				   text_value(n.mean * unit.factor, spread, text, sizeof(text)));
			table_cell(table, "%s", text_value(std, spread, text, sizeof(text)));
			table_cell(table, "%s",
				   text_value(n.min * unit.factor, spread, text, sizeof(text)));
			table_cell(table, "%s",
				   text_value(n.max * unit.factor, spread, text, sizeof(text)));
		}
		table_cell(table, "%s", state(&n, u, text, sizeof(text)));
	}
	table_print(table, live->page, 1);
	table_free(table);
}

double live_rate(struct live_rate *rate, double now_s, uint64_t scans)
{
	unsigned int size = sizeof(rate->seen) / sizeof(rate->seen[0]);
	unsigned int oldest;
	double span;

	rate->seen[rate->next].at_s = now_s;
	rate->seen[rate->next].scans = scans;
	rate->next = (rate->next + 1) % size;
	if (rate->count < size)
		rate->count++;
	oldest = (rate->next + size - rate->count) % size;
	span = now_s - rate->seen[oldest].at_s;
	return span > 0 ? (double)(scans - rate->seen[oldest].scans) / span : 0;
}
