// SPDX-License-Identifier: GPL-2.0-or-later
/* What a comparison leaves behind: verification record, sensor file, entries in the log. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sense/error.h>
#include <sense/verification.h>

#include "calibrate.h"
#include "command.h"
#include "say.h"

const char *calibrate_dsi(const char *unit)
{
	static const struct {
		const char *unit, *dsi;
	} units[] = {
		{ "Cel", "\\degreecelsius" },
		{ "Ohm", "\\ohm" },
		{ "V", "\\volt" },
		{ "A", "\\ampere" },
		{ "V/V", "\\one" },
		{ "1", "\\one" },
		{ "kg", "\\kilogram" },
		{ "m", "\\metre" },
		{ "Pa", "\\pascal" },
		{ "K", "\\kelvin" },
		{ "W", "\\watt" },
		{ "kg/m3", "\\kilogram\\per\\metre\\tothe{3}" },
		{ "m3/h", "\\metre\\tothe{3}\\per\\hour" },
		{ "m/s", "\\metre\\per\\second" },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(unit, units[i].unit) == 0)
			return units[i].dsi;
	return unit;
}

static int decide(const struct calibrate *c, double error, double u,
		  struct sense_conformity *answer)
{
	struct sense_conformity_question q = { .value = error,
					       .u = u,
					       .dof = INFINITY,
					       .k = c->k,
					       .lower = -c->tolerance,
					       .upper = c->tolerance,
					       .rule = c->rule,
					       .guard_factor = 1,
					       .process_mean = NAN,
					       .process_deviation = NAN };

	return sense_conformity_decide(&q, answer) ? say_library_as(EXIT_USAGE) : 0;
}

int calibrate_decide(struct calibrate *c)
{
	c->conforming = 1;
	if (isnan(c->tolerance))
		return 0;
	for (unsigned int i = 0; i < c->count; i++) {
		const struct sense_comparison_result *r =
			sense_comparison_get_result(c->comparison, i);

		if (decide(c, r->error, r->u_error, &c->as_found[i]))
			return EXIT_USAGE;
		c->conforming &= c->as_found[i].conforming;
		if (c->check)
			continue;
		/* What is left: the residual, known as well as the characteristic at that point. */
		if (decide(c, r->residual, r->u_fitted, &c->as_left[i]))
			return EXIT_USAGE;
		c->conforming &= c->as_left[i].conforming;
	}
	return 0;
}

/* ---- the record ---------------------------------------------------------------------- */

/* D-SI units of the coefficients. */
static void coefficient_unit(const struct calibrate *c, unsigned int i, char unit[96])
{
	static const char *const rtd[] = { "\\ohm", "\\degreecelsius\\tothe{-1}",
					   "\\degreecelsius\\tothe{-2}",
					   "\\degreecelsius\\tothe{-4}" };

	if (c->equation == SENSE_COMPARISON_RTD || c->equation == SENSE_COMPARISON_R0)
		snprintf(unit, 96, "%s", rtd[i]);
	else if (c->equation == SENSE_COMPARISON_DEVIATION)
		snprintf(unit, 96, "\\micro\\volt\\degreecelsius\\tothe{-%u}", i + 1);
	else
		snprintf(unit, 96, "%s", calibrate_dsi(sense_sensor_get_unit(c->sensor)));
}

static int add_points(const struct calibrate *c, struct sense_verification *record)
{
	const char *unit = sense_sensor_get_unit(c->sensor);
	const char *input = sense_sensor_get_input_unit(c->sensor);
	struct sense_calibration_point points[SENSE_COMPARISON_POINTS_MAX];

	for (unsigned int i = 0; i < c->count; i++) {
		const struct sense_comparison_result *r =
			sense_comparison_get_result(c->comparison, i);
		int same = strcmp(unit, input) == 0;
		double u = r->point.u_input;

		points[i] = (struct sense_calibration_point){
			.reference = r->point.reference,
			.reference_u = r->point.u_reference,
			.measured = r->point.input,
			.error = same ? r->point.input - r->point.reference : NAN,
			.expanded = c->k * (same ? r->u_error : u),
			.k = c->k,
			.p = NAN,
			.u = same ? r->u_error : u,
		};
	}
	return sense_verification_set_points(record, points, c->count, calibrate_dsi(unit),
					     calibrate_dsi(input));
}

