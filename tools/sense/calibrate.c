// SPDX-License-Identifier: GPL-2.0-or-later
/* sense calibrate - compare a sensor with a reference, fit, and keep what was found. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sense/error.h>
#include <sense/verification.h>

#include "calibrate-points.h"
#include "calibrate.h"
#include "certificate.h"
#include "command.h"
#include "flags.h"
#include "say.h"

enum {
	KEY_POINTS = 256,
	KEY_FIT,
	KEY_DEGREE,
	KEY_CHECK,
	KEY_CERTIFICATE,
	KEY_SERIAL,
	KEY_REFERENCE,
	KEY_PEM,
	KEY_COMMON,
	KEY_STEP,
	KEY_TOLERANCE,
	KEY_RULE,
	KEY_AT,
	KEY_ITEM,
	KEY_ITEM_SERIAL,
	KEY_LOG,
	KEY_RECORD,
	KEY_AUTHOR,
	KEY_FIRM,
	KEY_CITY,
	KEY_COUNTRY,
	KEY_DATE,
	KEY_UNTIL,
	KEY_REMARK
};

static const struct flag flags[] = {
	{ KEY_POINTS, "points", "FILE", "CSV: reference, u_reference, indicated, u_indicated" },
	{ KEY_FIT, "fit", "EQUATION", "rtd, r0, polynomial, deviation (by the kind of sensor)" },
	{ KEY_DEGREE, "degree", "N", "of a polynomial (2) or deviation (1)" },
	{ KEY_CHECK, "check", NULL, "only check: nothing is fitted" },
	{ KEY_CERTIFICATE, "reference-certificate", "FILE", "the reference's DCC" },
	{ KEY_SERIAL, "reference-serial", "S",
	  "the reference's serial number (the certificate's only item)" },
	{ KEY_REFERENCE, "reference", "NAME",
	  "what the reference is (as its certificate names it)" },
	{ KEY_PEM, "trusted-pem", "FILE", "the certificate must be signed and lead to these" },
	{ KEY_COMMON, "common-u", "U",
	  "part of u_reference that all points share (the least of them)" },
	{ KEY_STEP, "nominal-step", "S",
	  "points are known by their reference rounded to this (1)" },
	{ KEY_TOLERANCE, "tolerance", "T", "greatest error allowed" },
	{ KEY_RULE, "rule", "RULE", "simple, guarded (the default) or guarded-rejection" },
	{ 'k', "coverage-factor", "K", "of expanded uncertainties (2)" },
	{ KEY_AT, "at", "T", "cold junction or load cell, degC" },
	{ KEY_ITEM, "item", "NAME", "what the sensor is (as in the log)" },
	{ KEY_ITEM_SERIAL, "serial", "S", "its serial number (as in its sensor file)" },
	{ 'o', "output", "FILE", "new sensor file" },
	{ KEY_LOG, "log", "FILE", "calibration log to continue" },
	{ KEY_RECORD, "record", "FILE", "verification record, in DCC syntax" },
	{ KEY_AUTHOR, "author", "NAME", "who answers for it" },
	{ KEY_FIRM, "firm", "NAME", "for the record: whose laboratory" },
	{ KEY_CITY, "city", "NAME", "where" },
	{ KEY_COUNTRY, "country", "CC", "and the country's two letters" },
	{ KEY_DATE, "date", "DATE", "day of the comparison (today)" },
	{ KEY_UNTIL, "valid-until", "DATE", "last day to rely on it" },
	{ KEY_REMARK, "remark", "TEXT", "a sentence for the log and the record" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "SENSOR --points FILE --reference-certificate FILE [OPTION]...",
	.about = "Compare a sensor with a reference: errors as found against the sensor file in "
		 "force, a new\n"
		 "characteristic with its covariance, residuals. Writes a sensor file, a "
		 "verification record\n"
		 "that says it is no calibration certificate, and the calibration log. Exit "
		 "status 1: an error\n"
		 "is beyond the tolerance, or the reference may not be used.",
	.flags = flags,
	.notes =
		"Examples:\n"
		"  sense calibrate rtd:bath.yaml --points found.csv --reference-certificate sprt.xml\n"
		"  sense calibrate rtd:bath.yaml --points may.csv "
		"--reference-certificate sprt.xml \\\n"
		"    -o new.yaml --log bath.callog --author 'M. Example'",
};

static int read_rule(const char *text, enum sense_decision_rule *rule)
{
	for (int i = 0; i <= SENSE_RULE_GUARDED_REJECTION; i++)
		if (strcmp(text, sense_decision_rule_get_name((enum sense_decision_rule)i)) == 0) {
			*rule = (enum sense_decision_rule)i;
			return 0;
		}
	return say_fail(EXIT_USAGE, "simple, guarded or guarded-rejection", "there is no rule '%s'",
			text);
}

static int read_equation(const char *text, enum sense_comparison_equation *equation)
{
	for (int i = 1; *sense_comparison_equation_get_name((enum sense_comparison_equation)i); i++)
		if (strcmp(text, sense_comparison_equation_get_name(
					 (enum sense_comparison_equation)i)) == 0) {
			*equation = (enum sense_comparison_equation)i;
			return 0;
		}
	return say_fail(EXIT_USAGE, "rtd, r0, polynomial or deviation", "--fit '%s' is no equation",
			text);
}

/* Options that are just kept. */
static const char **text_of(struct calibrate *c, int key)
{
	switch (key) {
	case KEY_POINTS:
		return &c->points_path;
	case KEY_CERTIFICATE:
		return &c->certificate_path;
	case KEY_SERIAL:
		return &c->reference_serial;
	case KEY_REFERENCE:
		return &c->reference;
	case KEY_PEM:
		return &c->pem;
	case KEY_ITEM:
		return &c->item;
	case KEY_ITEM_SERIAL:
		return &c->serial;
	case 'o':
		return &c->output;
	case KEY_LOG:
		return &c->log_path;
	case KEY_RECORD:
		return &c->record_path;
	case KEY_AUTHOR:
		return &c->author;
	case KEY_FIRM:
		return &c->firm;
	case KEY_CITY:
		return &c->city;
	case KEY_COUNTRY:
		return &c->country;
	case KEY_REMARK:
		return &c->remark;
	default:
		return NULL;
	}
}

