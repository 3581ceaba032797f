// SPDX-License-Identifier: GPL-2.0-or-later
#include "chart.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text.h"

enum { LEFT = 86, RIGHT = 24, TOP = 62, LEGEND = 26, LEGEND_ROW = 15, BETWEEN = 22, BOTTOM = 56,
       MOST_SERIES = 64 };

/* One column of pixels of one series. */
struct column {
	uint64_t n, faults;
	double least, greatest, sum;
};

struct point {
	int64_t time_ns;
	double value;
};

struct series {
	char *name, *unit;
	struct column *column;
	struct point *point; /* instead, for a short record */
	size_t points, room;
	uint64_t n, faults;
	double mean, m2, least, greatest; /* Welford */
};

struct chart {
	struct chart_head head;
	char *title, *subtitle;
	unsigned int columns, count;
	struct series series[MOST_SERIES];
	uint64_t *missing; /* scans, per column */
	uint64_t gaps, lost;
};

/* Okabe and Ito (2008): told apart with any colour vision. */
static const char *const colours[] = { "#0072B2", "#D55E00", "#009E73", "#CC79A7",
				       "#E69F00", "#56B4E9", "#000000" };
#define COLOUR(i) colours[(i) % (sizeof(colours) / sizeof(colours[0]))]

static void *some(size_t count, size_t size)
{
	void *memory = calloc(count, size);

	if (!memory)
		abort();
	return memory;
}

struct chart *chart_new(const struct chart_head *head)
{
	struct chart *chart = some(1, sizeof(*chart));

	chart->head = *head;
	if (chart->head.to_ns <= chart->head.from_ns)
		chart->head.to_ns = chart->head.from_ns + 1;
	chart->title = strdup(head->title);
	chart->subtitle = strdup(head->subtitle);
	chart->columns = head->width - LEFT - RIGHT;
	chart->missing = some(chart->columns, sizeof(*chart->missing));
	return chart;
}

void chart_free(struct chart *chart)
{
	if (!chart)
		return;
	for (unsigned int i = 0; i < chart->count; i++) {
		free(chart->series[i].name);
		free(chart->series[i].unit);
		free(chart->series[i].column);
		free(chart->series[i].point);
	}
	free(chart->missing);
	free(chart->title);
	free(chart->subtitle);
	free(chart);
}

unsigned int chart_add_series(struct chart *chart, const char *name, const char *unit)
{
	struct series *series = &chart->series[chart->count];

	series->name = strdup(name);
	series->unit = strdup(unit);
	if (chart->head.samples > 2 * chart->columns)
		series->column = some(chart->columns, sizeof(*series->column));
	return chart->count++;
}

static double x_of(const struct chart *chart, int64_t time_ns)
{
	return (double)(time_ns - chart->head.from_ns) /
	       (double)(chart->head.to_ns - chart->head.from_ns) * chart->columns;
}

static unsigned int column_of(const struct chart *chart, int64_t time_ns)
{
	double x = x_of(chart, time_ns);

	return x <= 0 ? 0 : x >= chart->columns ? chart->columns - 1 : (unsigned int)x;
}

void chart_put(struct chart *chart, unsigned int index, int64_t time_ns, double value)
{
	struct series *series = &chart->series[index];
	double d;

	if (!series->column) {
		if (series->points == series->room) {
			series->room = series->room ? 2 * series->room : 1024;
			series->point =
				realloc(series->point, series->room * sizeof(*series->point));
			if (!series->point)
				abort();
		}
		series->point[series->points++] = (struct point){ time_ns, value };
	} else {
		struct column *column = &series->column[column_of(chart, time_ns)];

		if (isnan(value)) {
			column->faults++;
		} else {
			if (!column->n || value < column->least)
				column->least = value;
			if (!column->n || value > column->greatest)
				column->greatest = value;
			column->sum += value;
			column->n++;
		}
	}
	if (isnan(value)) {
		series->faults++;
		return;
	}
	if (!series->n || value < series->least)
		series->least = value;
	if (!series->n || value > series->greatest)
		series->greatest = value;
	d = value - series->mean;
	series->mean += d / (double)++series->n;
	series->m2 += d * (value - series->mean);
}

void chart_gap(struct chart *chart, int64_t from_ns, int64_t to_ns, uint64_t missing)
{
	unsigned int from = column_of(chart, from_ns), to = column_of(chart, to_ns);

	chart->gaps++;
	chart->lost += missing;
	for (unsigned int i = from; i <= to; i++)
		chart->missing[i] += missing;
}

/* ---- axes ------------------------------------------------------------------------- */

static void put_text(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", file);
		else if (*text == '>')
			fputs("&gt;", file);
		else if (*text == '&')
			fputs("&amp;", file);
		else if ((unsigned char)*text >= ' ')
			fputc(*text, file);
	}
}

