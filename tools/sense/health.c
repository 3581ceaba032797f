// SPDX-License-Identifier: GPL-2.0-or-later
/* sense health - a sensor's calibration log over months: in control, drifting, due when? */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <sense/error.h>
#include <sense/health.h>

#include "certificate.h"
#include "command.h"
#include "describe.h"
#include "flags.h"
#include "health-chart.h"
#include "say.h"
#include "table.h"
#include "text.h"

enum {
	KEY_TOLERANCE = 256,
	KEY_BASELINE,
	KEY_CENTRE,
	KEY_SIGMA,
	KEY_DATE,
	KEY_HORIZON,
	KEY_ALL,
	KEY_HEAD,
	KEY_SVG
};

static const struct flag flags[] = {
	{ KEY_TOLERANCE, "tolerance", "T", "greatest error allowed, in the log's unit" },
	{ KEY_BASELINE, "baseline", "N", "limits from the first N checks (8)" },
	{ KEY_CENTRE, "centre", "C", "or stated limits: centre line" },
	{ KEY_SIGMA, "sigma", "S", "and standard deviation" },
	{ 'k', "coverage-factor", "K", "of intervals (2)" },
	{ KEY_DATE, "date", "DATE", "judge as of that day (today)" },
	{ KEY_HORIZON, "horizon", "TIME", "how far to forecast (3652d)" },
	{ KEY_ALL, "across-adjustments", NULL,
	  "judge the whole log, not only since the last adjustment" },
	{ KEY_HEAD, "head", "DIGEST",
	  "the log must end with, or contain, the entry of this SHA-256" },
	{ KEY_SVG, "svg", "FILE", "draw it" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "LOG [OPTION]...",
	.about = "Judge a calibration log: control chart of the checks with the Western Electric "
		 "rules, drift\n"
		 "with its uncertainty, and the date by which to recalibrate. Exit status 1: out "
		 "of control,\n"
		 "beyond the tolerance, overdue, or the log was tampered with.",
	.flags = flags,
	.notes = "Examples:\n"
		 "  sense health bath.callog --tolerance 0.01\n"
		 "  sense health bath.callog --tolerance 0.01 --svg bath.svg --json",
};

struct request {
	struct sense_health_setup setup;
	const char *path, *svg, *head;
};

static int read_date(const char *text, int32_t *day)
{
	return sense_day_parse(text, day) ? say_library_as(EXIT_USAGE) : 0;
}

static int parse(struct request *r, int argc, char **argv)
{
	const double most = 1e300;
	uint64_t n = 0;
	int key = FLAGS_END, code = 0;

	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		switch (key) {
		case KEY_TOLERANCE:
			code = flags_real("tolerance", optarg, 1e-300, most, &r->setup.tolerance);
			break;
		case KEY_BASELINE:
			code = flags_uint("baseline", optarg, 2, 1000, &n);
			r->setup.baseline = (unsigned int)n;
			break;
		case KEY_CENTRE:
			code = flags_real("centre", optarg, -most, most, &r->setup.centre);
			break;
		case KEY_SIGMA:
			code = flags_real("sigma", optarg, 1e-300, most, &r->setup.sigma);
			break;
		case 'k':
			code = flags_real("coverage-factor", optarg, 1e-6, 1e6, &r->setup.k);
			break;
		case KEY_DATE:
			code = read_date(optarg, &r->setup.today);
			break;
		case KEY_HORIZON:
			code = flags_seconds("horizon", optarg, &r->setup.horizon);
			r->setup.horizon /= 86400;
			break;
		case KEY_ALL:
			r->setup.across_adjustments = true;
			break;
		case KEY_HEAD:
			r->head = optarg;
			break;
		case KEY_SVG:
			r->svg = optarg;
			break;
		}
	}
	if (code)
		return code;
	if (key == FLAGS_STOP)
		return FLAGS_STOP;
	code = flags_operands(&usage, argc, 1, 1);
	r->path = !code ? argv[optind] : NULL;
	return code;
}