static int parse(struct calibrate *c, int argc, char **argv)
{
	const double most = 1e300;
	int32_t day;
	uint64_t n = 0;
	int key = FLAGS_END, code = 0;

	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		if (text_of(c, key)) {
			*text_of(c, key) = optarg;
			continue;
		}
		switch (key) {
		case KEY_FIT:
			code = read_equation(optarg, &c->equation);
			break;
		case KEY_DEGREE:
			code = flags_uint("degree", optarg, 0, 9, &n);
			c->degree = (int)n;
			break;
		case KEY_CHECK:
			c->check = 1;
			break;
		case KEY_COMMON:
			code = flags_real("common-u", optarg, 0, most, &c->common_u);
			break;
		case KEY_STEP:
			code = flags_real("nominal-step", optarg, 1e-12, most, &c->step);
			break;
		case KEY_TOLERANCE:
			code = flags_real("tolerance", optarg, 1e-300, most, &c->tolerance);
			break;
		case KEY_RULE:
			code = read_rule(optarg, &c->rule);
			break;
		case 'k':
			code = flags_real("coverage-factor", optarg, 1e-6, 1e6, &c->k);
			break;
		case KEY_AT:
			code = flags_real("at", optarg, -273.15, 1e4, &c->at_degC);
			break;
		case KEY_DATE:
			code = sense_day_parse(optarg, &c->day) ? say_library_as(EXIT_USAGE) : 0;
			break;
		case KEY_UNTIL:
			code = sense_day_parse(optarg, &day) ? say_library_as(EXIT_USAGE) : 0;
			c->valid_until = optarg;
			break;
		}
	}
	if (code)
		return code;
	if (key == FLAGS_STOP)
		return FLAGS_STOP;
	code = flags_operands(&usage, argc, 1, 1);
	c->sensor_name = !code ? argv[optind] : NULL;
	return code;
}

/* ---- before anything is measured or written ------------------------------------------ */

static int must_not_exist(const char *path)
{
	if (!path || access(path, F_OK))
		return 0;
	return say_fail(EXIT_USAGE, "give the name of a new file",
			"%s is there already, and evidence is not overwritten", path);
}