static int add_remarks(const struct calibrate *c, struct sense_verification *record)
{
	const char *unit = sense_sensor_get_unit(c->sensor);
	char text[400];
	int result = 0;

	for (unsigned int i = 0; !result && i < c->count; i++) {
		const struct sense_comparison_result *r =
			sense_comparison_get_result(c->comparison, i);

		snprintf(text, sizeof(text),
			 "%s at %.9g %s: error %+.4g %s, U = %.3g %s (k = %g)%s",
			 c->check ? "Check" : "As found", r->point.reference, unit, r->error, unit,
			 c->k * r->u_error, unit, c->k,
			 isnan(c->tolerance)	   ? "" :
			 c->as_found[i].conforming ? ", conforms" :
						     ", does not conform");
		result = sense_verification_add_remark(record, text);
	}
	snprintf(text, sizeof(text), "Sensor in force when compared: digest %s",
		 sense_sensor_get_digest(c->sensor));
	if (!result)
		result = sense_verification_add_remark(record, text);
	if (!result && c->log_path) {
		snprintf(text, sizeof(text), "The calibration log ended with the entry %s",
			 c->head);
		result = sense_verification_add_remark(record, text);
	}
	if (!result && *c->remark)
		result = sense_verification_add_remark(record, c->remark);
	return result;
}

static int fill_record(const struct calibrate *c, struct sense_verification *record,
		       const char *item)
{
	const struct sense_comparison_fit *fit = sense_comparison_get_fit(c->comparison);
	char date[11], unit[96];
	int result;

	sense_day_format(c->day, date);
	result = sense_verification_set_item(record, item, NULL, NULL, c->serial);
	if (!result)
		result = sense_verification_set_operator(record, c->firm, c->author, c->city,
							 c->country);
	if (!result)
		result = sense_verification_set_dates(record, date, date);
	if (!result && c->valid_until)
		result = sense_verification_set_next_date(record, c->valid_until);
	if (!result)
		result = sense_verification_add_method(
			record, "Comparison with a reference at points", NULL);
	if (!result)
		result = sense_verification_add_equipment(
			record, c->reference, c->reference_serial ? c->reference_serial : "",
			c->certificate_path);
	if (!result)
		result = add_points(c, record);
	for (unsigned int i = 0; !result && i < fit->count; i++) {
		coefficient_unit(c, i, unit);
		result = sense_verification_add_coefficient(record, fit->coefficients[i].name,
							    fit->coefficients[i].value,
							    fit->coefficients[i].u, unit);
	}
	return result ? result : add_remarks(c, record);
}

static int write_record(struct calibrate *c)
{
	struct sense_certificate *back;
	struct sense_verification *record;
	char date[11];
	int result;

	if (!c->record_path)
		return 0;
	snprintf(c->record_identifier, sizeof(c->record_identifier), "VR-%.80s-%s-%.8s", c->serial,
		 sense_day_format(c->day, date), c->head);
	record = sense_verification_new(c->record_identifier);
	result = record ? fill_record(c, record, *c->item ? c->item : c->sensor_name) : -ENOMEM;
	if (!result)
		result = sense_verification_write(record, c->record_path);
	sense_verification_free(record);
	if (result)
		return say_library_as(result == -EINVAL ? EXIT_USAGE : EXIT_ENVIRONMENT);
	back = sense_certificate_load(c->record_path);
	if (!back)
		return say_library_as(EXIT_ENVIRONMENT);
	snprintf(c->record_sha256, sizeof(c->record_sha256), "%s",
		 sense_certificate_get_sha256(back));
	sense_certificate_unref(back);
	return 0;
}

/* ---- the sensor file ----------------------------------------------------------------- */

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644), code = 0;
	size_t length = strlen(text);

	if (fd < 0 || write(fd, text, length) != (ssize_t)length || fsync(fd))
		code = say_fail(EXIT_ENVIRONMENT, "see that its folder is there and has room",
				"%s cannot be written: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (code && fd >= 0)
		unlink(path);
	return code;
}

