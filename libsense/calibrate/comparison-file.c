// SPDX-License-Identifier: LGPL-2.1-or-later
/* The new characteristic as a sensor file; and whether a reference may be used at all. */
#include "calibrate/comparison-model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "calibrate/sensor.h"

/* Text in double quotes, which YAML reads as JSON does. */
static void put_text(FILE *f, const char *key, const char *text)
{
	if (!text || !*text)
		return;
	fprintf(f, "%s: \"", key);
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			fprintf(f, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			fprintf(f, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, f);
	fprintf(f, "\"\n");
}

/* As many digits as a reader needs to get the same number back. */
static void put_number(FILE *f, const char *key, double value)
{
	char text[32];

	for (int digits = 9; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	fprintf(f, "%s%s", key, text);
}

static void put_pair(FILE *f, const char *key, double value)
{
	fputs(key, f);
	put_number(f, ": ", value);
	fputc('\n', f);
}

/* What the sensor in force says of its own reading and drift is still so. */
static void put_kept(FILE *f, const struct sense_sensor_calibration *c, const char *separator)
{
	if (c->u_input > 0) {
		fprintf(f, "%s", separator);
		put_number(f, "input: ", c->u_input);
		separator = ", ";
	}
	if (c->u_auxiliary > 0) {
		fprintf(f, "%s", separator);
		put_number(f, "auxiliary: ", c->u_auxiliary);
		separator = ", ";
	}
	if (c->drift_per_year > 0) {
		fprintf(f, "%s", separator);
		put_number(f, "drift_per_year: ", c->drift_per_year);
	}
}

/* Uncertainty of the characteristic, point by point; visited twice, the larger one. */
static void put_uncertainty(FILE *f, const struct sense_comparison *c)
{
	const char *separator = "";
	double least =
		1e-6 * (c->results[c->count - 1].point.reference - c->results[0].point.reference);

	fputs("uncertainty:\n  points: [", f);
	for (unsigned int i = 0; i < c->count; i++) {
		double u = c->results[i].u_fitted, at = c->results[i].point.reference;

		while (i + 1 < c->count && c->results[i + 1].point.reference - at <= least)
			u = fmax(u, c->results[++i].u_fitted);
		fputs(separator, f);
		put_number(f, "[", at);
		fprintf(f, ", %.4g]", u);
		separator = ", ";
	}
	fputs("]\n", f);
	if (c->sensor->calibration.u_input > 0 || c->sensor->calibration.u_auxiliary > 0 ||
	    c->sensor->calibration.drift_per_year > 0) {
		put_kept(f, &c->sensor->calibration, "  ");
		fputc('\n', f);
	}
}

static void put_rtd(FILE *f, const struct sense_comparison *c)
{
	const struct sense_comparison_fit *fit = &c->fit;
	const struct sense_rtd *old = &c->sensor->rtd;
	int all = fit->count > 1;

	put_pair(f, "r0", fit->coefficients[0].value);
	put_pair(f, "a", all ? fit->coefficients[1].value : old->a);
	put_pair(f, "b", all ? fit->coefficients[2].value : old->b);
	if (fit->count == 4 || !all)
		put_pair(f, "c", fit->count == 4 ? fit->coefficients[3].value : old->c);
}

static void put_tc(FILE *f, const struct sense_comparison *c)
{
	fprintf(f, "type: %c\ndeviation_uV: [0", c->sensor->thermocouple.letter);
	for (unsigned int i = 0; i < c->fit.count; i++)
		put_number(f, ", ", c->fit.coefficients[i].value);
	fputs("]\n", f);
}

static int by_input(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (x[0] > y[0]) - (x[0] < y[0]);
}

static void put_table(FILE *f, const struct sense_comparison *c)
{
	double rows[SENSE_COMPARISON_POINTS_MAX][3];
	const struct sense_sensor_calibration *kept = &c->sensor->calibration;

	for (unsigned int i = 0; i < c->count; i++) {
		rows[i][0] = c->results[i].point.input;
		rows[i][1] = c->results[i].point.reference;
		rows[i][2] = c->u_table[i];
	}
	qsort(rows, c->count, sizeof(rows[0]), by_input);
	put_text(f, "input_unit", sense_sensor_get_input_unit(c->sensor));
	put_text(f, "unit", sense_sensor_get_unit(c->sensor));
	fprintf(f, "fit: polynomial\ndegree: %u\n", c->degree);
	if (c->common_table > 0)
		put_pair(f, "common_u", c->common_table);
	fputs("points:\n", f);
	for (unsigned int i = 0; i < c->count; i++) {
		put_number(f, "- [", rows[i][0]);
		put_number(f, ", ", rows[i][1]);
		put_number(f, ", ", rows[i][2]);
		fputs("]\n", f);
	}
	if (kept->u_input > 0 || kept->drift_per_year > 0) {
		fputs("uncertainty: {", f);
		put_kept(f, kept, "");
		fputs("}\n", f);
	}
}

int sense_comparison_get_file(const struct sense_comparison *c,
			      const struct sense_comparison_file *file, const char **kind,
			      char **text)
{
	char day[11];
	size_t size;
	FILE *f;

	*text = NULL;
	if (!c->fit.count)
		return sense_fail(ENODATA, "comparison", "fit an equation",
				  "nothing was fitted, so there is no new sensor file");
	f = open_memstream(text, &size);
	if (!f)
		return sense_fail(ENOMEM, "comparison", NULL, "no memory for a sensor file");
	*kind = c->equation == SENSE_COMPARISON_POLYNOMIAL ? "table" :
		c->equation == SENSE_COMPARISON_DEVIATION  ? "tc" :
							     "rtd";
	fprintf(f, "sensor: %s\n", *kind);
	put_text(f, "serial", file->serial);
	put_text(f, "certificate", file->certificate);
	put_text(f, "certificate_file", file->certificate_file);
	fprintf(f, "calibrated: %s\n", sense_day_format(file->calibrated, day));
	if (file->valid_until && *file->valid_until)
		fprintf(f, "valid_until: %s\n", file->valid_until);
	if (c->sensor->calibration.refuse_outside)
		fputs("outside: refuse\n", f);
	if (c->equation == SENSE_COMPARISON_POLYNOMIAL)
		put_table(f, c);
	else if (c->equation == SENSE_COMPARISON_DEVIATION)
		put_tc(f, c);
	else
		put_rtd(f, c);
	if (c->equation != SENSE_COMPARISON_POLYNOMIAL) {
		put_number(f, "range: [", c->results[0].point.reference);
		put_number(f, ", ", c->results[c->count - 1].point.reference);
		fputs("]\n", f);
		put_uncertainty(f, c);
	}
	if (fclose(f) || !*text) {
		free(*text);
		*text = NULL;
		return sense_fail(ENOMEM, "comparison", NULL, "no memory for a sensor file");
	}
	return 0;
}

/* ---- the reference ----------------------------------------------------------------- */

/* The range a certificate states, or else that of its points. */
static int range_of(const struct sense_certificate *certificate, const char *unit, double *low,
		    double *high)
{
	struct sense_calibration_point *points;
	int count;

	if (!sense_certificate_get_range(certificate, unit, low, high))
		return 0;
	count = sense_certificate_get_points(certificate, -1, unit, NULL, &points);
	if (count <= 0)
		return sense_fail(
			ENODATA, sense_certificate_get_name(certificate),
			"use a reference whose certificate has points or a range in the "
			"unit of the sensor",
			"the reference's certificate states no range in %s, and its points "
			"give none",
			unit);
	*low = INFINITY;
	*high = -INFINITY;
	for (int i = 0; i < count; i++) {
		*low = fmin(*low, points[i].reference);
		*high = fmax(*high, points[i].reference);
	}
	free(points);
	return 0;
}

int sense_comparison_check_reference(const struct sense_certificate *certificate,
				     const char *serial, int32_t day, const char *unit,
				     const struct sense_comparison_point *points,
				     unsigned int count)
{
	int result = sense_certificate_find_item(certificate, NULL, serial);
	double low, high;
	char date[11];

	if (result < 0)
		return result;
	result = sense_certificate_check_date(certificate, sense_day_format(day, date));
	if (!result)
		result = range_of(certificate, unit, &low, &high);
	for (unsigned int i = 0; !result && i < count; i++) {
		/* A point set to the end of the range may be met from either side. */
		double margin = points[i].u_reference > 0 ? 3 * points[i].u_reference : 0;

		if (!(points[i].reference >= low - margin && points[i].reference <= high + margin))
			result = sense_fail(ERANGE, sense_certificate_get_name(certificate),
					    "leave the point out, or use another reference",
					    "the reference is calibrated from %.9g to %.9g and was "
					    "used at %.9g",
					    low, high, points[i].reference);
	}
	return result;
}