static int complete(struct calibrate *c)
{
	const char *kind = sense_sensor_get_kind(c->sensor);
	const char *known = sense_sensor_get_calibration(c->sensor)->serial;

	if (c->check && (c->equation || c->output))
		return say_fail(EXIT_USAGE, "leave --check away to fit",
				"a check fits nothing and writes no sensor file");
	if (!c->check && !c->equation)
		c->equation = !strcmp(kind, "rtd") ? SENSE_COMPARISON_RTD :
			      !strcmp(kind, "tc")  ? SENSE_COMPARISON_DEVIATION :
						     SENSE_COMPARISON_POLYNOMIAL;
	if (c->degree < 0)
		c->degree = c->equation == SENSE_COMPARISON_POLYNOMIAL ? 2 : 1;
	if (*known && c->serial && strcmp(known, c->serial))
		return say_fail(EXIT_USAGE, "give the sensor file of the sensor that was compared",
				"%s is for serial %.60s, and %.60s was compared", c->sensor_name,
				known, c->serial);
	if (!c->serial)
		c->serial = known;
	if (c->output && !c->log_path)
		return say_fail(EXIT_USAGE, "add --log FILE",
				"a new characteristic needs an entry in a calibration log");
	if (c->log_path && (!*c->serial || !*c->author))
		return say_fail(EXIT_USAGE, "add --serial and --author",
				"an entry in the log needs the sensor's serial and an author");
	if (c->record_path &&
	    (!*c->serial || !*c->author || !*c->firm || !*c->city || !*c->country))
		return say_fail(EXIT_USAGE, "add --serial, --author, --firm, --city and --country",
				"a verification record must say what was compared, by whom and "
				"where");
	if (c->valid_until && c->check)
		return say_fail(EXIT_USAGE, "leave --valid-until away",
				"a check does not make a calibration hold longer");
	if (sense_sensor_needs_auxiliary(c->sensor) && isnan(c->at_degC))
		c->at_degC = sense_sensor_get_reference_degC(c->sensor);
	return must_not_exist(c->output) ? EXIT_USAGE : must_not_exist(c->record_path);
}

/* What the log says of the sensor must hold for this entry: it is looked at first. */
static int look_at_log(struct calibrate *c)
{
	const struct sense_log_entry *last;

	c->head = SENSE_LOG_NO_DIGEST;
	if (!c->log_path)
		return 0;
	if (access(c->log_path, F_OK) == 0) {
		c->log = sense_calibration_log_load(c->log_path);
		if (!c->log)
			return say_library_as(
				sense_error_last()->code == EBADMSG ? EXIT_NO : EXIT_ENVIRONMENT);
		c->head = sense_calibration_log_get_digest(c->log);
	}
	last = c->log && sense_calibration_log_get_count(c->log) ?
		       sense_calibration_log_get_entry(
			       c->log, sense_calibration_log_get_count(c->log) - 1) :
		       NULL;
	if (!last)
		return *c->item ? 0 :
				  say_fail(EXIT_USAGE, "add --item NAME",
					   "a new log must say what the sensor is");
	if (!*c->item)
		c->item = last->item;
	if (strcmp(last->serial, c->serial) || strcmp(last->item, c->item))
		return say_fail(
			EXIT_USAGE, "keep one log per sensor",
			"%s is of %.60s, serial %.60s, and %.60s, serial %.60s was compared",
			c->log_path, last->item, last->serial, c->item, c->serial);
	if (c->day < last->day)
		return say_fail(EXIT_USAGE, "give the day on which it was done",
				"the comparison is dated before the last entry of %s", c->log_path);
	if (strcmp(last->unit, sense_sensor_get_unit(c->sensor)))
		return say_fail(EXIT_USAGE, "keep one unit in a log",
				"%s is in %.30s, and the sensor in %.30s", c->log_path, last->unit,
				sense_sensor_get_unit(c->sensor));
	return 0;
}

/* ---- the reference ------------------------------------------------------------------- */