/* The entry of a digest kept elsewhere must be there still: else the end of the log is missing. */
static int check_head(const struct request *r, const struct sense_calibration_log *log)
{
	if (!r->head)
		return 0;
	for (unsigned int i = 0; i < sense_calibration_log_get_count(log); i++)
		if (strcmp(sense_calibration_log_get_entry(log, i)->digest, r->head) == 0)
			return 0;
	return say_fail(EXIT_NO, "take the file from a copy that is whole",
			"%s: there is no entry with the digest %.64s any more", r->path, r->head);
}

/* ---- JSON -------------------------------------------------------------------------- */

static json_t *date(double day)
{
	char text[11] = "";

	if (isfinite(day) && fabs(day) < 1e7)
		sense_day_format((int32_t)floor(day), text);
	return *text ? json_string(text) : json_null();
}

static json_t *signal_names(uint32_t signals)
{
	json_t *names = json_array();

	for (uint32_t bit = 1; bit && bit <= signals; bit <<= 1)
		if (signals & bit)
			json_array_append_new(names, json_string(sense_control_rule_get_name(bit)));
	return names;
}

static json_t *visits_json(const struct sense_health_point *p)
{
	json_t *visits = json_array();

	for (unsigned int i = 0; i < p->visit_count; i++) {
		const struct sense_health_visit *v = &p->visits[i];

		json_array_append_new(
			visits,
			json_pack("{s:o, s:s, s:o, s:o, s:b, s:o}", "date", date(v->day), "kind",
				  sense_log_kind_get_name(v->kind), "error",
				  describe_real(v->error), "u", describe_real(v->u), "current",
				  (int)v->current, "signals", signal_names(v->signals)));
	}
	return visits;
}

static json_t *point_json(const struct sense_health_point *p)
{
	json_t *object = json_pack("{s:o, s:o, s:o, s:b}", "nominal", describe_real(p->nominal),
				   "visits", visits_json(p), "signals", signal_names(p->signals),
				   "exceeds_tolerance", (int)p->exceeds);
	const struct sense_drift *d = &p->drift;

	json_object_set_new(object, "limits",
			    p->has_limits ? json_pack("{s:f, s:f, s:i}", "centre", p->limits.centre,
						      "sigma", p->limits.sigma, "baseline",
						      (int)p->limits.baseline) :
					    json_pack("{s:s}", "note", p->limits_note));
	json_object_set_new(
		object, "drift",
		p->has_drift ? json_pack("{s:o, s:f, s:f, s:f, s:f, s:f, s:i, s:f, s:o}", "epoch",
					 date(d->epoch), "offset", d->offset, "u_offset",
					 d->u_offset, "slope_per_year", d->slope * 365.25,
					 "u_slope_per_year", d->u_slope * 365.25, "chi2", d->chi2,
					 "degrees_of_freedom", (int)d->degrees_of_freedom,
					 "inflation", d->inflation, "p", describe_real(d->p)) :
			       json_pack("{s:s}", "note", p->drift_note));
	json_object_set_new(object, "forecast",
			    p->has_forecast ?
				    json_pack("{s:o, s:o, s:o}", "due", date(p->forecast.due),
					      "expected", date(p->forecast.expected), "latest",
					      date(p->forecast.latest)) :
				    json_null());
	return object;
}

static int print_json(const struct request *r, const struct sense_calibration_log *log,
		      const struct sense_health *health)
{
	struct sense_health_verdict v = sense_health_get_verdict(health);
	const struct sense_log_entry *e = sense_calibration_log_get_entry(log, 0);
	json_t *points = json_array();

	for (unsigned int i = 0; i < sense_health_get_point_count(health); i++)
		json_array_append_new(points, point_json(sense_health_get_point(health, i)));
	return say_json(json_pack(
		"{s:i, s:s, s:s, s:s, s:i, s:s, s:o, s:o, s:f, s:b, s:b, s:b, s:o, s:s, s:o, s:o}",
		"schema_version", 1, "item", e->item, "serial", e->serial, "unit", e->unit,
		"entries", (int)sense_calibration_log_get_count(log), "digest",
		sense_calibration_log_get_digest(log), "date", date(r->setup.today), "tolerance",
		describe_real(r->setup.tolerance), "k", r->setup.k, "out_of_control",
		(int)v.out_of_control, "exceeds_tolerance", (int)v.exceeds, "overdue",
		(int)v.overdue, "due", v.has_due ? date(v.due_day) : json_null(), "due_by",
		!v.has_due	  ? "" :
		v.due_by_forecast ? "forecast" :
				    "validity",
		"last_adjustment", v.adjusted_day == INT32_MIN ? json_null() : date(v.adjusted_day),
		"points", points));
}

