// SPDX-License-Identifier: GPL-2.0-or-later
/* One panel per nominal point: errors with their U, control limits, tolerance, drift and forecast. */
#include "health-chart.h"

#include <math.h>
#include <string.h>

#include "text.h"

enum { WIDTH = 960, PANEL = 250, LEFT = 96, RIGHT = 150, TOP = 64, GAP = 46, BOTTOM = 70 };

/* Okabe and Ito (2008): told apart with any colour vision. */
#define BLUE  "#0072B2"
#define RED   "#D55E00"
#define GREEN "#009E73"
#define PINK  "#CC79A7"
#define GREY  "#666666"

struct scale {
	double from, to; /* days */
	double low, high; /* of values, shown ones */
	double top; /* of the panel, pixels */
	double factor; /* shown = value * factor */
};

static double x_of(const struct scale *s, double day)
{
	return LEFT + (day - s->from) / (s->to - s->from) * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct scale *s, double value)
{
	return s->top + PANEL - (value * s->factor - s->low) / (s->high - s->low) * PANEL;
}

static void put_text(FILE *f, const char *text)
{
	for (; *text; text++)
		switch (*text) {
		case '<':
			fputs("&lt;", f);
			break;
		case '>':
			fputs("&gt;", f);
			break;
		case '&':
			fputs("&amp;", f);
			break;
		default:
			fputc((unsigned char)*text < ' ' ? ' ' : *text, f);
		}
}

/* 1, 2 or 5 times a power of ten, so that about @parts fit into @span. */
static double nice_step(double span, double parts)
{
	double power = pow(10, floor(log10(span / parts))), rest = span / parts / power;

	return power * (rest < 1.5 ? 1 : rest < 3.5 ? 2 : rest < 7.5 ? 5 : 10);
}

static void line(FILE *f, double x1, double y1, double x2, double y2, const char *style)
{
	fprintf(f, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n", x1, y1, x2, y2,
		style);
}

/* A horizontal line across the panel with its name at the right. */
static void level(FILE *f, const struct scale *s, double value, const char *style,
		  const char *colour, const char *name)
{
	double y = y_of(s, value);

	line(f, LEFT, y, WIDTH - RIGHT, y, style);
	if (*name)
		fprintf(f, "<text x=\"%d\" y=\"%.1f\" fill=\"%s\">%s</text>\n", WIDTH - RIGHT + 6,
			y + 4, colour, name);
}

static void axes(FILE *f, const struct scale *s, const char *unit)
{
	double step = nice_step(s->high - s->low, 6), years = (s->to - s->from) / 365.25;
	int months = years > 12 ? 24 : years > 5 ? 12 : years > 2.5 ? 6 : years > 0.8 ? 2 : 1;
	char day[11];

	fprintf(f,
		"<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%d\" fill=\"none\" "
		"stroke=\"#999\"/>\n",
		LEFT, s->top, WIDTH - LEFT - RIGHT, PANEL);
	for (double v = ceil(s->low / step) * step; v <= s->high; v += step) {
		double y = y_of(s, v / s->factor);

		line(f, LEFT, y, WIDTH - RIGHT, y, "stroke=\"#eee\"");
		fprintf(f, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.6g</text>\n", LEFT - 8,
			y + 4, fabs(v) < step / 1e6 ? 0 : v);
	}
	fprintf(f,
		"<text x=\"20\" y=\"%.1f\" text-anchor=\"middle\" "
		"transform=\"rotate(-90 20 %.1f)\">error / ",
		s->top + PANEL / 2.0, s->top + PANEL / 2.0);
	put_text(f, unit);
	fprintf(f, "</text>\n");
	/* First days of months; a year's first is named in full. */
	for (int32_t d = (int32_t)ceil(s->from); d <= s->to; d++) {
		int month;

		sense_day_format(d, day);
		if (!*day || day[8] != '0' || day[9] != '1')
			continue;
		month = (day[5] - '0') * 10 + day[6] - '1';
		if (month % (months > 12 ? 12 : months) ||
		    (months > 12 && (day[3] - '0') % (months / 12)))
			continue;
		line(f, x_of(s, d), s->top, x_of(s, d), s->top + PANEL, "stroke=\"#eee\"");
		fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.*s</text>\n",
			x_of(s, d), s->top + PANEL + 16, 7, day);
	}
}