static int check_signature(const struct calibrate *c)
{
	struct sense_certificate_trust *trust;
	struct sense_certificate_signature *signature = NULL;
	int code = 0;

	if (!c->pem)
		return 0;
	trust = sense_certificate_trust_new();
	if (!trust || sense_certificate_trust_add_anchors(trust, c->pem) < 0)
		code = say_library_as(EXIT_ENVIRONMENT);
	if (!code) {
		signature = sense_certificate_verify(c->certificate, trust);
		if (!signature)
			code = say_library_as(EXIT_ENVIRONMENT);
		else if (!sense_certificate_signature_is_trusted(signature))
			code = say_fail(EXIT_NO, "use a certificate that can be trusted", "%s: %s",
					c->certificate_path,
					certificate_clean(
						sense_certificate_signature_get_reason(signature)));
	}
	sense_certificate_signature_free(signature);
	sense_certificate_trust_free(trust);
	return code;
}

static int check_reference(struct calibrate *c)
{
	const struct sense_certificate_item *item;
	int index;

	if (!c->certificate_path) {
		if (c->check && c->reference)
			return 0;
		return say_fail(EXIT_USAGE,
				"add --reference-certificate FILE, or for a check at least "
				"--reference NAME",
				"a comparison without the reference's certificate is traceable to "
				"nothing");
	}
	c->certificate = sense_certificate_load(c->certificate_path);
	if (!c->certificate)
		return say_library_as(EXIT_ENVIRONMENT);
	if (sense_comparison_check_reference(c->certificate, c->reference_serial, c->day,
					     calibrate_dsi(sense_sensor_get_unit(c->sensor)),
					     c->points, c->count))
		return say_library_as(EXIT_NO);
	index = sense_certificate_find_item(c->certificate, NULL, c->reference_serial);
	item = sense_certificate_get_item(c->certificate, (unsigned int)index);
	if (!c->reference)
		c->reference = sense_text_get(item->name, "en");
	if (!c->reference_serial)
		c->reference_serial = item->serial;
	return check_signature(c);
}

/* ---- all of it ----------------------------------------------------------------------- */

static int compare(struct calibrate *c)
{
	struct sense_comparison_setup setup = { .sensor = c->sensor,
						.equation = c->equation,
						.degree = (unsigned int)c->degree,
						.auxiliary_degC = c->at_degC,
						.k = c->k };

	c->comparison = sense_comparison_new(&setup, c->points, c->count);
	if (!c->comparison)
		return say_library_as(EXIT_USAGE);
	return calibrate_decide(c);
}

static int run(struct calibrate *c)
{
	int code;

	c->sensor = sense_sensor_open(c->sensor_name);
	if (!c->sensor)
		return say_library_as(sense_error_last()->code == EINVAL ? EXIT_USAGE :
									   EXIT_ENVIRONMENT);
	code = complete(c);
	if (!code)
		code = look_at_log(c);
	if (!code && !c->points_path)
		code = say_fail(EXIT_USAGE, "add --points FILE", "there are no points to compare");
	if (!code)
		code = calibrate_points_read(c->points_path, c->common_u, c->step, c->points,
					     &c->count);
	if (!code)
		code = check_reference(c);
	if (!code)
		code = compare(c);
	if (!code)
		code = calibrate_keep(c);
	if (!code)
		code = say_is_json() ? calibrate_print_json(c) : calibrate_print_text(c);
	return code ? code : c->conforming ? EXIT_OK : EXIT_NO;
}

int command_calibrate(int argc, char **argv)
{
	struct calibrate c = { .k = 2,
			       .degree = -1,
			       .step = 1,
			       .common_u = NAN,
			       .tolerance = NAN,
			       .at_degC = NAN,
			       .rule = SENSE_RULE_GUARDED,
			       .item = "",
			       .author = "",
			       .firm = "",
			       .city = "",
			       .country = "",
			       .remark = "",
			       .day = sense_day_today() };
	int code = parse(&c, argc, argv);

	if (code == FLAGS_STOP)
		return flags_exit();
	if (!code)
		code = run(&c);
	sense_comparison_free(c.comparison);
	sense_certificate_unref(c.certificate);
	sense_calibration_log_free(c.log);
	sense_sensor_unref(c.fresh);
	sense_sensor_unref(c.sensor);
	return code;
}
