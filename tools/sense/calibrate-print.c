// SPDX-License-Identifier: GPL-2.0-or-later
/* What `sense calibrate` found, for people and as JSON. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calibrate.h"
#include "certificate.h"
#include "describe.h"
#include "say.h"
#include "table.h"
#include "text.h"

/* ---- JSON ---------------------------------------------------------------------------- */

static json_t *decision(const struct calibrate *c, const struct sense_conformity *answer)
{
	if (isnan(c->tolerance))
		return json_null();
	return json_pack("{s:b, s:s, s:o}", "conforming", (int)answer->conforming, "statement",
			 sense_statement_get_name(answer->statement), "probability",
			 describe_real(answer->probability));
}

static json_t *points_json(const struct calibrate *c)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < c->count; i++) {
		const struct sense_comparison_result *r =
			sense_comparison_get_result(c->comparison, i);
		json_t *o = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "nominal",
				      describe_real(r->point.nominal), "reference",
				      describe_real(r->point.reference), "u_reference",
				      describe_real(r->point.u_reference), "u_common",
				      describe_real(r->point.u_common), "input",
				      describe_real(r->point.input), "u_input",
				      describe_real(r->point.u_input));

		json_object_set_new(o, "indicated", describe_real(r->indicated));
		json_object_set_new(o, "error", describe_real(r->error));
		json_object_set_new(o, "u_error", describe_real(r->u_error));
		json_object_set_new(o, "en", describe_real(r->en));
		json_object_set_new(o, "as_found", decision(c, &c->as_found[i]));
		if (!c->check) {
			json_object_set_new(o, "fitted", describe_real(r->fitted));
			json_object_set_new(o, "residual", describe_real(r->residual));
			json_object_set_new(o, "u_fitted", describe_real(r->u_fitted));
			json_object_set_new(o, "as_left", decision(c, &c->as_left[i]));
		}
		json_array_append_new(array, o);
	}
	return array;
}

static json_t *fit_json(const struct calibrate *c)
{
	const struct sense_comparison_fit *fit = sense_comparison_get_fit(c->comparison);
	json_t *list = json_array(), *matrix = json_array();

	if (c->check) {
		json_decref(list);
		json_decref(matrix);
		return json_null();
	}
	for (unsigned int i = 0; i < fit->count; i++)
		json_array_append_new(list, json_pack("{s:s, s:o, s:o}", "name",
						      fit->coefficients[i].name, "value",
						      describe_real(fit->coefficients[i].value),
						      "u", describe_real(fit->coefficients[i].u)));
	for (unsigned int i = 0; i < fit->count * fit->count; i++)
		json_array_append_new(matrix, json_real(fit->covariance[i]));
	return json_pack("{s:s, s:o, s:o, s:o, s:i, s:o}", "equation",
			 sense_comparison_equation_get_name(c->equation), "coefficients", list,
			 "covariance", matrix, "chi2", describe_real(fit->chi2),
			 "degrees_of_freedom", (int)fit->degrees_of_freedom, "inflation",
			 describe_real(fit->inflation));
}

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

int calibrate_print_json(const struct calibrate *c)
{
	char date[11];

	return say_json(json_pack(
		"{s:i, s:s, s:o, s:s, s:s, s:s, s:s, s:o, s:f, s:b, s:o, s:o, s:o, s:o, s:o, s:o}",
		"schema_version", 1, "sensor", c->sensor_name, "serial", text_or_null(c->serial),
		"date", sense_day_format(c->day, date), "unit", sense_sensor_get_unit(c->sensor),
		"input_unit", sense_sensor_get_input_unit(c->sensor), "reference", c->reference,
		"reference_certificate_sha256",
		text_or_null(c->certificate ? sense_certificate_get_sha256(c->certificate) : NULL),
		"k", c->k, "conforming", c->conforming, "tolerance", describe_real(c->tolerance),
		"points", points_json(c), "fit", fit_json(c), "record",
		text_or_null(c->record_identifier), "output", text_or_null(c->output), "log_digest",
		text_or_null(c->new_head)));
}

/* ---- for people ---------------------------------------------------------------------- */