static void drift_band(FILE *f, const struct scale *s, const struct sense_health_point *p, double k,
		       double first)
{
	const int parts = 60;
	double from = fmax(first, s->from);

	fprintf(f, "<polygon fill=\"" BLUE "\" fill-opacity=\"0.13\" points=\"");
	for (int i = 0; i <= 2 * parts + 1; i++) {
		int back = i > parts;
		double day = from + (s->to - from) * (back ? 2 * parts + 1 - i : i) / parts;

		fprintf(f, "%.1f,%.1f ", x_of(s, day),
			y_of(s, sense_drift_error(&p->drift, day) +
					(back ? -k : k) * sense_drift_u(&p->drift, day)));
	}
	fprintf(f, "\"/>\n");
	line(f, x_of(s, from), y_of(s, sense_drift_error(&p->drift, from)), x_of(s, s->to),
	     y_of(s, sense_drift_error(&p->drift, s->to)),
	     "stroke=\"" BLUE "\" stroke-width=\"1.5\"");
}

static void visit(FILE *f, const struct scale *s, const struct sense_health_visit *v, double k)
{
	double x = x_of(s, v->day), y = y_of(s, v->error);
	const char *colour = v->current ? BLUE : "#999";

	fprintf(f, "<g stroke=\"%s\" fill=\"%s\">", colour, colour);
	line(f, x, y_of(s, v->error - k * v->u), x, y_of(s, v->error + k * v->u), "");
	if (v->kind == SENSE_LOG_CHECK)
		fprintf(f, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>", x, y);
	else /* as found: hollow; as left: filled */
		fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"8\" height=\"8\"%s/>", x - 4, y - 4,
			v->kind == SENSE_LOG_AS_FOUND ? " fill=\"#fff\"" : "");
	fprintf(f, "</g>\n");
	if (v->signals) {
		fprintf(f,
			"<circle cx=\"%.1f\" cy=\"%.1f\" r=\"8\" fill=\"none\" stroke=\"" RED
			"\" stroke-width=\"2\"><title>",
			x, y);
		for (uint32_t bit = 1; bit && bit <= v->signals; bit <<= 1)
			if (v->signals & bit)
				fprintf(f, "%s ", sense_control_rule_get_name(bit));
		fprintf(f, "</title></circle>\n");
	}
}

/* What must be visible: all errors with their U, limits, tolerance; twice the latter at most. */
static void find_range(struct scale *s, const struct sense_health_point *p,
		       const struct health_head *head)
{
	double low = 0, high = 0, most = 0;

	for (unsigned int i = 0; i < p->visit_count; i++) {
		const struct sense_health_visit *v = &p->visits[i];

		low = fmin(low, v->error - head->k * v->u);
		high = fmax(high, v->error + head->k * v->u);
	}
	if (p->has_limits) {
		low = fmin(low, p->limits.centre - 3 * p->limits.sigma);
		high = fmax(high, p->limits.centre + 3 * p->limits.sigma);
	}
	if (!isnan(head->tolerance)) {
		low = fmin(low, -head->tolerance);
		high = fmax(high, head->tolerance);
	}
	most = fmax(high - low, 1e-300);
	s->low = (low - 0.08 * most) * s->factor;
	s->high = (high + 0.08 * most) * s->factor;
}

static void panel(FILE *f, struct scale *s, unsigned int index, const struct sense_health_point *p,
		  const struct health_head *head, const char *unit)
{
	double first = INFINITY, tolerance = head->tolerance;

	s->top = TOP + 22 + index * (double)(PANEL + GAP);
	find_range(s, p, head);
	fprintf(f, "<text x=\"%d\" y=\"%.1f\" font-weight=\"bold\">at %.9g ", LEFT, s->top - 8,
		p->nominal);
	put_text(f, text_unit(SENSE_KIND_OTHER, head->unit).factor == 1 ?
			    text_unit(SENSE_KIND_OTHER, head->unit).name :
			    head->unit);
	fprintf(f, "</text>\n");
	axes(f, s, unit);
	fprintf(f,
		"<clipPath id=\"p%u\"><rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%d\"/>"
		"</clipPath>\n",
		index, LEFT, s->top, WIDTH - LEFT - RIGHT, PANEL);
	if (p->has_limits) {
		level(f, s, p->limits.centre, "stroke=\"" GREEN "\"", GREEN, "centre");
		for (int side = -1; side <= 1; side += 2)
			level(f, s, p->limits.centre + side * 3 * p->limits.sigma,
			      "stroke=\"" GREEN "\" stroke-dasharray=\"5 4\"", GREEN,
			      side > 0 ? "+3 sigma" : "-3 sigma");
	}
	if (!isnan(tolerance))
		for (int side = -1; side <= 1; side += 2)
			level(f, s, side * tolerance, "stroke=\"" RED "\" stroke-width=\"1.5\"",
			      RED, "tolerance");
	fprintf(f, "<g clip-path=\"url(#p%u)\">\n", index);
	for (unsigned int i = 0; i < p->visit_count; i++)
		if (p->visits[i].current)
			first = fmin(first, p->visits[i].day);
	if (p->has_drift)
		drift_band(f, s, p, head->k, first);
	for (unsigned int i = 0; i < p->visit_count; i++)
		visit(f, s, &p->visits[i], head->k);
	fprintf(f, "</g>\n");
	if (p->has_forecast && p->forecast.due >= s->from && p->forecast.due <= s->to) {
		double x = x_of(s, p->forecast.due);
		char day[11];

		line(f, x, s->top, x, s->top + PANEL, "stroke=\"" PINK "\" stroke-width=\"1.5\"");
		fprintf(f,
			"<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" fill=\"" PINK
			"\">due %s</text>\n",
			x, s->top - 8, sense_day_format((int32_t)floor(p->forecast.due), day));
	}
}