/* Step of 1, 2 or 5 times a power of ten that cuts @span into at most @most parts. */
static double nice_step(double span, unsigned int most)
{
	double power = pow(10, floor(log10(span / most)));

	for (;;) {
		if (span / power <= most)
			return power;
		if (span / (2 * power) <= most)
			return 2 * power;
		if (span / (5 * power) <= most)
			return 5 * power;
		power *= 10;
	}
}

static double time_step(double span_s, unsigned int most)
{
	static const double steps[] = { 1,   2,	  5,	10,   15,   30,	   60,	  120,	  300,
					600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400 };

	if (span_s / most < 1)
		return nice_step(span_s, most);
	for (unsigned int i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (span_s / steps[i] <= most)
			return steps[i];
	return 86400 * ceil(span_s / most / 86400);
}

static void time_label(double utc_s, double step, char *text, size_t size)
{
	time_t whole = (time_t)floor(utc_s + 1e-9);
	double part = utc_s - (double)whole;
	int digits = (int)ceil(-log10(step) - 1e-9);
	struct tm tm;

	gmtime_r(&whole, &tm);
	if (step >= 86400)
		strftime(text, size, "%d %b", &tm);
	else if (step >= 60)
		strftime(text, size, "%H:%M", &tm);
	else if (step >= 1)
		strftime(text, size, "%H:%M:%S", &tm);
	else
		snprintf(text, size, "%0*.*f", 3 + digits, digits, tm.tm_sec + part);
}

static void print_time_axis(const struct chart *chart, FILE *file, double top, double bottom,
			    int labels)
{
	double from = 1e-9 * (double)chart->head.from_ns, to = 1e-9 * (double)chart->head.to_ns;
	double step = time_step(to - from, chart->columns / 90);
	char text[40];

	for (double i = ceil(from / step); i * step <= to; i++) {
		double x = LEFT + (i * step - from) / (to - from) * chart->columns;

		fprintf(file, "<line class='grid' x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f'/>\n", x, x,
			top, bottom);
		if (!labels)
			continue;
		time_label(i * step, step, text, sizeof(text));
		fprintf(file, "<text class='tick' x='%.1f' y='%.1f' text-anchor='middle'>%s</text>\n",
			x, bottom + 18, text);
	}
	if (labels) {
		time_t start = (time_t)from;
		struct tm tm;

		gmtime_r(&start, &tm);
		/* Below a second the labels count the seconds of the minute. */
		strftime(text, sizeof(text),
			 step < 1 ? "seconds of %Y-%m-%d %H:%M UTC" : "%Y-%m-%d UTC", &tm);
		fprintf(file, "<text class='unit' x='%.1f' y='%.1f' text-anchor='middle'>%s</text>\n",
			LEFT + chart->columns / 2.0, bottom + 40, text);
	}
}

struct range {
	double least, greatest;
};

static double y_of(struct range range, double top, double bottom, double value)
{
	return bottom - (value - range.least) / (range.greatest - range.least) * (bottom - top);
}

static void print_value_axis(const struct chart *chart, FILE *file, struct range range, double top,
			     double bottom, const char *unit)
{
	double step = nice_step(range.greatest - range.least, (unsigned int)((bottom - top) / 32));
	int digits = (int)ceil(-log10(step) - 1e-9);

	for (double i = ceil(range.least / step - 1e-9); i * step <= range.greatest; i++) {
		double y = y_of(range, top, bottom, i * step);

		fprintf(file,
			"<line class='grid' x1='%d' x2='%d' y1='%.1f' y2='%.1f'/>\n"
			"<text class='tick' x='%d' y='%.1f' text-anchor='end'>%.*f</text>\n",
			LEFT, LEFT + (int)chart->columns, y, y, LEFT - 8, y + 4,
			digits < 0 ? 0 : digits, i * step + 0.0);
	}
	fprintf(file, "<text class='unit' transform='translate(18 %.1f) rotate(-90)' "
		      "text-anchor='middle'>", (top + bottom) / 2);
	put_text(file, unit);
	fprintf(file, "</text>\n");
}

/* ---- series ------------------------------------------------------------------------- */

/* Whether the line from the column of the last sample to this one crosses a gap. */
static int broken(const struct chart *chart, unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i <= to; i++)
		if (chart->missing[i])
			return 1;
	return 0;
}

static void print_points(const struct chart *chart, const struct series *series, FILE *file,
			 struct range range, double top, double bottom, const char *colour)
{
	int down = 0;
	unsigned int before = 0;