static void value_cell(struct table *table, double value, double spread)
{
	char text[48];

	table_cell(table, "%s", text_value(value, spread, text, sizeof(text)));
}

static const char *verdict(const struct calibrate *c, const struct sense_conformity *answer)
{
	return isnan(c->tolerance) ? "" : sense_statement_get_name(answer->statement);
}

static void print_points(const struct calibrate *c)
{
	char u_error[32], u_fit[32];
	const char *columns[10] = { ">reference", ">U",	   ">reading", ">indicated",
				    ">error",	  u_error, ">E_n",     "as found" };
	unsigned int n = 8;
	struct table *table;

	snprintf(u_error, sizeof(u_error), ">U (k=%g)", c->k);
	snprintf(u_fit, sizeof(u_fit), ">U fit");
	if (!c->check) {
		columns[8] = ">residual";
		columns[9] = u_fit;
		n = 10;
	}
	table = table_new(n, columns);
	for (unsigned int i = 0; i < c->count; i++) {
		const struct sense_comparison_result *r =
			sense_comparison_get_result(c->comparison, i);
		double U = c->k * r->u_error;

		value_cell(table, r->point.reference, U);
		value_cell(table, c->k * r->point.u_reference, U);
		table_cell(table, "%.9g", r->point.input);
		value_cell(table, r->indicated, U);
		value_cell(table, r->error, U);
		value_cell(table, U, U);
		if (isnan(r->en))
			table_cell(table, "-");
		else
			table_cell(table, "%.2f", r->en);
		table_cell(table, "%s", verdict(c, &c->as_found[i]));
		if (!c->check) {
			value_cell(table, r->residual, c->k * r->u_fitted);
			value_cell(table, c->k * r->u_fitted, c->k * r->u_fitted);
		}
	}
	table_print(table, stdout, 1);
	table_free(table);
}

static void print_fit(const struct calibrate *c)
{
	const struct sense_comparison_fit *fit = sense_comparison_get_fit(c->comparison);

	printf("\nFit %s: chi2 %.3g of %u degrees of freedom\n",
	       sense_comparison_equation_get_name(c->equation), fit->chi2, fit->degrees_of_freedom);
	for (unsigned int i = 0; i < fit->count; i++)
		printf("  %-3s %.12g, u = %.2g\n", fit->coefficients[i].name,
		       fit->coefficients[i].value, fit->coefficients[i].u);
	if (fit->inflation > 1)
		printf("  The points scatter more than their uncertainties say: all u of the fit "
		       "are multiplied by %.2f\n",
		       fit->inflation);
}

int calibrate_print_text(const struct calibrate *c)
{
	char date[11];

	printf("%s%s%s, %s, against %s", certificate_clean(c->sensor_name),
	       *c->serial ? ", serial " : "", certificate_clean(c->serial),
	       sense_day_format(c->day, date), certificate_clean(c->reference));
	if (c->certificate)
		printf(" (%s)",
		       certificate_clean(sense_certificate_get_unique_identifier(c->certificate)));
	printf("\nValues in %s, readings in %s\n\n",
	       certificate_clean(sense_sensor_get_unit(c->sensor)),
	       certificate_clean(sense_sensor_get_input_unit(c->sensor)));
	print_points(c);
	if (!c->check)
		print_fit(c);
	putchar('\n');
	if (!isnan(c->tolerance))
		printf("Tolerance %.6g, rule %s: %s%s%s\n", c->tolerance,
		       sense_decision_rule_get_name(c->rule),
		       ink(stdout, c->conforming ? INK_GOOD : INK_BAD),
		       c->conforming ? "conforms at every point" :
				       "does not conform at every point",
		       ink(stdout, INK_PLAIN));
	if (c->certificate && !c->pem)
		puts("The signature of the reference's certificate was not checked (--trusted-pem)");
	if (c->record_path)
		printf("Record %s in %s: not an accredited calibration certificate, not signed\n",
		       c->record_identifier, c->record_path);
	if (c->output)
		printf("Sensor file %s\n", c->output);
	if (c->log_path)
		printf("Log %s, digest %s\n", c->log_path, c->new_head);
	return say_done(stdout, "standard output");
}