/* From the first comparison to a little past the last, the forecast and today. */
static void find_time(struct scale *s, const struct sense_health *h, const struct health_head *head)
{
	double last = -INFINITY, due = -INFINITY;

	s->from = INFINITY;
	for (unsigned int i = 0; i < sense_health_get_point_count(h); i++) {
		const struct sense_health_point *p = sense_health_get_point(h, i);

		for (unsigned int j = 0; j < p->visit_count; j++) {
			s->from = fmin(s->from, p->visits[j].day);
			last = fmax(last, p->visits[j].day);
		}
		if (p->has_forecast && isfinite(p->forecast.due))
			due = fmax(due, p->forecast.due);
	}
	/* A forecast far off would press the data into a corner. */
	due = fmin(due, last + 2 * fmax(last - s->from, 90));
	s->to = fmax(last, fmax(due, fmin(head->today, last + fmax(last - s->from, 90))));
	s->to += 0.03 * fmax(s->to - s->from, 20);
	s->from -= 0.03 * fmax(s->to - s->from, 20);
}

static void verdict_words(FILE *f, const struct sense_health *health,
			  const struct health_head *head)
{
	struct sense_health_verdict v = sense_health_get_verdict(health);
	char day[11], today[11];

	fprintf(f, "%s",
		v.out_of_control ? "out of control" :
		v.exceeds	 ? "beyond the tolerance" :
				   "nothing signals");
	if (v.has_due)
		fprintf(f, "; recalibrate by %s", sense_day_format(v.due_day, day));
	fprintf(f, "%s; as of %s; bars and band: k = %g", v.overdue ? ", overdue" : "",
		sense_day_format(head->today, today), head->k);
}

void health_chart(const struct sense_health *health, const struct health_head *head, FILE *f)
{
	unsigned int count = sense_health_get_point_count(health);
	struct text_unit shown = text_unit(SENSE_KIND_OTHER, head->unit);
	struct scale s = { .factor = 1 };
	const char *unit = shown.factor == 1 ? shown.name : head->unit;
	int height = TOP + 22 + (int)count * (PANEL + GAP) + BOTTOM - GAP;
	struct sense_health_verdict v = sense_health_get_verdict(health);

	/* Errors of thermometers are read in millikelvin. */
	if (!strcmp(head->unit, "Cel") && !isnan(head->tolerance) && head->tolerance < 0.5) {
		s.factor = 1000;
		unit = "mK";
	}
	find_time(&s, health, head);
	fprintf(f,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
		"<text x=\"%d\" y=\"28\" font-size=\"17\">",
		WIDTH, height, WIDTH, height, LEFT);
	put_text(f, head->item);
	fprintf(f, ", serial ");
	put_text(f, head->serial);
	fprintf(f, "</text>\n<text x=\"%d\" y=\"48\" fill=\"" GREY "\">", LEFT);
	verdict_words(f, health, head);
	fprintf(f, "</text>\n");
	for (unsigned int i = 0; i < count; i++) {
		panel(f, &s, i, sense_health_get_point(health, i), head, unit);
		if (v.adjusted_day != INT32_MIN && v.adjusted_day >= s.from)
			line(f, x_of(&s, v.adjusted_day), s.top, x_of(&s, v.adjusted_day),
			     s.top + PANEL, "stroke=\"" GREY "\" stroke-dasharray=\"2 3\"");
	}
	fprintf(f,
		"<text x=\"%d\" y=\"%d\" fill=\"" GREY "\">Circle: check. Hollow square: as found. "
		"Filled square: as left. Grey: before the last adjustment (dotted line). Ring: a "
		"rule signals.</text>\n</svg>\n",
		LEFT, height - 12);
}