/* ---- for people -------------------------------------------------------------------- */

static const char *day_text(double day, char text[24])
{
	char exact[11] = "";

	if (isfinite(day))
		sense_day_format((int32_t)floor(day), exact);
	snprintf(text, 24, "%s", *exact ? exact : "not in sight");
	return text;
}

static void print_visits(const struct sense_health_point *p, double k)
{
	char u_head[32];
	struct table *table;

	snprintf(u_head, sizeof(u_head), ">U (k=%g)", k);
	table = table_new(5, (const char *const[]){ "date", "kind", ">error", u_head, "rules" });
	for (unsigned int i = 0; i < p->visit_count; i++) {
		const struct sense_health_visit *v = &p->visits[i];
		char when[24], error[40], u[40], names[160] = "";

		for (uint32_t bit = 1; bit && bit <= v->signals; bit <<= 1)
			if (v->signals & bit)
				snprintf(names + strlen(names), sizeof(names) - strlen(names),
					 "%s%s", *names ? " " : "",
					 sense_control_rule_get_name(bit));
		table_cell(table, "%s", day_text(v->day, when));
		table_cell(table, "%s%s", sense_log_kind_get_name(v->kind),
			   v->current ? "" : " (before)");
		table_cell(table, "%s", text_value(v->error, k * v->u, error, sizeof(error)));
		table_cell(table, "%s", text_value(k * v->u, k * v->u, u, sizeof(u)));
		table_cell(table, "%s", names);
	}
	table_print(table, stdout, 1);
	table_free(table);
}

static void print_point(const struct sense_health_point *p, const struct request *r,
			const char *unit)
{
	const struct sense_drift *d = &p->drift;
	char due[24], expected[24], latest[24];

	printf("\n%sAt %.9g %s%s\n", ink(stdout, INK_BOLD), p->nominal, unit,
	       ink(stdout, INK_PLAIN));
	print_visits(p, r->setup.k);
	if (p->has_limits)
		printf("  Control   centre %.4g, limits %.4g to %.4g %s (3 sigma, %s): %s%s%s\n",
		       p->limits.centre, p->limits.centre - 3 * p->limits.sigma,
		       p->limits.centre + 3 * p->limits.sigma, unit,
		       p->limits.baseline ? "from the first checks" : "stated",
		       ink(stdout, p->signals ? INK_BAD : INK_GOOD),
		       p->signals ? "out of control" : "in control", ink(stdout, INK_PLAIN));
	else
		printf("  Control   no limits: %s\n", p->limits_note);
	if (p->has_drift)
		printf("  Drift     %+.3g %s per year, u = %.2g%s (chi2 %.3g of %u; p = %.2g)\n",
		       d->slope * 365.25, unit, d->u_slope * 365.25,
		       d->inflation > 1 ? ", from the scatter" : "", d->chi2, d->degrees_of_freedom,
		       d->p);
	else
		printf("  Drift     none fitted: %s\n", p->drift_note);
	if (p->has_forecast)
		printf("  Forecast  |error| + U reaches %.4g %s: %s; |error| alone: %s; at the "
		       "latest: %s\n",
		       r->setup.tolerance, unit, day_text(p->forecast.due, due),
		       day_text(p->forecast.expected, expected),
		       day_text(p->forecast.latest, latest));
	if (p->exceeds)
		printf("  %sThe last error is beyond the tolerance%s\n", ink(stdout, INK_BAD),
		       ink(stdout, INK_PLAIN));
}