	fprintf(file, "<path class='line' stroke='%s' d='", colour);
	for (size_t i = 0; i < series->points; i++) {
		const struct point *point = &series->point[i];
		unsigned int column = column_of(chart, point->time_ns);

		if (isnan(point->value)) {
			down = 0;
			continue;
		}
		if (down && broken(chart, before, column))
			down = 0;
		fprintf(file, "%c%.1f %.1f", down ? 'L' : 'M', LEFT + x_of(chart, point->time_ns),
			y_of(range, top, bottom, point->value));
		if (!down) /* so that a sample alone shows, as a dot of the round cap */
			fprintf(file, "h0");
		down = 1;
		before = column;
	}
	fprintf(file, "'/>\n");
}

static void print_envelope(const struct chart *chart, const struct series *series, FILE *file,
			   struct range range, double top, double bottom, const char *colour)
{
	unsigned int before = 0;
	int down = 0;

	fprintf(file, "<path class='band' stroke='%s' d='", colour);
	for (unsigned int i = 0; i < chart->columns; i++) {
		const struct column *column = &series->column[i];

		if (column->n)
			fprintf(file, "M%.1f %.1fV%.1f", LEFT + i + 0.5,
				y_of(range, top, bottom, column->greatest) - 0.4,
				y_of(range, top, bottom, column->least) + 0.4);
	}
	fprintf(file, "'/>\n<path class='line' stroke='%s' d='", colour);
	for (unsigned int i = 0; i < chart->columns; i++) {
		const struct column *column = &series->column[i];

		if (!column->n) {
			if (column->faults)
				down = 0;
			continue;
		}
		if (down && broken(chart, before + 1, i ? i - 1 : 0) && before + 1 < i)
			down = 0;
		fprintf(file, "%c%.1f %.1f", down ? 'L' : 'M', LEFT + i + 0.5,
			y_of(range, top, bottom, column->sum / (double)column->n));
		down = 1;
		before = i;
	}
	fprintf(file, "'/>\n");
}

static void print_faults(const struct chart *chart, const struct series *series, FILE *file,
			 double bottom, const char *colour)
{
	if (!series->faults)
		return;
	fprintf(file, "<path fill='%s' d='", colour);
	for (unsigned int i = 0; series->column && i < chart->columns; i++)
		if (series->column[i].faults)
			fprintf(file, "M%u %.1fh1v-6h-1z", LEFT + i, bottom);
	for (size_t i = 0; i < series->points; i++)
		if (isnan(series->point[i].value))
			fprintf(file, "M%.1f %.1fh2v-6h-2z",
				LEFT - 1 + x_of(chart, series->point[i].time_ns), bottom);
	fprintf(file, "'/>\n");
}

static void print_gaps(const struct chart *chart, FILE *file, double top, double bottom)
{
	for (unsigned int i = 0; i < chart->columns; i++) {
		unsigned int from = i;

		while (i < chart->columns && chart->missing[i])
			i++;
		if (i > from)
			fprintf(file, "<rect class='gap' x='%u' y='%.1f' width='%u' height='%.1f'/>\n",
				LEFT + from, top, i - from, bottom - top);
	}
}

/* In as many rows as it takes, the first at @y. Returns how many; @file NULL only counts. */
static unsigned int print_legend(const struct chart *chart, FILE *file, const char *unit, double y)
{
	unsigned int rows = 1;
	double x = LEFT, width;
	char mean[40], std[40], line[240], count[32];

	for (unsigned int i = 0; i < chart->count; i++) {
		const struct series *series = &chart->series[i];
		double s = series->n > 1 ? sqrt(series->m2 / (double)(series->n - 1)) : NAN;
		int at;

		if (strcmp(series->unit, unit) != 0)
			continue;
		at = snprintf(line, sizeof(line), "%s: mean %s, std %s", series->name,
			      text_value(series->n ? series->mean : NAN, s, mean, sizeof(mean)),
			      text_value(s, s, std, sizeof(std)));
		if (series->faults && at > 0 && (size_t)at < sizeof(line))
			snprintf(line + at, sizeof(line) - (size_t)at, "; %s faulty",
				 text_count(series->faults, count, sizeof(count)));
		width = 22 + 6.6 * text_width(line);
		if (x > LEFT && x + width > LEFT + (double)chart->columns) {
			x = LEFT;
			y += LEGEND_ROW;
			rows++;
		}
		if (file) {
			fprintf(file, "<line stroke='%s' stroke-width='3' x1='%.1f' x2='%.1f' y1='%.1f' "
			      "y2='%.1f'/>\n<text class='legend' x='%.1f' y='%.1f'>",
				COLOUR(i), x, x + 16, y - 4, y - 4, x + 22, y);
			put_text(file, line);
			fprintf(file, "</text>\n");
		}
		x += width + 18;
	}
	return rows;
}

/* Height that the legend of a panel takes beyond its first row. */
static double legend_more(const struct chart *chart, const char *unit)
{
	return LEGEND_ROW * (print_legend(chart, NULL, unit, 0) - 1);
}