static int write_sensor(struct calibrate *c)
{
	struct sense_comparison_file file = { .serial = c->serial,
					      .certificate = c->record_identifier,
					      .calibrated = c->day,
					      .valid_until = c->valid_until };
	char *absolute = c->record_path ? realpath(c->record_path, NULL) : NULL;
	const char *kind;
	char *text, name[1024];
	int code;

	if (!c->output) {
		free(absolute);
		return 0;
	}
	if (absolute) {
		const char *slash = strrchr(c->output, '/'), *other = strrchr(c->record_path, '/');
		size_t length = slash ? (size_t)(slash - c->output) : 0;

		/* In one folder by its name, so that the folder can be moved. */
		if ((other ? (size_t)(other - c->record_path) : 0) == length &&
		    strncmp(c->output, c->record_path, length) == 0)
			file.certificate_file = other ? other + 1 : c->record_path;
		else
			file.certificate_file = absolute;
	}
	if (sense_comparison_get_file(c->comparison, &file, &kind, &text)) {
		free(absolute);
		return say_library_as(EXIT_USAGE);
	}
	code = write_text(c->output, text);
	free(text);
	free(absolute);
	if (code)
		return code;
	snprintf(name, sizeof(name), "%s:%s", kind, c->output);
	c->fresh = sense_sensor_open(name);
	if (c->fresh)
		return 0;
	code = say_library_as(EXIT_USAGE);
	unlink(c->output);
	return code;
}

/* ---- the log ------------------------------------------------------------------------- */

static void fill_points(const struct calibrate *c, const struct sense_sensor *sensor,
			struct sense_log_point *points)
{
	for (unsigned int i = 0; i < c->count; i++) {
		const struct sense_comparison_result *r =
			sense_comparison_get_result(c->comparison, i);
		struct sense_reading reading =
			sense_sensor_read(sensor, r->point.input, c->at_degC, INT64_MIN);

		points[i] = (struct sense_log_point){
			.nominal = r->point.nominal,
			.reference = r->point.reference,
			.u_reference = r->point.u_reference,
			.u_common = r->point.u_common,
			.indicated = sensor == c->sensor ? r->indicated : reading.value,
			.u_indicated = r->u_indicated,
			.input = r->point.input,
			.u_input = r->point.u_input,
		};
	}
}

static int append(struct calibrate *c, struct sense_log_entry *entry)
{
	const char *expected = *c->new_head ? c->new_head : c->head;
	char before[65];

	snprintf(before, sizeof(before), "%s", expected);
	if (sense_calibration_log_append(c->log_path, entry, before, c->new_head))
		return say_library_as(EXIT_ENVIRONMENT);
	return 0;
}

static int write_log(struct calibrate *c)
{
	const struct sense_comparison_fit *fit = sense_comparison_get_fit(c->comparison);
	struct sense_log_point points[SENSE_COMPARISON_POINTS_MAX];
	struct sense_log_entry e;
	int code;

	if (!c->log_path)
		return 0;
	sense_log_entry_init(&e);
	e.kind = c->check ? SENSE_LOG_CHECK : SENSE_LOG_AS_FOUND;
	e.day = c->day;
	e.item = c->item;
	e.serial = c->serial;
	e.author = c->author;
	e.unit = sense_sensor_get_unit(c->sensor);
	e.input_unit = sense_sensor_get_input_unit(c->sensor);
	e.sensor_sha256 = sense_sensor_get_digest(c->sensor);
	e.reference = c->reference;
	e.reference_serial = c->reference_serial ? c->reference_serial : "";
	if (c->certificate) {
		e.certificate = sense_certificate_get_unique_identifier(c->certificate);
		e.certificate_sha256 = sense_certificate_get_sha256(c->certificate);
	}
	e.record = c->record_identifier;
	e.record_sha256 = c->record_sha256;
	e.remark = c->remark;
	e.points = points;
	e.point_count = c->count;
	fill_points(c, c->sensor, points);
	code = append(c, &e);
	if (code || !c->fresh)
		return code;
	e.kind = SENSE_LOG_ADJUSTMENT;
	e.sensor_sha256 = sense_sensor_get_digest(c->fresh);
	e.valid_until = c->valid_until ? c->valid_until : "";
	e.point_count = 0;
	e.equation = sense_comparison_equation_get_name(c->equation);
	e.coefficient_count = fit->count;
	memcpy(e.coefficients, fit->coefficients, sizeof(e.coefficients));
	memcpy(e.covariance, fit->covariance, sizeof(e.covariance));
	e.chi2 = fit->chi2;
	e.degrees_of_freedom = fit->degrees_of_freedom;
	code = append(c, &e);
	if (code)
		return code;
	e.kind = SENSE_LOG_AS_LEFT;
	e.remark = "computed from the points of the fit";
	e.valid_until = "";
	e.equation = "";
	e.point_count = c->count;
	fill_points(c, c->fresh, points);
	return append(c, &e);
}

int calibrate_keep(struct calibrate *c)
{
	int code = write_record(c);

	if (!code)
		code = write_sensor(c);
	return code ? code : write_log(c);
}