static int print_text(const struct request *r, const struct sense_calibration_log *log,
		      const struct sense_health *health)
{
	struct sense_health_verdict v = sense_health_get_verdict(health);
	const struct sense_log_entry *e = sense_calibration_log_get_entry(log, 0);
	char unit[40];
	char day[24], today[24];

	/* Errors are in the log's own unit: no factor. */
	snprintf(unit, sizeof(unit), "%s",
		 certificate_clean(text_unit(SENSE_KIND_OTHER, e->unit).factor == 1 ?
					   text_unit(SENSE_KIND_OTHER, e->unit).name :
					   e->unit));
	printf("%s, serial %s: %u entries, chain whole, digest %s\n", certificate_clean(e->item),
	       certificate_clean(e->serial), sense_calibration_log_get_count(log),
	       sense_calibration_log_get_digest(log));
	if (v.adjusted_day != INT32_MIN && !r->setup.across_adjustments)
		printf("Judged since the adjustment of %s\n", day_text(v.adjusted_day, day));
	for (unsigned int i = 0; i < sense_health_get_point_count(health); i++)
		print_point(sense_health_get_point(health, i), r, unit);
	printf("\n%s%s%s", ink(stdout, v.out_of_control || v.exceeds ? INK_BAD : INK_GOOD),
	       v.out_of_control ? "out of control" :
	       v.exceeds	? "beyond the tolerance" :
				  "nothing signals",
	       ink(stdout, INK_PLAIN));
	if (v.has_due)
		printf(", %s%s%s: recalibrate by %s (%s), as of %s\n",
		       ink(stdout, v.overdue ? INK_BAD : INK_GOOD),
		       v.overdue ? "overdue" : "not due yet", ink(stdout, INK_PLAIN),
		       day_text(v.due_day, day), v.due_by_forecast ? "forecast" : "end of validity",
		       day_text(r->setup.today, today));
	else
		printf(", no date to recalibrate by: %s\n",
		       isnan(r->setup.tolerance) ?
			       "no tolerance was given and the log names no end" :
			       "none in sight");
	return say_done(stdout, "standard output");
}

static int draw(const struct request *r, const struct sense_calibration_log *log,
		const struct sense_health *health)
{
	const struct sense_log_entry *e = sense_calibration_log_get_entry(log, 0);
	struct health_head head = { e->item,	e->serial,     e->unit, r->setup.tolerance,
				    r->setup.k, r->setup.today };
	FILE *file;
	int code;

	if (!r->svg)
		return 0;
	file = fopen(r->svg, "we");
	if (!file)
		return say_fail(EXIT_ENVIRONMENT, "see that its folder is there and may be written",
				"%s cannot be written: %s", r->svg, strerror(errno));
	health_chart(health, &head, file);
	code = say_done(file, r->svg);
	if (fclose(file) && !code)
		code = say_fail(EXIT_ENVIRONMENT, "see that its disk has room",
				"cannot write to %s", r->svg);
	return code;
}

int command_health(int argc, char **argv)
{
	struct request r = { 0 };
	struct sense_calibration_log *log;
	struct sense_health *health = NULL;
	struct sense_health_verdict verdict;
	int code;

	sense_health_setup_init(&r.setup);
	code = parse(&r, argc, argv);
	if (code == FLAGS_STOP)
		return flags_exit();
	if (code)
		return code;
	log = sense_calibration_log_load(r.path);
	if (!log)
		return say_library_as(sense_error_last()->code == EBADMSG ? EXIT_NO :
									    EXIT_ENVIRONMENT);
	code = check_head(&r, log);
	if (!code) {
		health = sense_health_new(log, &r.setup);
		if (!health)
			code = say_library_as(
				sense_error_last()->code == EINVAL ? EXIT_USAGE : EXIT_ENVIRONMENT);
	}
	if (!code)
		code = draw(&r, log, health);
	if (!code)
		code = say_is_json() ? print_json(&r, log, health) : print_text(&r, log, health);
	if (!code) {
		verdict = sense_health_get_verdict(health);
		code = verdict.out_of_control || verdict.exceeds || verdict.overdue ? EXIT_NO :
										      EXIT_OK;
	}
	sense_health_free(health);
	sense_calibration_log_free(log);
	return code;
}