static void print_panel(const struct chart *chart, FILE *file, const char *unit, double top,
			int last)
{
	double bottom = top + chart->head.panel_height, pad;
	struct range range = { INFINITY, -INFINITY };

	for (unsigned int i = 0; i < chart->count; i++) {
		const struct series *series = &chart->series[i];

		if (strcmp(series->unit, unit) != 0 || !series->n)
			continue;
		range.least = fmin(range.least, series->least);
		range.greatest = fmax(range.greatest, series->greatest);
	}
	if (!(range.greatest >= range.least))
		range = (struct range){ 0, 1 };
	pad = 0.06 * (range.greatest - range.least);
	if (!(pad > 1e-12 * fmax(fabs(range.least), fabs(range.greatest))))
		pad = range.least != 0 ? 0.01 * fabs(range.least) : 1;
	range.least -= pad;
	range.greatest += pad;

	print_gaps(chart, file, top, bottom);
	print_time_axis(chart, file, top, bottom, last);
	print_value_axis(chart, file, range, top, bottom, unit);
	for (unsigned int i = 0; i < chart->count; i++) {
		const struct series *series = &chart->series[i];

		if (strcmp(series->unit, unit) != 0)
			continue;
		if (series->column)
			print_envelope(chart, series, file, range, top, bottom, COLOUR(i));
		else
			print_points(chart, series, file, range, top, bottom, COLOUR(i));
		print_faults(chart, series, file, bottom, COLOUR(i));
	}
	fprintf(file, "<path class='axis' d='M%d %.1fV%.1fH%d'/>\n", LEFT, top, bottom,
		LEFT + (int)chart->columns);
	print_legend(chart, file, unit, top - 8 - legend_more(chart, unit));
}

void chart_print(const struct chart *chart, FILE *file)
{
	const char *units[MOST_SERIES];
	unsigned int panels = 0;
	double height, top = TOP + LEGEND;
	char lost[32], gaps[32];

	for (unsigned int i = 0; i < chart->count; i++) {
		unsigned int j = 0;

		while (j < panels && strcmp(units[j], chart->series[i].unit) != 0)
			j++;
		if (j == panels)
			units[panels++] = chart->series[i].unit;
	}
	height = TOP + panels * (LEGEND + chart->head.panel_height) +
		 (panels ? panels - 1 : 0) * BETWEEN + BOTTOM;
	for (unsigned int i = 0; i < panels; i++)
		height += legend_more(chart, units[i]);
	fprintf(file,
		"<?xml version='1.0' encoding='UTF-8'?>\n"
		"<svg xmlns='http://www.w3.org/2000/svg' width='%u' height='%.0f' "
		"viewBox='0 0 %u %.0f' role='img'>\n<title>",
		chart->head.width, height, chart->head.width, height);
	put_text(file, chart->title);
	fprintf(file, "</title>\n<desc>");
	put_text(file, chart->subtitle);
	fprintf(file,
		"</desc>\n<style>\n"
		"text{font-family:'DejaVu Sans',Verdana,Helvetica,Arial,sans-serif;fill:#222}\n"
		".title{font-size:16px;font-weight:bold}.subtitle{font-size:12px;fill:#555}\n"
		".tick,.legend{font-size:11px}.unit{font-size:12px}\n"
		".grid{stroke:#e4e4e4;stroke-width:1}.axis{stroke:#444;stroke-width:1;fill:none}\n"
		".line{fill:none;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}\n"
		".band{fill:none;stroke-width:1;stroke-opacity:.35}\n"
		".gap{fill:#d62728;fill-opacity:.22}\n</style>\n"
		"<rect width='100%%' height='100%%' fill='#fff'/>\n"
		"<text class='title' x='%d' y='28'>", LEFT);
	put_text(file, chart->title);
	fprintf(file, "</text>\n<text class='subtitle' x='%d' y='48'>", LEFT);
	put_text(file, chart->subtitle);
	fprintf(file, "</text>\n");
	if (chart->gaps)
		fprintf(file,
			"<rect class='gap' x='%d' y='38' width='12' height='12'/>\n"
			"<text class='subtitle' x='%u' y='48' text-anchor='end'>%s gap%s, %s scans "
			"missing</text>\n",
			(int)chart->head.width - RIGHT - 12, chart->head.width - RIGHT - 18,
			text_count(chart->gaps, gaps, sizeof(gaps)), chart->gaps == 1 ? "" : "s",
			text_count(chart->lost, lost, sizeof(lost)));
	for (unsigned int i = 0; i < panels; i++) {
		top += legend_more(chart, units[i]);
		print_panel(chart, file, units[i], top, i + 1 == panels);
		top += chart->head.panel_height + BETWEEN + LEGEND;
	}
	fprintf(file, "</svg>\n");
}
